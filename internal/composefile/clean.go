package composefile

import "go.yaml.in/yaml/v4"

// Clean returns the content of a file without the parts that have mistakes, so that the loader can read the rest. The
// result is not ok for a file with a mistake in its syntax or format.
func Clean(f *File, mistakes []Mistake) (content []byte, ok bool) {
	wrong := map[*yaml.Node]bool{}
	for _, m := range mistakes {
		if m.Path != f.Path {
			continue
		}
		if m.node == nil {
			return nil, false
		}
		wrong[m.node] = true
	}
	if f.Err != nil {
		return nil, false
	}
	if len(wrong) == 0 {
		return f.Content, true
	}
	for _, root := range f.Documents {
		kept := withoutNodes(root, wrong, 0)
		if kept == nil {
			continue
		}
		text, err := yaml.Marshal(kept)
		if err != nil {
			return nil, false
		}
		content = append(append(content, "---\n"...), text...)
	}
	return content, true
}

// serviceDepth is the depth of the value of a service, network or volume below the document.
const serviceDepth = 3

// withoutNodes copies a node without the wrong nodes. A wrong service stays as a service without attributes, because
// other services may refer to its name.
func withoutNodes(node *yaml.Node, wrong map[*yaml.Node]bool, depth int) *yaml.Node {
	if wrong[node] || depth > maxDepth {
		return nil
	}
	if node.Kind == yaml.AliasNode {
		return withoutNodes(node.Alias, wrong, depth)
	}
	kept := *node
	kept.Content, kept.Anchor = nil, ""
	if isNull(node) {
		kept.Value = "null" // the library writes an empty value as a text
	}
	if node.Kind != yaml.MappingNode {
		for _, child := range node.Content {
			if child := withoutNodes(child, wrong, depth+1); child != nil {
				kept.Content = append(kept.Content, child)
			}
		}
		return &kept
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], withoutNodes(node.Content[i+1], wrong, depth+1)
		if wrong[key] || value == nil {
			if have, _ := Entry(&kept, key.Value); have != nil || depth+1 != serviceDepth {
				continue
			}
			value = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		}
		kept.Content = append(kept.Content, key, value)
	}
	return &kept
}

// brokenServices returns the services with a mistake in one of the files.
func brokenServices(sources []source, mistakes []Mistake) map[string]bool {
	wrong := map[*yaml.Node]bool{}
	for _, m := range mistakes {
		wrong[m.node] = m.node != nil
	}
	broken := map[string]bool{}
	for _, s := range sources {
		for _, root := range s.Documents {
			entries(Value(root, servicesKey), func(name, service *yaml.Node) {
				if wrong[name] || containsNode(service, wrong, 0) {
					broken[name.Value] = true
				}
			})
		}
	}
	return broken
}

func containsNode(node *yaml.Node, wanted map[*yaml.Node]bool, depth int) bool {
	if node == nil || depth > maxDepth {
		return false
	}
	if wanted[node] {
		return true
	}
	for _, child := range append(node.Content, node.Alias) {
		if containsNode(child, wanted, depth+1) {
			return true
		}
	}
	return false
}

package starter

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// entry is an entry of a mapping.
type entry struct{ key, value *yaml.Node }

// maxYAMLDepth is the depth of the deepest YAML source.
const maxYAMLDepth = 100

// parseYAML returns the top node of the first document; nil for an empty text.
func parseYAML(content []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return nil, fmt.Errorf("no valid YAML: %w", err)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	nodes := maxYAMLNodes
	if err := checkSize(&doc, 0, &nodes); err != nil {
		return nil, err
	}
	return resolved(doc.Content[0]), nil
}

// maxYAMLNodes is the number of nodes of the largest YAML source, with each alias counted as its target.
const maxYAMLNodes = 200_000

// checkSize returns an error for a text that a few aliases make very large.
func checkSize(node *yaml.Node, depth int, nodes *int) error {
	if *nodes--; *nodes < 0 || depth > maxYAMLDepth {
		return errors.New("the YAML has too many or too deeply nested values: name a smaller file")
	}
	if node.Kind == yaml.AliasNode {
		return checkSize(node.Alias, depth+1, nodes)
	}
	for _, c := range node.Content {
		if err := checkSize(c, depth+1, nodes); err != nil {
			return err
		}
	}
	return nil
}

// resolved follows an alias.
func resolved(node *yaml.Node) *yaml.Node {
	for node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// entries returns the entries of a mapping in the order of the file. `<<` adds the entries of other mappings.
func entries(node *yaml.Node) []entry {
	if node = resolved(node); node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	var list, merged []entry
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], resolved(node.Content[i+1])
		if key.Value != "<<" {
			list = append(list, entry{key, value})
			continue
		}
		if value.Kind == yaml.SequenceNode {
			for _, item := range value.Content {
				merged = append(merged, entries(item)...)
			}
			continue
		}
		merged = append(merged, entries(value)...)
	}
	for _, e := range merged {
		if find(list, e.key.Value) == nil {
			list = append(list, e)
		}
	}
	return list
}

func find(list []entry, name string) *yaml.Node {
	for _, e := range list {
		if e.key.Value == name {
			return e.value
		}
	}
	return nil
}

// child returns the value of an entry of a mapping; nil, where no entry has the name.
func child(node *yaml.Node, name string) *yaml.Node { return find(entries(node), name) }

// scalar returns the text of a scalar; empty for other nodes.
func scalar(node *yaml.Node) string {
	if node = resolved(node); node == nil || node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		return ""
	}
	return node.Value
}

// items returns the elements of a list. A scalar or mapping is a list of itself.
func items(node *yaml.Node) []*yaml.Node {
	if node = resolved(node); node == nil || node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		return []*yaml.Node{node}
	}
	list := make([]*yaml.Node, len(node.Content))
	for i, item := range node.Content {
		list[i] = resolved(item)
	}
	return list
}

// scalars returns the texts of a list of scalars.
func scalars(node *yaml.Node) []string {
	var list []string
	for _, item := range items(node) {
		if item.Kind == yaml.ScalarNode {
			list = append(list, item.Value)
		}
	}
	return list
}

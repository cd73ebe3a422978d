package composefile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Part is an attribute of a file as a document of its own.
type Part struct {
	// Path is the path of the attribute: "services.web.build".
	Path string
	// Key is the key of the attribute in the file. LastLine is the last line of the value.
	Key      *yaml.Node
	LastLine int
	// Document has only the attribute, and an image for its service.
	Document *yaml.Node
}

// Parts returns the attributes of all services, and the other resources of a file.
func Parts(f *File) []Part {
	var parts []Part
	for _, root := range f.Documents {
		entries(root, func(section, value *yaml.Node) {
			switch {
			case section.Value == servicesKey:
				entries(value, func(name, service *yaml.Node) { parts = append(parts, serviceParts(section, name, service)...) })
			case slices.Contains([]string{"networks", "volumes", "secrets", "configs", "models"}, section.Value):
				entries(value, func(name, resource *yaml.Node) {
					parts = append(parts, newPart(name, resource, section.Value, name.Value))
				})
			}
		})
	}
	return parts
}

// serviceParts returns the attributes of a service.
func serviceParts(section, name, service *yaml.Node) []Part {
	var parts []Part
	entries(service, func(key, value *yaml.Node) {
		if key.Value == "extends" || key.Value == mergeKey {
			return
		}
		part := newPart(key, value, section.Value, name.Value, key.Value)
		if key.Value != "image" {
			serviceNode := Value(part.Document, section.Value, name.Value)
			serviceNode.Content = append(serviceNode.Content, text("image"), text("image"))
		}
		parts = append(parts, part)
	})
	return parts
}

// newPart nests a value below a path. Without services, the document has a service.
func newPart(key, value *yaml.Node, path ...string) Part {
	node := withoutNodes(value, nil, 0)
	for i := len(path) - 1; i >= 0; i-- {
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{text(path[i]), node}}
	}
	if path[0] != servicesKey {
		service := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{text("image"), text("image")}}
		services := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{text("service"), service}}
		node.Content = append(node.Content, text(servicesKey), services)
	}
	return Part{Path: strings.Join(path, "."), Key: key, LastLine: max(key.Line, lastLine(value, 0)), Document: node}
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// lastLine returns the line of the last node below a node.
func lastLine(node *yaml.Node, depth int) int {
	if node == nil || depth > maxDepth {
		return 0
	}
	last := node.Line
	for _, child := range node.Content {
		last = max(last, lastLine(child, depth+1))
	}
	return last
}

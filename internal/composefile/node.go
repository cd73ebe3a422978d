package composefile

import (
	"strconv"

	"go.yaml.in/yaml/v4"
)

const mergeKey = "<<"

// dereference follows documents and aliases to the value of a node.
func dereference(node *yaml.Node) *yaml.Node {
	for node != nil {
		switch {
		case node.Kind == yaml.DocumentNode && len(node.Content) > 0:
			node = node.Content[0]
		case node.Kind == yaml.AliasNode:
			node = node.Alias
		default:
			return node
		}
	}
	return nil
}

// Entry finds a key of a mapping, also a key merged by `<<`.
func Entry(node *yaml.Node, name string) (key, value *yaml.Node) {
	node = dereference(node)
	if node == nil || node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != mergeKey {
			continue
		}
		for _, merged := range mergedMappings(node.Content[i+1]) {
			if key, value := Entry(merged, name); key != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

// mergedMappings returns the mappings of a `<<` key: a single mapping, or the items of a list.
func mergedMappings(value *yaml.Node) []*yaml.Node {
	if value = dereference(value); value != nil && value.Kind == yaml.SequenceNode {
		return value.Content
	}
	return []*yaml.Node{value}
}

// Value follows the keys of mappings and returns the value, or nil.
func Value(node *yaml.Node, path ...string) *yaml.Node {
	node = dereference(node)
	for _, name := range path {
		if _, node = Entry(node, name); node == nil {
			return nil
		}
		node = dereference(node)
	}
	return node
}

// place is a position in a document: the node of a value, and the key of the value in a mapping.
type place struct{ key, value *yaml.Node }

// node returns the key, or the value without a key.
func (p place) node() *yaml.Node {
	if p.key != nil {
		return p.key
	}
	return p.value
}

// follow descends along keys and list indices. The result is not ok if a part of the path is missing; the place is then
// the deepest existing part.
func follow(node *yaml.Node, path []string) (at place, ok bool) {
	at = place{value: dereference(node)}
	for _, name := range path {
		next := place{}
		switch at.value.Kind {
		case yaml.MappingNode:
			next.key, next.value = Entry(at.value, name)
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(name); err == nil && i < len(at.value.Content) {
				next.value = at.value.Content[i]
			}
		}
		if next.value == nil {
			return at, false
		}
		next.value = dereference(next.value)
		at = next
	}
	return at, true
}

// entries calls visit for each key of a mapping, without merged keys.
func entries(node *yaml.Node, visit func(key, value *yaml.Node)) {
	node = dereference(node)
	if node == nil || node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		visit(node.Content[i], dereference(node.Content[i+1]))
	}
}

// items returns the items of a list, or nil.
func items(node *yaml.Node) []*yaml.Node {
	if node = dereference(node); node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content
}

// isNull reports whether a value is missing or null.
func isNull(node *yaml.Node) bool {
	return node == nil || node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

// maxNodes is the largest number of nodes of a document, with the nodes of aliases. compose-go has the same limit.
const maxNodes = 100_000

// isTooLarge reports whether a document has too many nodes, for instance by aliases of aliases.
func isTooLarge(node *yaml.Node) bool { return countNodes(node, 0) > maxNodes }

// countNodes counts the nodes below a node, and stops above the limit.
func countNodes(node *yaml.Node, count int) int {
	if count++; node.Kind == yaml.AliasNode {
		return countNodes(node.Alias, count)
	}
	for _, child := range node.Content {
		if count > maxNodes {
			break
		}
		count = countNodes(child, count)
	}
	return count
}

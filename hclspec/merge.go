package hclspec

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// merged lays a block over another one of the same type, before anything is evaluated: attributes that merge by key (env
// and labels) keep both, as layers; named blocks are taken by type and name, those without a name by type; everything else
// of the upper one replaces. An attribute that is written as null takes away what is beneath, here and in later calls. Neither is changed.
//
// `defaults` and `extends` are merged so: merged(merged(defaults, base), own).
func merged(beneath, over *node) *node {
	m := *over
	m.attrs, m.blocks, m.unset = map[string]*attr{}, maps.Clone(beneath.blocks), maps.Clone(over.unset)
	if m.blocks == nil {
		m.blocks = map[string]*node{}
	}
	if m.unset == nil {
		m.unset = map[string]bool{}
	}
	maps.Copy(m.blocks, over.blocks)
	m.misnamed = over.misnamed || beneath.misnamed
	m.layers, m.repeated = nil, mergedBlocks(beneath.repeated, over.repeated)
	for name, a := range beneath.attrs {
		own := over.attrs[name]
		switch {
		case over.unset[name]:
		case own == nil:
			m.attrs[name] = a
			m.layers = append(m.layers, beneath.layersOf(name)...)
		case isNull(own.expr):
			m.unset[name] = true
		case a.byKey:
			m.layers = append(append(m.layers, beneath.layersOf(name)...), a)
		}
	}
	for name, a := range over.attrs {
		if !m.unset[name] {
			m.attrs[name] = a
			m.layers = append(m.layers, over.layersOf(name)...)
		}
	}
	for name := range beneath.unset {
		if m.attrs[name] == nil {
			m.unset[name] = true
		}
	}
	return &m
}

// mergedBlocks keeps the blocks beneath that have no counterpart above: one of the same type and name.
func mergedBlocks(beneath, over []*node) []*node {
	replaced := func(b *node) bool {
		return slices.ContainsFunc(over, func(o *node) bool { return o.typ.name == b.typ.name && o.label == b.label })
	}
	return append(slices.DeleteFunc(slices.Clone(beneath), replaced), over...)
}

// layersOf are the values of an attribute that merges by key which lie beneath the one in attrs, lowest first.
func (n *node) layersOf(name string) []*attr {
	var layers []*attr
	for _, a := range n.layers {
		if a.name == name {
			layers = append(layers, a)
		}
	}
	return layers
}

// named gives every value of an attribute, the one that wins last.
func (n *node) named(name string) []*attr {
	layers := n.layersOf(name)
	if a := n.attrs[name]; a != nil {
		layers = append(layers, a)
	}
	return slices.Clip(layers)
}

// isNull says that a value is written as null.
func isNull(expr hclsyntax.Expression) bool {
	literal, ok := expr.(*hclsyntax.LiteralValueExpr)
	return ok && literal.Val.IsNull()
}

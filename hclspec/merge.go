package hclspec

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// mergeBlocks lays a block over another one of the same type, before anything is evaluated: attributes that merge by key (env
// and labels) keep both, as layers; named blocks are taken by type and name, those without a name by type; everything else
// of the upper one replaces. An attribute that is written as null takes away what is beneath, here and in later calls. Neither is changed.
//
// `defaults` and `extends` are merged so: merged(merged(defaults, base), own).
func mergeBlocks(lower, upper *decodedBlock) *decodedBlock {
	m := *upper
	m.attrs, m.singleBlocks, m.nulled = map[string]*decodedAttribute{}, maps.Clone(lower.singleBlocks), maps.Clone(upper.nulled)
	if m.singleBlocks == nil {
		m.singleBlocks = map[string]*decodedBlock{}
	}
	if m.nulled == nil {
		m.nulled = map[string]bool{}
	}
	maps.Copy(m.singleBlocks, upper.singleBlocks)
	m.hasUnknownNames = upper.hasUnknownNames || lower.hasUnknownNames
	m.layers, m.repeatedBlocks = nil, mergeRepeatedBlocks(lower.repeatedBlocks, upper.repeatedBlocks)
	for name, a := range lower.attrs {
		own := upper.attrs[name]
		switch {
		case upper.nulled[name]:
		case own == nil:
			m.attrs[name] = a
			m.layers = append(m.layers, lower.lowerLayers(name)...)
		case isNull(own.expr):
			m.nulled[name] = true
		case a.mergesByKey:
			m.layers = append(append(m.layers, lower.lowerLayers(name)...), a)
		}
	}
	for name, a := range upper.attrs {
		if !m.nulled[name] {
			m.attrs[name] = a
			m.layers = append(m.layers, upper.lowerLayers(name)...)
		}
	}
	for name := range lower.nulled {
		if m.attrs[name] == nil {
			m.nulled[name] = true
		}
	}
	return &m
}

// mergeRepeatedBlocks keeps the blocks beneath that have no counterpart above: one of the same type and name.
func mergeRepeatedBlocks(lower, upper []*decodedBlock) []*decodedBlock {
	replaced := func(b *decodedBlock) bool {
		return slices.ContainsFunc(upper, func(o *decodedBlock) bool { return o.typ.name == b.typ.name && o.label == b.label })
	}
	return append(slices.DeleteFunc(slices.Clone(lower), replaced), upper...)
}

// lowerLayers are the values of an attribute that merges by key which lie beneath the one in attrs, lowest first.
func (n *decodedBlock) lowerLayers(name string) []*decodedAttribute {
	var layers []*decodedAttribute
	for _, a := range n.layers {
		if a.name == name {
			layers = append(layers, a)
		}
	}
	return layers
}

// named gives every value of an attribute, the one that wins last.
func (n *decodedBlock) allLayers(name string) []*decodedAttribute {
	layers := n.lowerLayers(name)
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

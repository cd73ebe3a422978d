package config

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
func mergeBlocks(lower, upper *Block) *Block {
	m := *upper
	m.Attrs, m.SingleBlocks, m.nulled = map[string]*Attribute{}, maps.Clone(lower.SingleBlocks), maps.Clone(upper.nulled)
	if m.SingleBlocks == nil {
		m.SingleBlocks = map[string]*Block{}
	}
	if m.nulled == nil {
		m.nulled = map[string]bool{}
	}
	maps.Copy(m.SingleBlocks, upper.SingleBlocks)
	m.hasUnknownNames = upper.hasUnknownNames || lower.hasUnknownNames
	m.Layers, m.RepeatedBlocks = nil, mergeRepeatedBlocks(lower.RepeatedBlocks, upper.RepeatedBlocks)
	for name, a := range lower.Attrs {
		own := upper.Attrs[name]
		switch {
		case upper.nulled[name]:
		case own == nil:
			m.Attrs[name] = a
			m.Layers = append(m.Layers, lower.LowerLayers(name)...)
		case IsNull(own.Expr):
			m.nulled[name] = true
		case a.MergesByKey:
			m.Layers = append(append(m.Layers, lower.LowerLayers(name)...), a)
		}
	}
	for name, a := range upper.Attrs {
		if !m.nulled[name] {
			m.Attrs[name] = a
			m.Layers = append(m.Layers, upper.LowerLayers(name)...)
		}
	}
	for name := range lower.nulled {
		if m.Attrs[name] == nil {
			m.nulled[name] = true
		}
	}
	return &m
}

// mergeRepeatedBlocks keeps the blocks beneath that have no counterpart above: one of the same type and name.
func mergeRepeatedBlocks(lower, upper []*Block) []*Block {
	replaced := func(b *Block) bool {
		return slices.ContainsFunc(upper, func(o *Block) bool { return o.Type.Name == b.Type.Name && o.Label == b.Label })
	}
	return append(slices.DeleteFunc(slices.Clone(lower), replaced), upper...)
}

// LowerLayers are the values of an attribute that merges by key which lie beneath the one in attrs, lowest first.
func (n *Block) LowerLayers(name string) []*Attribute {
	var layers []*Attribute
	for _, a := range n.Layers {
		if a.Name == name {
			layers = append(layers, a)
		}
	}
	return layers
}

// named gives every value of an attribute, the one that wins last.
func (n *Block) AllLayers(name string) []*Attribute {
	layers := n.LowerLayers(name)
	if a := n.Attrs[name]; a != nil {
		layers = append(layers, a)
	}
	return slices.Clip(layers)
}

// IsNull says that a value is written as null.
func IsNull(expr hclsyntax.Expression) bool {
	literal, ok := expr.(*hclsyntax.LiteralValueExpr)
	return ok && literal.Val.IsNull()
}

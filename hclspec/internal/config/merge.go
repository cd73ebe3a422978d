package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// mergeBlocks merges a block over another block of the same type, before all evaluation. Both blocks stay unchanged.
//
//   - Attributes that merge by key (env and labels) keep both values, as layers.
//   - Inner blocks with a label are replaced by type and label, inner blocks without a label by type.
//   - All other parts of the upper block replace the parts of the lower block.
//   - A literal null removes the value below, in this merge and in later merges.
//
// The order of `defaults` and `extends` is mergeBlocks(mergeBlocks(defaults, base), own).
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

// mergeRepeatedBlocks keeps the lower blocks without an upper block of the same type and name.
func mergeRepeatedBlocks(lower, upper []*Block) []*Block {
	replaced := func(b *Block) bool {
		return slices.ContainsFunc(upper, func(o *Block) bool { return o.Type.Name == b.Type.Name && o.Label == b.Label })
	}
	return append(slices.DeleteFunc(slices.Clone(lower), replaced), upper...)
}

// LowerLayers returns the values below Attrs of an attribute that merges by key, lowest first.
func (n *Block) LowerLayers(name string) []*Attribute {
	var layers []*Attribute
	for _, a := range n.Layers {
		if a.Name == name {
			layers = append(layers, a)
		}
	}
	return layers
}

// AllLayers returns all values of an attribute. The last value wins.
func (n *Block) AllLayers(name string) []*Attribute {
	layers := n.LowerLayers(name)
	if a := n.Attrs[name]; a != nil {
		layers = append(layers, a)
	}
	return slices.Clip(layers)
}

// IsNull reports whether an expression is a literal null.
func IsNull(expr hclsyntax.Expression) bool {
	literal, ok := expr.(*hclsyntax.LiteralValueExpr)
	return ok && literal.Val.IsNull()
}

package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// reporter collects the diagnostics of a project's files.
type reporter struct {
	diags hcl.Diagnostics
}

// report adds a diagnostic, unless the diagnostic only follows from a reported mistake.
func (r *reporter) report(d *hcl.Diagnostic) {
	if !diag.IsKind[diag.FollowUp](d) {
		r.diags = append(r.diags, d)
	}
}

// Block is a block with names that its type allows.
type Block struct {
	Type  *BlockType
	Label string
	// HeaderRange is the place of the block's type and labels, LabelRange the place of the label, BlockRange the
	// place of the whole block.
	HeaderRange, LabelRange, BlockRange hcl.Range
	Attrs                               map[string]*Attribute
	// Layers are values below Attrs, lowest first, of attributes that merge by key (see [mergeBlocks]).
	Layers []*Attribute
	// nulled are names that a null has removed from the blocks below.
	nulled map[string]bool
	// SingleBlocks are inner blocks of a type that may appear once, by type. RepeatedBlocks are all others, in
	// order.
	SingleBlocks   map[string]*Block
	RepeatedBlocks []*Block
	// hasUnknownNames reports whether the block has unknown names. A missing attribute may be misspelt then.
	hasUnknownNames bool
	// includedModule is the module of an include block, or nil if the source could not be read.
	includedModule *Module
	Origin
}

// Attribute is an attribute with a value, under its declared name.
type Attribute struct {
	AttributeType
	Expression
	NameRange hcl.Range
	// IsFromDefaults reports whether the task has the attribute from defaults.
	IsFromDefaults bool
}

// Expression is an expression with its references.
type Expression struct {
	Expr hclsyntax.Expression
	Refs []Reference
	Origin
}

// SortedAttrs returns the layers, then the attributes in the order of the file.
func (n *Block) SortedAttrs() []*Attribute {
	attrs := slices.SortedFunc(maps.Values(n.Attrs), func(a, b *Attribute) int {
		return cmp.Or(
			cmp.Compare(a.NameRange.Filename, b.NameRange.Filename),
			cmp.Compare(a.NameRange.Start.Byte, b.NameRange.Start.Byte),
		)
	})
	return slices.Concat(n.Layers, attrs)
}

// declareSource declares the blocks of a file.
func (d *declarer) declareSource(p parsedSource, mod *Module) {
	if p.body == nil {
		return
	}
	root := FileBlockType()
	for _, a := range sortedAttributes(p.body) {
		d.reportUnknownAttribute(a, root)
	}
	for _, block := range p.body.Blocks {
		typ := root.blockNamed(block.Type)
		if typ == nil {
			d.reportUnknownBlock(block, root)
			continue
		}
		n, ok := d.decodeBlock(block, typ, Origin{Dir: p.dir, Module: mod})
		if ok {
			d.declareBlock(n)
		}
	}
}

// declareBlock declares a top-level block under its name.
func (d *declarer) declareBlock(n *Block) {
	switch n.Type.Name {
	case "include":
		d.declareInclude(n)
	case "compose":
		if n.Module.Compose != nil {
			d.reportDuplicate("compose block", n.HeaderRange, n.Module.Compose.HeaderRange)
			return
		}
		n.Module.Compose = n
	case "tasks":
		d.declareSettings(n)
	case "defaults":
		d.declareDefaults(n)
	case "variable":
		d.declareVariable(n)
	case "locals":
		d.declareLocals(n)
	case "function":
		d.declareFunction(n)
	case "task":
		d.declareTask(n)
	case "service":
		d.declareService(n)
	case "engine":
		d.declareEngine(n)
	}
}

func (r *reporter) reportDuplicate(what string, second, first hcl.Range) {
	r.report(diag.ErrorAt(second, "duplicate "+what, "It was first defined at %s. Rename or remove one of the two.",
		diag.Place(first)))
}

// decodeBlock checks the names of a block. The result is not ok without a usable label.
func (d *decoder) decodeBlock(block *hclsyntax.Block, typ *BlockType, from Origin) (*Block, bool) {
	n := &Block{Type: typ, HeaderRange: block.DefRange(), BlockRange: block.Range(), Origin: from,
		Attrs: map[string]*Attribute{}, SingleBlocks: map[string]*Block{}}
	ok := d.decodeLabel(block, n)
	for _, a := range sortedAttributes(block.Body) {
		d.decodeAttribute(a, n)
	}
	for _, inner := range block.Body.Blocks {
		d.decodeInnerBlock(inner, n)
	}
	return n, ok
}

func (d *decoder) decodeLabel(block *hclsyntax.Block, n *Block) bool {
	switch {
	case n.Type.Label == "" && len(block.Labels) > 0:
		d.report(diag.ErrorAt(block.LabelRanges[0], "superfluous name", "%s has no name: write `%s {`.",
			sentenceTitle(n.Type), n.Type.Name))
		return true
	case n.Type.Label == "":
		return true
	case len(block.Labels) == 0:
		d.report(diag.ErrorAt(block.DefRange(), "missing name", "Write the name of the %s: `%s \"name\" {`.", n.Type.Label,
			n.Type.Name))
		return false
	case len(block.Labels) > 1:
		d.report(diag.ErrorAt(block.LabelRanges[1], "superfluous name", "%s has one name: write `%s %q {`.",
			sentenceTitle(n.Type), n.Type.Name, block.Labels[0]))
	}
	n.Label, n.LabelRange = block.Labels[0], block.LabelRanges[0]
	return true
}

// sentenceTitle returns the block's title for the start of a sentence.
func sentenceTitle(typ *BlockType) string {
	return "A" + typ.title()[1:]
}

func (d *decoder) decodeAttribute(a *hclsyntax.Attribute, n *Block) {
	found, ok := n.Type.AttributeNamed(a.Name)
	switch {
	case n.Type.IsOpen:
		found = AttributeType{Name: a.Name, Kinds: nil}
	case !ok:
		n.hasUnknownNames = true
		if n.Type.Name == "defaults" && d.reportTaskOnlyAttribute(a) {
			return
		}
		d.reportUnknownAttribute(a, n.Type)
		return
	}
	if first, set := n.Attrs[found.Name]; set {
		d.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q is set twice", found.Name),
			"%s and %s are the same attribute; the other one is at %s.", found.Name, found.Alias, diag.Place(first.NameRange)))
		return
	}
	n.Attrs[found.Name] = &Attribute{AttributeType: found, NameRange: a.NameRange,
		Expression: Expression{Expr: a.Expr, Origin: n.Origin}}
}

func (d *decoder) decodeInnerBlock(block *hclsyntax.Block, n *Block) {
	typ := n.Type.blockNamed(block.Type)
	if typ == nil {
		n.hasUnknownNames = true
		d.reportUnknownBlock(block, n.Type)
		return
	}
	if typ.IsSingle {
		if first, set := n.SingleBlocks[typ.Name]; set {
			d.reportDuplicate(typ.Name+" block", block.DefRange(), first.HeaderRange)
			return
		}
		n.SingleBlocks[typ.Name], _ = d.decodeBlock(block, typ, n.Origin)
		return
	}
	inner, ok := d.decodeBlock(block, typ, n.Origin)
	if !ok {
		return
	}
	for _, first := range n.BlocksOfType(typ.Name) {
		if typ.Label != "" && first.Label == inner.Label {
			d.reportDuplicate(fmt.Sprintf("%s %q", typ.Name, inner.Label), inner.LabelRange, first.LabelRange)
			return
		}
	}
	n.RepeatedBlocks = append(n.RepeatedBlocks, inner)
}

// BlocksOfType returns the repeated inner blocks of a type, in order.
func (n *Block) BlocksOfType(typ string) []*Block {
	return slices.DeleteFunc(slices.Clone(n.RepeatedBlocks), func(inner *Block) bool { return inner.Type.Name != typ })
}

func (d *decoder) reportUnknownAttribute(a *hclsyntax.Attribute, in *BlockType) {
	summary := fmt.Sprintf("unknown attribute %q", a.Name)
	if inner := in.blockNamed(a.Name); inner != nil {
		d.reportUnknownName(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q is a block", a.Name),
			"Write `%s {`, without the equals sign.", inner.headText("…")))
		return
	}
	detail := "The top of a file holds only blocks; a value of your own goes into `locals { }`."
	if in.Name != "" {
		detail = fmt.Sprintf("There is no attribute %q in %s.", a.Name, in.title())
	}
	d.reportUnknownName(diag.ErrorAt(a.NameRange, summary, "%s%s", detail, in.suggestName(a.Name, in.Names(), false)))
}

// reportUnknownName reports an unknown name. The rest of the file stays usable.
func (d *decoder) reportUnknownName(unknown *hcl.Diagnostic) {
	diag.SetKind(unknown, diag.NonFatal{})
	d.report(unknown)
}

// suggestName suggests a name for the block. If the author wrote an attribute in place of a block, or a block in
// place of an attribute, the hint shows the right syntax.
func (b *BlockType) suggestName(name string, candidates []string, asBlock bool) diag.Text {
	near := suggest.NearestName(name, candidates)
	hint := diag.Text{}
	if near != "" {
		hint = diag.Suggest(" Did you mean %q?", near)
	}
	switch inner := b.blockNamed(near); {
	case near == "" || (inner != nil) == asBlock:
		return hint
	case inner == nil:
		return diag.Textf("%s It is an attribute: write `%s = …`.", hint, near)
	default:
		return diag.Textf("%s It is a block: write `%s {`.", hint, inner.headText("…"))
	}
}

// headText returns the start of a block, with a name for a labeled block.
func (b *BlockType) headText(name string) string {
	if b.Label == "" {
		return b.Name
	}
	return fmt.Sprintf("%s %q", b.Name, name)
}

// similarNames returns candidates for an unknown block. For a labeled block with a near candidate, these are the
// labeled blocks. Otherwise these are all names.
func (b *BlockType) similarNames(block *hclsyntax.Block) []string {
	var names []string
	for _, inner := range b.Blocks {
		if inner.Label != "" && len(block.Labels) > 0 {
			names = append(names, inner.Name)
		}
	}
	if suggest.NearestName(block.Type, names) == "" {
		return b.Names()
	}
	return names
}

func (d *decoder) reportUnknownBlock(block *hclsyntax.Block, in *BlockType) {
	if _, ok := in.AttributeNamed(block.Type); ok {
		d.reportUnknownName(diag.ErrorAt(block.TypeRange, fmt.Sprintf("%q is an attribute", block.Type),
			"Write `%s = …`, with an equals sign.", block.Type))
		return
	}
	d.reportUnknownName(diag.ErrorAt(block.TypeRange, fmt.Sprintf("unknown block %q", block.Type),
		"There is no block %q in %s.%s", block.Type, in.title(), in.suggestName(block.Type, in.similarNames(block), true)))
}

// sortedAttributes returns the attributes of a body in the order of the file.
func sortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	return slices.SortedFunc(maps.Values(body.Attributes), func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.NameRange.Start.Byte, b.NameRange.Start.Byte)
	})
}

// HasUnknownNamesInside reports whether the block or an inner block has unknown names.
func (n *Block) HasUnknownNamesInside() bool {
	if n.hasUnknownNames || slices.ContainsFunc(n.RepeatedBlocks, (*Block).HasUnknownNamesInside) {
		return true
	}
	for _, inner := range n.SingleBlocks {
		if inner.HasUnknownNamesInside() {
			return true
		}
	}
	return false
}

package hclspec

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// checker gathers the mistakes of the whole file.
type checker struct {
	file *File
	// mod is the module whose names are looked up: that of the expression which is checked.
	mod *module
	// functionParams are the names that the parameters of a function make in its result.
	functionParams []string
	// loopVariables are the variables of `for` in the expression that is checked.
	loopVariables []string
	diags         hcl.Diagnostics
	// functions are those that can be called, made at the first call that is seen.
	functions map[string]function.Function
}

func (c *checker) report(d *hcl.Diagnostic) {
	if !diag.IsKind[diag.FollowUp](d) {
		c.diags = append(c.diags, d)
	}
}

// node is a block after its names were checked against its type.
type decodedBlock struct {
	typ   *blockType
	label string
	// headerRange is the place of the block's type and labels, labelRange that of the label, whole that of the block.
	headerRange, labelRange, blockRange hcl.Range
	attrs                               map[string]*decodedAttribute
	// layers are values beneath those of attrs, lowest first, of attributes that merge by key (see merged).
	layers []*decodedAttribute
	// nulled are the names that a null has taken away from what is beneath.
	nulled map[string]bool
	// singleBlocks are the inner blocks that may be written once, by type; repeated those that may be written several times, in
	// order.
	singleBlocks   map[string]*decodedBlock
	repeatedBlocks []*decodedBlock
	// hasUnknownNames says that it holds unknown names, so that what it lacks may only be misspelt.
	hasUnknownNames bool
	// included is what an include block brings in, nil where that is not there.
	includedModule *module
	origin
}

// decodedAttribute is one attribute that is set, under the name of its declaration.
type decodedAttribute struct {
	attributeType
	expression
	nameRange hcl.Range
	// fromDefaults says that the task has it from defaults.
	isFromDefaults bool
}

// expression is an expression with what it refers to.
type expression struct {
	expr hclsyntax.Expression
	refs []reference
	origin
}

// sortedAttrs gives the attributes in the order of the file, after the layers beneath them.
func (n *decodedBlock) sortedAttrs() []*decodedAttribute {
	attrs := slices.SortedFunc(maps.Values(n.attrs), func(a, b *decodedAttribute) int {
		return cmp.Or(
			cmp.Compare(a.nameRange.Filename, b.nameRange.Filename),
			cmp.Compare(a.nameRange.Start.Byte, b.nameRange.Start.Byte),
		)
	})
	return slices.Concat(n.layers, attrs)
}

// declareSource takes a file's blocks into the program.
func (c *checker) declareSource(p parsedSource, mod *module) {
	if p.body == nil {
		return
	}
	root := fileBlockType()
	for _, a := range sortedAttributes(p.body) {
		c.reportUnknownAttribute(a, root)
	}
	for _, block := range p.body.Blocks {
		typ := root.blockNamed(block.Type)
		if typ == nil {
			c.reportUnknownBlock(block, root)
			continue
		}
		n, ok := c.decodeBlock(block, typ, origin{dir: p.dir, mod: mod})
		if ok {
			c.declareBlock(n)
		}
	}
}

// declareBlock files a top-level block under its name.
func (c *checker) declareBlock(n *decodedBlock) {
	switch n.typ.name {
	case "include":
		c.declareInclude(n)
	case "compose":
		if n.mod.compose != nil {
			c.reportDuplicate("compose block", n.headerRange, n.mod.compose.headerRange)
			return
		}
		n.mod.compose = n
	case "tasks":
		c.declareSettings(n)
	case "defaults":
		c.declareDefaults(n)
	case "variable":
		c.declareVariable(n)
	case "locals":
		c.declareLocals(n)
	case "function":
		c.declareFunction(n)
	case "task":
		c.declareTask(n)
	case "service":
		c.declareService(n)
	}
}

func (c *checker) reportDuplicate(what string, second, first hcl.Range) {
	c.report(diag.ErrorAt(second, "duplicate "+what, "It was first defined at %s. Rename or remove one of the two.", diag.Place(first)))
}

// node checks the names of a block. It is not ok without a usable label.
func (c *checker) decodeBlock(block *hclsyntax.Block, typ *blockType, from origin) (*decodedBlock, bool) {
	n := &decodedBlock{typ: typ, headerRange: block.DefRange(), blockRange: block.Range(), origin: from, attrs: map[string]*decodedAttribute{}, singleBlocks: map[string]*decodedBlock{}}
	ok := c.decodeLabel(block, n)
	for _, a := range sortedAttributes(block.Body) {
		c.decodeAttribute(a, n)
	}
	for _, inner := range block.Body.Blocks {
		c.decodeInnerBlock(inner, n)
	}
	return n, ok
}

func (c *checker) decodeLabel(block *hclsyntax.Block, n *decodedBlock) bool {
	switch {
	case n.typ.label == "" && len(block.Labels) > 0:
		c.report(diag.ErrorAt(block.LabelRanges[0], "superfluous name", "%s has no name: write `%s {`.", sentenceTitle(n.typ), n.typ.name))
		return true
	case n.typ.label == "":
		return true
	case len(block.Labels) == 0:
		c.report(diag.ErrorAt(block.DefRange(), "missing name", "Write the name of the %s: `%s \"name\" {`.", n.typ.label, n.typ.name))
		return false
	case len(block.Labels) > 1:
		c.report(diag.ErrorAt(block.LabelRanges[1], "superfluous name", "%s has one name: write `%s %q {`.", sentenceTitle(n.typ), n.typ.name, block.Labels[0]))
	}
	n.label, n.labelRange = block.Labels[0], block.LabelRanges[0]
	return true
}

// sentenceTitle is the block's title at the start of a sentence.
func sentenceTitle(typ *blockType) string {
	return "A" + typ.title()[1:]
}

func (c *checker) decodeAttribute(a *hclsyntax.Attribute, n *decodedBlock) {
	found, ok := n.typ.attributeNamed(a.Name)
	switch {
	case n.typ.isOpen:
		found = attributeType{name: a.Name, kinds: nil}
	case !ok:
		n.hasUnknownNames = true
		if n.typ.name == "defaults" && c.reportTaskOnlyAttribute(a) {
			return
		}
		c.reportUnknownAttribute(a, n.typ)
		return
	}
	if first, set := n.attrs[found.name]; set {
		c.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q is set twice", found.name),
			"%s and %s are the same attribute; the other one is at %s.", found.name, found.alias, diag.Place(first.nameRange)))
		return
	}
	n.attrs[found.name] = &decodedAttribute{attributeType: found, nameRange: a.NameRange, expression: expression{expr: a.Expr, origin: n.origin}}
}

func (c *checker) decodeInnerBlock(block *hclsyntax.Block, n *decodedBlock) {
	typ := n.typ.blockNamed(block.Type)
	if typ == nil {
		n.hasUnknownNames = true
		c.reportUnknownBlock(block, n.typ)
		return
	}
	if typ.isSingle {
		if first, set := n.singleBlocks[typ.name]; set {
			c.reportDuplicate(typ.name+" block", block.DefRange(), first.headerRange)
			return
		}
		n.singleBlocks[typ.name], _ = c.decodeBlock(block, typ, n.origin)
		return
	}
	inner, ok := c.decodeBlock(block, typ, n.origin)
	if !ok {
		return
	}
	for _, first := range n.blocksOfType(typ.name) {
		if typ.label != "" && first.label == inner.label {
			c.reportDuplicate(fmt.Sprintf("%s %q", typ.name, inner.label), inner.labelRange, first.labelRange)
			return
		}
	}
	n.repeatedBlocks = append(n.repeatedBlocks, inner)
}

// all gives the inner blocks of a type that may be written several times, in order.
func (n *decodedBlock) blocksOfType(typ string) []*decodedBlock {
	return slices.DeleteFunc(slices.Clone(n.repeatedBlocks), func(inner *decodedBlock) bool { return inner.typ.name != typ })
}

func (c *checker) reportUnknownAttribute(a *hclsyntax.Attribute, in *blockType) {
	summary := fmt.Sprintf("unknown attribute %q", a.Name)
	if inner := in.blockNamed(a.Name); inner != nil {
		c.reportUnknownName(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q is a block", a.Name), "Write `%s {`, without the equals sign.", inner.headText("…")))
		return
	}
	detail := "The top of a file holds only blocks; a value of your own goes into `locals { }`."
	if in.name != "" {
		detail = fmt.Sprintf("There is no attribute %q in %s.", a.Name, in.title())
	}
	c.reportUnknownName(diag.ErrorAt(a.NameRange, summary, "%s%s", detail, in.suggestName(a.Name, in.names(), false)))
}

// reportUnknownName reports a name that nobody knows.
func (c *checker) reportUnknownName(d *hcl.Diagnostic) {
	diag.SetKind(d, diag.NonFatal{})
	c.report(d)
}

// suggestName suggests one of the names that may stand in the block, and says how it is written where that is not what was
// written: a block in place of an attribute, or the other way round.
func (b *blockType) suggestName(name string, candidates []string, asBlock bool) diag.Text {
	hint, near := diag.DidYouMean(name, candidates), suggest.Nearest(name, candidates)
	switch inner := b.blockNamed(near); {
	case near == "" || (inner != nil) == asBlock:
		return hint
	case inner == nil:
		return diag.Textf("%s It is an attribute: write `%s = …`.", hint, near)
	default:
		return diag.Textf("%s It is a block: write `%s {`.", hint, inner.headText("…"))
	}
}

// headText is how a block begins, with a name where it has one.
func (b *blockType) headText(name string) string {
	if b.label == "" {
		return b.name
	}
	return fmt.Sprintf("%s %q", b.name, name)
}

// similarNames are the names that an unknown block may have meant: of one that has a name those of blocks that have one, where
// any of them is near, else all.
func (b *blockType) similarNames(block *hclsyntax.Block) []string {
	var names []string
	for _, inner := range b.blocks {
		if inner.label != "" && len(block.Labels) > 0 {
			names = append(names, inner.name)
		}
	}
	if suggest.Nearest(block.Type, names) == "" {
		return b.names()
	}
	return names
}

func (c *checker) reportUnknownBlock(block *hclsyntax.Block, in *blockType) {
	if _, ok := in.attributeNamed(block.Type); ok {
		c.reportUnknownName(diag.ErrorAt(block.TypeRange, fmt.Sprintf("%q is an attribute", block.Type), "Write `%s = …`, with an equals sign.", block.Type))
		return
	}
	c.reportUnknownName(diag.ErrorAt(block.TypeRange, fmt.Sprintf("unknown block %q", block.Type),
		"There is no block %q in %s.%s", block.Type, in.title(), in.suggestName(block.Type, in.similarNames(block), true)))
}

// sortedAttributes gives a body's attributes in the order of the file.
func sortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	return slices.SortedFunc(maps.Values(body.Attributes), func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.NameRange.Start.Byte, b.NameRange.Start.Byte)
	})
}

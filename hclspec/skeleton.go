package hclspec

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"
)

// checker gathers the mistakes of the whole file.
type checker struct {
	file *File
	// mod is the module whose names are looked up: that of the expression which is checked.
	mod *module
	// params are the names that the parameters of a function make in its result.
	params []string
	// loops are the variables of `for` in the expression that is checked.
	loops []string
	diags hcl.Diagnostics
	// functions are those that can be called, made at the first call that is seen.
	functions map[string]function.Function
}

func (c *checker) report(d *hcl.Diagnostic) {
	if d.Extra != (followUp{}) {
		c.diags = append(c.diags, d)
	}
}

// followUp is the Extra of a mistake that only follows from another one, which is reported: it is not.
type followUp struct{}

// node is a block after its names were checked against its type.
type node struct {
	typ   *blockType
	label string
	// header is the place of the block's type and labels, labelRange that of the label, whole that of the block.
	header, labelRange, whole hcl.Range
	attrs                     map[string]*attr
	// layers are values beneath those of attrs, lowest first, of attributes that merge by key (see merged).
	layers []*attr
	// unset are the names that a null has taken away from what is beneath.
	unset map[string]bool
	// blocks are the inner blocks that may be written once, by type; repeated those that may be written several times, in
	// order.
	blocks   map[string]*node
	repeated []*node
	// misnamed says that it holds unknown names, so that what it lacks may only be misspelt.
	misnamed bool
	// included is what an include block brings in, nil where that is not there.
	included *module
	origin
}

// attr is one attribute that is set, under the name of its declaration.
type attr struct {
	attribute
	expression
	nameRange hcl.Range
	// byDefault says that the task has it from defaults.
	byDefault bool
}

// expression is an expression with what it refers to.
type expression struct {
	expr hclsyntax.Expression
	refs []reference
	origin
}

// sorted gives the attributes in the order of the file, after the layers beneath them.
func (n *node) sorted() []*attr {
	attrs := slices.SortedFunc(maps.Values(n.attrs), func(a, b *attr) int {
		return cmp.Or(
			cmp.Compare(a.nameRange.Filename, b.nameRange.Filename),
			cmp.Compare(a.nameRange.Start.Byte, b.nameRange.Start.Byte),
		)
	})
	return slices.Concat(n.layers, attrs)
}

// collect takes a file's blocks into the program.
func (c *checker) collect(p parsedSource, mod *module) {
	if p.body == nil {
		return
	}
	root := language()
	for _, a := range sortedAttributes(p.body) {
		c.unknownAttribute(a, root)
	}
	for _, block := range p.body.Blocks {
		typ := root.block(block.Type)
		if typ == nil {
			c.unknownBlock(block, root)
			continue
		}
		n, ok := c.node(block, typ, origin{dir: p.dir, mod: mod})
		if ok {
			c.declare(n)
		}
	}
}

// declare files a top-level block under its name.
func (c *checker) declare(n *node) {
	switch n.typ.name {
	case "include":
		c.declareInclude(n)
	case "compose":
		if n.mod.compose != nil {
			c.duplicate("compose block", n.header, n.mod.compose.header)
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

func (c *checker) duplicate(what string, second, first hcl.Range) {
	c.report(problem(second, "duplicate "+what, "It was first defined at %s. Rename or remove one of the two.", place(first)))
}

// node checks the names of a block. It is not ok without a usable label.
func (c *checker) node(block *hclsyntax.Block, typ *blockType, from origin) (*node, bool) {
	n := &node{typ: typ, header: block.DefRange(), whole: block.Range(), origin: from, attrs: map[string]*attr{}, blocks: map[string]*node{}}
	ok := c.label(block, n)
	for _, a := range sortedAttributes(block.Body) {
		c.attribute(a, n)
	}
	for _, inner := range block.Body.Blocks {
		c.innerBlock(inner, n)
	}
	return n, ok
}

func (c *checker) label(block *hclsyntax.Block, n *node) bool {
	switch {
	case n.typ.label == "" && len(block.Labels) > 0:
		c.report(problem(block.LabelRanges[0], "superfluous name", "%s has no name: write `%s {`.", title(n.typ), n.typ.name))
		return true
	case n.typ.label == "":
		return true
	case len(block.Labels) == 0:
		c.report(problem(block.DefRange(), "missing name", "Write the name of the %s: `%s \"name\" {`.", n.typ.label, n.typ.name))
		return false
	case len(block.Labels) > 1:
		c.report(problem(block.LabelRanges[1], "superfluous name", "%s has one name: write `%s %q {`.", title(n.typ), n.typ.name, block.Labels[0]))
	}
	n.label, n.labelRange = block.Labels[0], block.LabelRanges[0]
	return true
}

// title is the block's title at the start of a sentence.
func title(typ *blockType) string {
	return "A" + typ.title()[1:]
}

func (c *checker) attribute(a *hclsyntax.Attribute, n *node) {
	found, ok := n.typ.attr(a.Name)
	switch {
	case n.typ.open:
		found = attribute{name: a.Name, kinds: nil}
	case !ok:
		n.misnamed = true
		if n.typ.name == "defaults" && c.refuseDefault(a) {
			return
		}
		c.unknownAttribute(a, n.typ)
		return
	}
	if first, set := n.attrs[found.name]; set {
		c.report(problem(a.NameRange, fmt.Sprintf("%q is set twice", found.name),
			"%s and %s are the same attribute; the other one is at %s.", found.name, found.alias, place(first.nameRange)))
		return
	}
	n.attrs[found.name] = &attr{attribute: found, nameRange: a.NameRange, expression: expression{expr: a.Expr, origin: n.origin}}
}

func (c *checker) innerBlock(block *hclsyntax.Block, n *node) {
	typ := n.typ.block(block.Type)
	if typ == nil {
		n.misnamed = true
		c.unknownBlock(block, n.typ)
		return
	}
	if typ.single {
		if first, set := n.blocks[typ.name]; set {
			c.duplicate(typ.name+" block", block.DefRange(), first.header)
			return
		}
		n.blocks[typ.name], _ = c.node(block, typ, n.origin)
		return
	}
	inner, ok := c.node(block, typ, n.origin)
	if !ok {
		return
	}
	for _, first := range n.all(typ.name) {
		if typ.label != "" && first.label == inner.label {
			c.duplicate(fmt.Sprintf("%s %q", typ.name, inner.label), inner.labelRange, first.labelRange)
			return
		}
	}
	n.repeated = append(n.repeated, inner)
}

// all gives the inner blocks of a type that may be written several times, in order.
func (n *node) all(typ string) []*node {
	return slices.DeleteFunc(slices.Clone(n.repeated), func(inner *node) bool { return inner.typ.name != typ })
}

func (c *checker) unknownAttribute(a *hclsyntax.Attribute, in *blockType) {
	summary := fmt.Sprintf("unknown attribute %q", a.Name)
	if inner := in.block(a.Name); inner != nil {
		c.leaveOut(problem(a.NameRange, fmt.Sprintf("%q is a block", a.Name), "Write `%s {`, without the equals sign.", inner.head("…")))
		return
	}
	detail := "The top of a file holds only blocks; a value of your own goes into `locals { }`."
	if in.name != "" {
		detail = fmt.Sprintf("There is no attribute %q in %s.", a.Name, in.title())
	}
	c.leaveOut(problem(a.NameRange, summary, "%s%s", detail, in.meant(a.Name, in.names(), false)))
}

// leaveOut reports a name that nobody knows.
func (c *checker) leaveOut(d *hcl.Diagnostic) {
	d.Extra = leftOut{}
	c.report(d)
}

// meant suggests one of the names that may stand in the block, and says how it is written where that is not what was
// written: a block in place of an attribute, or the other way round.
func (b *blockType) meant(name string, candidates []string, asBlock bool) string {
	hint, near := didYouMean(name, candidates), nearest(name, candidates)
	switch inner := b.block(near); {
	case near == "" || (inner != nil) == asBlock:
		return hint
	case inner == nil:
		return hint + fmt.Sprintf(" It is an attribute: write `%s = …`.", near)
	default:
		return hint + fmt.Sprintf(" It is a block: write `%s {`.", inner.head("…"))
	}
}

// head is how a block begins, with a name where it has one.
func (b *blockType) head(name string) string {
	if b.label == "" {
		return b.name
	}
	return fmt.Sprintf("%s %q", b.name, name)
}

// namesLike are the names that an unknown block may have meant: of one that has a name those of blocks that have one, where
// any of them is near, else all.
func (b *blockType) namesLike(block *hclsyntax.Block) []string {
	var names []string
	for _, inner := range b.blocks {
		if inner.label != "" && len(block.Labels) > 0 {
			names = append(names, inner.name)
		}
	}
	if nearest(block.Type, names) == "" {
		return b.names()
	}
	return names
}

func (c *checker) unknownBlock(block *hclsyntax.Block, in *blockType) {
	if _, ok := in.attr(block.Type); ok {
		c.leaveOut(problem(block.TypeRange, fmt.Sprintf("%q is an attribute", block.Type), "Write `%s = …`, with an equals sign.", block.Type))
		return
	}
	c.leaveOut(problem(block.TypeRange, fmt.Sprintf("unknown block %q", block.Type),
		"There is no block %q in %s.%s", block.Type, in.title(), in.meant(block.Type, in.namesLike(block), true)))
}

// sortedAttributes gives a body's attributes in the order of the file.
func sortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	return slices.SortedFunc(maps.Values(body.Attributes), func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.NameRange.Start.Byte, b.NameRange.Start.Byte)
	})
}

package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// param is one `arg` or `flag` block of a task.
type param struct {
	*decodedBlock
	name, description, shortFlag, env string
	isFlag, isVariadic                bool
	// typ is the type of one value: of the whole, or of an element where it is variadic.
	typ cty.Type
	// enum are the accepted values as text; none: all are.
	enum []string
	// defaultAttr is nil where there is no default.
	defaultAttr *decodedAttribute
}

// displayName is how messages call it.
func (p *param) displayName() string {
	if p.isFlag {
		return fmt.Sprintf("flag --%s", p.name)
	}
	return fmt.Sprintf("argument %q", p.name)
}

// valueType is the type of what expressions see.
func (p *param) valueType() cty.Type {
	if p.isVariadic {
		return cty.List(p.typ)
	}
	return p.typ
}

// isRequired says that there is no value unless one is given.
func (p *param) isRequired() bool { return !p.isFlag && p.defaultAttr == nil }

// isRepeated says that each occurrence of a flag adds an element.
func (p *param) isRepeated() bool { return p.isFlag && (p.typ.IsListType() || p.typ.IsSetType()) }

// readParams reads the arg and flag blocks of a task.
func (c *checker) readParams(t *taskBlock) {
	t.args, t.flags = nil, nil
	for _, n := range t.blocksOfType("arg") {
		t.args = append(t.args, c.readParam(t, n))
	}
	for _, n := range t.blocksOfType("flag") {
		p := c.readParam(t, n)
		p.isFlag = true
		t.flags = append(t.flags, p)
	}
	c.checkArgOrder(t.args)
	c.checkFlags(t.flags)
	for _, p := range slices.Concat(t.args, t.flags) {
		c.checkParam(t, p)
	}
}

func (c *checker) readParam(t *taskBlock, n *decodedBlock) *param {
	p := &param{decodedBlock: n, name: n.label, typ: cty.String, defaultAttr: n.attrs["default"]}
	p.description, p.env, p.shortFlag = c.literalText(n.attrs["description"]), c.literalText(n.attrs["env"]), c.literalText(n.attrs["short"])
	p.isVariadic = c.literalBool(n.attrs["variadic"])
	if !hclsyntax.ValidIdentifier(p.name) {
		c.report(diag.ErrorAt(n.labelRange, fmt.Sprintf("invalid name of %s", diag.Article(n.typ.label)),
			"A name is made of letters, digits, `_` and `-`, with a letter first, so that %s.%s can be written.", n.typ.name, p.name))
	}
	if a := n.attrs["type"]; a != nil {
		typ, diags := typeexpr.TypeConstraint(a.expr)
		c.diags = append(c.diags, explainTypeErrors(a.expr, diags)...)
		if !diags.HasErrors() {
			p.typ = typ
		}
	}
	p.enum = c.literalValues(n.attrs["enum"])
	return p
}

// checkArgOrder: a required argument cannot follow one that may be missing, and what takes all the words comes last.
func (c *checker) checkArgOrder(args []*param) {
	for i, p := range args[:max(0, len(args)-1)] {
		next := args[i+1]
		switch {
		case p.isVariadic:
			c.report(diag.ErrorAt(p.attrs["variadic"].nameRange, "only the last argument can be variadic",
				"%s takes all words that are left, so that none is left for %s (%s).", diag.UpperFirst(p.displayName()), next.displayName(), diag.Place(next.labelRange)))
		case !p.isRequired() && next.isRequired():
			c.report(diag.ErrorAt(next.labelRange, fmt.Sprintf("%s has no default", next.displayName()),
				"The one before it, %q, has one (%s): which of the two would a single word be? Give this one a default too, or put it first.",
				p.name, diag.Place(p.labelRange)))
		}
	}
}

// checkFlags: the names and letters of flags are told apart, and help is ours.
func (c *checker) checkFlags(flags []*param) {
	letters := map[string]*param{}
	for _, p := range flags {
		a := p.attrs["short"]
		if p.name == "help" {
			c.report(diag.ErrorAt(p.labelRange, "flag \"help\" is taken", "--help shows how a task is used. Choose another name."))
		}
		if a == nil || isNull(a.expr) {
			continue
		}
		if len(p.shortFlag) != 1 || !(p.shortFlag >= "a" && p.shortFlag <= "z" || p.shortFlag >= "A" && p.shortFlag <= "Z") {
			c.report(diag.ErrorAt(a.expr.Range(), "wrong value of short", "It is one letter, without a dash."))
			continue
		}
		if first := letters[p.shortFlag]; first != nil {
			c.report(diag.ErrorAt(a.expr.Range(), fmt.Sprintf("-%s means two flags", p.shortFlag),
				"It is that of --%s too (%s). Choose another letter.", first.name, diag.Place(first.labelRange)))
			continue
		}
		letters[p.shortFlag] = p
	}
}

// checkParam checks the expressions of a parameter, which see what is known before the task is.
func (c *checker) checkParam(t *taskBlock, p *param) {
	known := []refKind{refVar, refLocal, refPath, refPlatform, refSelf}
	if p.defaultAttr != nil {
		p.defaultAttr.refs = c.analyse(p.defaultAttr.expression)
		c.checkAllowed(p.defaultAttr.expression, "the default of "+diag.Article(p.decodedBlock.typ.label), known...)
	}
	for _, v := range p.blocksOfType("validation") {
		c.checkConditionBlock(v)
		for _, a := range v.sortedAttrs() {
			a.refs = c.analyse(a.expression)
			c.checkAllowed(a.expression, "a validation", append(known, refArg, refFlag)...)
			c.checkTaskMembers(t, a)
		}
	}
}

// checkConditionBlock wants both attributes of a block that states a condition.
func (c *checker) checkConditionBlock(n *decodedBlock) {
	for _, name := range []string{"condition", "error_message"} {
		if n.attrs[name] == nil && !n.hasUnknownNames {
			c.report(diag.ErrorAt(n.headerRange, fmt.Sprintf("%s without %s", n.typ.name, name),
				"It needs both: condition = … must be true, error_message = \"…\" is told where it is not."))
		}
	}
}

// literalValues reads a list of literals as text.
func (c *checker) literalValues(a *decodedAttribute) []string {
	if a == nil || isNull(a.expr) {
		return nil
	}
	v, diags := a.expr.Value(nil)
	if !diags.HasErrors() && len(a.expr.Variables()) == 0 && v.IsWhollyKnown() {
		if texts, err := ctyconv.AsList(v); err == nil && len(texts) > 0 {
			return texts
		}
	}
	c.report(diag.ErrorAt(a.expr.Range(), fmt.Sprintf("%s must be a literal", a.name),
		"Write the accepted values out, as a list without references: %s = [\"a\", \"b\"].", a.name))
	return nil
}

// checkTaskMembers reports arg.x, flag.x and matrix.x that a task does not have. Locals are looked into: they mean those of
// the task that uses them.
func (c *checker) checkTaskMembers(t *taskBlock, a *decodedAttribute) {
	for use := range c.file.reachableReferences(a.refs) {
		var names []string
		switch use.ref.kind {
		case refArg:
			names = paramNames(t.args)
		case refFlag:
			names = paramNames(t.flags)
		case refMatrix:
			keys, isWrittenOut := t.matrixKeys()
			if t.attrs["matrix"] != nil && !isWrittenOut {
				continue // the keys are computed: the evaluation tells
			}
			names = keys
		default:
			continue
		}
		if slices.Contains(names, use.ref.name) || t.hasUnknownNames {
			continue
		}
		c.report(c.unknownTaskMember(t, use, names))
	}
}

func (c *checker) unknownTaskMember(t *taskBlock, u referenceUse, names []string) *hcl.Diagnostic {
	noun := map[refKind]string{refArg: "argument", refFlag: "flag", refMatrix: "key of the matrix"}[u.ref.kind]
	detail := diag.Textf("Task %q has no %s of this name.", t.name, noun)
	switch {
	case u.ref.kind == refMatrix && t.attrs["matrix"] == nil:
		detail = diag.Textf("Task %q has no matrix.", t.name)
	case u.ref.kind == refMatrix:
		detail = diag.Textf("The matrix of task %q has no key of this name.", t.name)
	}
	if u.via != nil {
		detail = diag.Textf("%s %s uses it at %s.", detail, u.via, diag.Place(u.ref.rng))
	}
	hint := diag.DidYouMean(u.ref.name, names)
	if hint.IsEmpty() && u.ref.kind != refMatrix {
		hint = diag.Textf(" Declare it: `%s %q { }`.", u.ref.kind, u.ref.name)
	}
	return diag.ErrorAt(u.rangeInExpression(), fmt.Sprintf("unknown %s %q", noun, u.ref.name), "%s%s", detail, hint)
}

func paramNames(params []*param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.name
	}
	return names
}

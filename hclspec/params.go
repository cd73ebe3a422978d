package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// param is one `arg` or `flag` block of a task.
type param struct {
	*node
	name, description, short, env string
	isFlag, variadic              bool
	// typ is the type of one value: of the whole, or of an element where it is variadic.
	typ cty.Type
	// enum are the accepted values as text; none: all are.
	enum []string
	// def is nil where there is no default.
	def *attr
}

// noun is how messages call it.
func (p *param) noun() string {
	if p.isFlag {
		return fmt.Sprintf("flag --%s", p.name)
	}
	return fmt.Sprintf("argument %q", p.name)
}

// valueType is the type of what expressions see.
func (p *param) valueType() cty.Type {
	if p.variadic {
		return cty.List(p.typ)
	}
	return p.typ
}

// required says that there is no value unless one is given.
func (p *param) required() bool { return !p.isFlag && p.def == nil }

// repeated says that each occurrence of a flag adds an element.
func (p *param) repeated() bool { return p.isFlag && (p.typ.IsListType() || p.typ.IsSetType()) }

// taskParams reads the arg and flag blocks of a task.
func (c *checker) taskParams(t *taskBlock) {
	t.args, t.flags = nil, nil
	for _, n := range t.all("arg") {
		t.args = append(t.args, c.taskParam(t, n))
	}
	for _, n := range t.all("flag") {
		p := c.taskParam(t, n)
		p.isFlag = true
		t.flags = append(t.flags, p)
	}
	c.checkOrder(t.args)
	c.checkFlags(t.flags)
	for _, p := range slices.Concat(t.args, t.flags) {
		c.checkParam(t, p)
	}
}

func (c *checker) taskParam(t *taskBlock, n *node) *param {
	p := &param{node: n, name: n.label, typ: cty.String, def: n.attrs["default"]}
	p.description, p.env, p.short = c.literal(n.attrs["description"]), c.literal(n.attrs["env"]), c.literal(n.attrs["short"])
	p.variadic = c.literalBool(n.attrs["variadic"])
	if !hclsyntax.ValidIdentifier(p.name) {
		c.report(problem(n.labelRange, fmt.Sprintf("invalid name of %s", article(n.typ.label)),
			"A name is made of letters, digits, `_` and `-`, with a letter first, so that %s.%s can be written.", n.typ.name, p.name))
	}
	if a := n.attrs["type"]; a != nil {
		typ, diags := typeexpr.TypeConstraint(a.expr)
		c.diags = append(c.diags, typeMistakes(a.expr, diags)...)
		if !diags.HasErrors() {
			p.typ = typ
		}
	}
	p.enum = c.literalValues(n.attrs["enum"])
	return p
}

// checkOrder: a required argument cannot follow one that may be missing, and what takes all the words comes last.
func (c *checker) checkOrder(args []*param) {
	for i, p := range args[:max(0, len(args)-1)] {
		next := args[i+1]
		switch {
		case p.variadic:
			c.report(problem(p.attrs["variadic"].nameRange, "only the last argument can be variadic",
				"%s takes all words that are left, so that none is left for %s (%s).", upperFirst(p.noun()), next.noun(), place(next.labelRange)))
		case !p.required() && next.required():
			c.report(problem(next.labelRange, fmt.Sprintf("%s has no default", next.noun()),
				"The one before it, %q, has one (%s): which of the two would a single word be? Give this one a default too, or put it first.",
				p.name, place(p.labelRange)))
		}
	}
}

// checkFlags: the names and letters of flags are told apart, and help is ours.
func (c *checker) checkFlags(flags []*param) {
	letters := map[string]*param{}
	for _, p := range flags {
		a := p.attrs["short"]
		if p.name == "help" {
			c.report(problem(p.labelRange, "flag \"help\" is taken", "--help shows how a task is used. Choose another name."))
		}
		if a == nil || isNull(a.expr) {
			continue
		}
		if len(p.short) != 1 || !(p.short >= "a" && p.short <= "z" || p.short >= "A" && p.short <= "Z") {
			c.report(problem(a.expr.Range(), "wrong value of short", "It is one letter, without a dash."))
			continue
		}
		if first := letters[p.short]; first != nil {
			c.report(problem(a.expr.Range(), fmt.Sprintf("-%s means two flags", p.short),
				"It is that of --%s too (%s). Choose another letter.", first.name, place(first.labelRange)))
			continue
		}
		letters[p.short] = p
	}
}

// checkParam checks the expressions of a parameter, which see what is known before the task is.
func (c *checker) checkParam(t *taskBlock, p *param) {
	known := []refKind{refVar, refLocal, refPath, refPlatform, refSelf}
	if p.def != nil {
		p.def.refs = c.analyse(p.def.expression)
		c.checkAllowed(p.def.expression, "the default of "+article(p.node.typ.label), known...)
	}
	for _, v := range p.all("validation") {
		c.checkCondition(v)
		for _, a := range v.sorted() {
			a.refs = c.analyse(a.expression)
			c.checkAllowed(a.expression, "a validation", append(known, refArg, refFlag)...)
			c.checkOwnNames(t, a)
		}
	}
}

// checkCondition wants both attributes of a block that states a condition.
func (c *checker) checkCondition(n *node) {
	for _, name := range []string{"condition", "error_message"} {
		if n.attrs[name] == nil && !n.misnamed {
			c.report(problem(n.header, fmt.Sprintf("%s without %s", n.typ.name, name),
				"It needs both: condition = … must be true, error_message = \"…\" is told where it is not."))
		}
	}
}

// literalValues reads a list of literals as text.
func (c *checker) literalValues(a *attr) []string {
	if a == nil || isNull(a.expr) {
		return nil
	}
	v, diags := a.expr.Value(nil)
	if !diags.HasErrors() && len(a.expr.Variables()) == 0 && v.IsWhollyKnown() {
		if texts, err := asList(v); err == nil && len(texts) > 0 {
			return texts
		}
	}
	c.report(problem(a.expr.Range(), fmt.Sprintf("%s must be a literal", a.name),
		"Write the accepted values out, as a list without references: %s = [\"a\", \"b\"].", a.name))
	return nil
}

// checkOwnNames reports arg.x, flag.x and matrix.x that a task does not have. Locals are looked into: they mean those of
// the task that uses them.
func (c *checker) checkOwnNames(t *taskBlock, a *attr) {
	for use := range c.file.reach(a.refs) {
		var names []string
		switch use.ref.kind {
		case refArg:
			names = paramNames(t.args)
		case refFlag:
			names = paramNames(t.flags)
		case refMatrix:
			keys, written := t.matrixKeys()
			if t.attrs["matrix"] != nil && !written {
				continue // the keys are computed: the evaluation tells
			}
			names = keys
		default:
			continue
		}
		if slices.Contains(names, use.ref.name) || t.misnamed {
			continue
		}
		c.report(c.unknownOwn(t, use, names))
	}
}

func (c *checker) unknownOwn(t *taskBlock, u use, names []string) *hcl.Diagnostic {
	what := map[refKind]string{refArg: "argument", refFlag: "flag", refMatrix: "key of the matrix"}[u.ref.kind]
	detail := fmt.Sprintf("Task %q has no %s of this name.", t.name, what)
	switch {
	case u.ref.kind == refMatrix && t.attrs["matrix"] == nil:
		detail = fmt.Sprintf("Task %q has no matrix.", t.name)
	case u.ref.kind == refMatrix:
		detail = fmt.Sprintf("The matrix of task %q has no key of this name.", t.name)
	}
	if u.via != nil {
		detail += fmt.Sprintf(" %s uses it at %s.", u.via, place(u.ref.rng))
	}
	hint := didYouMean(u.ref.name, names)
	if hint == "" && u.ref.kind != refMatrix {
		hint = fmt.Sprintf(" Declare it: `%s %q { }`.", u.ref.kind, u.ref.name)
	}
	return problem(u.at(), fmt.Sprintf("unknown %s %q", what, u.ref.name), "%s%s", detail, hint)
}

func paramNames(params []*param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.name
	}
	return names
}

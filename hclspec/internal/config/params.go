package config

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

// Param is an `arg` or `flag` block of a task.
type Param struct {
	*Block
	Name, Description, ShortFlag, Env string
	IsFlag, IsVariadic                bool
	// Type is the type of a single value. For a variadic argument this is the type of an element.
	Type cty.Type
	// Enum are the accepted values as text. Empty: all values are accepted.
	Enum []string
	// DefaultAttr is nil without a default.
	DefaultAttr *Attribute
}

// DisplayName returns the name of the parameter in messages.
func (p *Param) DisplayName() string {
	if p.IsFlag {
		return fmt.Sprintf("flag --%s", p.Name)
	}
	return fmt.Sprintf("argument %q", p.Name)
}

// ValueType returns the type of the value in expressions.
func (p *Param) ValueType() cty.Type {
	if p.IsVariadic {
		return cty.List(p.Type)
	}
	return p.Type
}

// IsRequired reports whether an argument has no value unless the user gives a value.
func (p *Param) IsRequired() bool { return !p.IsFlag && p.DefaultAttr == nil }

// IsRepeated reports whether each occurrence of a flag adds an element.
func (p *Param) IsRepeated() bool { return p.IsFlag && (p.Type.IsListType() || p.Type.IsSetType()) }

// readParams reads the arg and flag blocks of a task.
func (c *taskChecker) readParams(t *Task) {
	t.Args, t.Flags = nil, nil
	for _, n := range t.BlocksOfType("arg") {
		t.Args = append(t.Args, c.readParam(t, n))
	}
	for _, n := range t.BlocksOfType("flag") {
		p := c.readParam(t, n)
		p.IsFlag = true
		t.Flags = append(t.Flags, p)
	}
	c.checkArgOrder(t.Args)
	c.checkFlags(t.Flags)
	for _, p := range slices.Concat(t.Args, t.Flags) {
		c.checkParam(t, p)
	}
}

func (c *taskChecker) readParam(t *Task, n *Block) *Param {
	p := &Param{Block: n, Name: n.Label, Type: cty.String, DefaultAttr: n.Attrs["default"]}
	p.Description, p.Env, p.ShortFlag = c.literals.literalText(n.Attrs["description"]),
		c.literals.literalText(n.Attrs["env"]), c.literals.literalText(n.Attrs["short"])
	p.IsVariadic = c.literals.literalBool(n.Attrs["variadic"])
	if !hclsyntax.ValidIdentifier(p.Name) {
		c.report(diag.ErrorAt(n.LabelRange, fmt.Sprintf("invalid name of %s", diag.Article(n.Type.Label)),
			"A name is made of letters, digits, `_` and `-`, with a letter first, so that %s.%s can be written.", n.Type.Name,
			p.Name))
	}
	if a := n.Attrs["type"]; a != nil {
		typ, diags := typeexpr.TypeConstraint(a.Expr)
		c.diags = append(c.diags, explainTypeErrors(a.Expr, diags)...)
		if !diags.HasErrors() {
			p.Type = typ
		}
	}
	p.Enum = c.literals.literalValues(n.Attrs["enum"])
	return p
}

// checkArgOrder reports a required argument behind an optional argument, and a variadic argument before the end.
func (c *taskChecker) checkArgOrder(args []*Param) {
	for i, p := range args[:max(0, len(args)-1)] {
		next := args[i+1]
		switch {
		case p.IsVariadic:
			c.report(diag.ErrorAt(p.Attrs["variadic"].NameRange, "only the last argument can be variadic",
				"%s takes all words that are left, so that none is left for %s (%s).", diag.UpperFirst(p.DisplayName()),
				next.DisplayName(), diag.Place(next.LabelRange)))
		case !p.IsRequired() && next.IsRequired():
			c.report(diag.ErrorAt(next.LabelRange, fmt.Sprintf("%s has no default", next.DisplayName()),
				"The one before it, %q, has one (%s): which of the two would a single word be? Give this one a default too, or "+
					"put it first.",
				p.Name, diag.Place(p.LabelRange)))
		}
	}
}

// checkFlags reports equal letters of two flags, and the reserved name help.
func (c *taskChecker) checkFlags(flags []*Param) {
	letters := map[string]*Param{}
	for _, p := range flags {
		a := p.Attrs["short"]
		if p.Name == "help" {
			c.report(diag.ErrorAt(p.LabelRange, "flag \"help\" is taken",
				"--help shows how a task is used. Choose another name."))
		}
		if a == nil || IsNull(a.Expr) {
			continue
		}
		if len(p.ShortFlag) != 1 || !(p.ShortFlag >= "a" && p.ShortFlag <= "z" || p.ShortFlag >= "A" && p.ShortFlag <= "Z") {
			c.report(diag.ErrorAt(a.Expr.Range(), "invalid value for short", "It is one letter, without a dash."))
			continue
		}
		if first := letters[p.ShortFlag]; first != nil {
			c.report(diag.ErrorAt(a.Expr.Range(), fmt.Sprintf("-%s means two flags", p.ShortFlag),
				"It is that of --%s too (%s). Choose another letter.", first.Name, diag.Place(first.LabelRange)))
			continue
		}
		letters[p.ShortFlag] = p
	}
}

// checkParam checks the expressions of a parameter. They see only values from before the task run.
func (c *taskChecker) checkParam(t *Task, p *Param) {
	known := []RefKind{RefVar, RefLocal, RefPath, RefPlatform, RefSelf}
	if p.DefaultAttr != nil {
		p.DefaultAttr.Refs = c.analyse(p.DefaultAttr.Expression)
		c.checkAllowed(p.DefaultAttr.Expression, "the default of "+diag.Article(p.Block.Type.Label), known...)
	}
	for _, v := range p.BlocksOfType("validation") {
		c.checkConditionBlock(v)
		for _, a := range v.SortedAttrs() {
			a.Refs = c.analyse(a.Expression)
			c.checkAllowed(a.Expression, "a validation", append(known, RefArg, RefFlag)...)
			c.checkTaskMembers(t, a)
		}
	}
}

// checkConditionBlock reports a condition block without one of its two attributes.
func (c *taskChecker) checkConditionBlock(n *Block) {
	for _, name := range []string{"condition", "error_message"} {
		if n.Attrs[name] == nil && !n.hasUnknownNames {
			c.report(diag.ErrorAt(n.HeaderRange, fmt.Sprintf("%s without %s", n.Type.Name, name),
				"It needs both: condition = … must be true, error_message = \"…\" is told where it is not."))
		}
	}
}

// literalValues reads a list of literals as text.
func (l *literalReader) literalValues(a *Attribute) []string {
	if a == nil || IsNull(a.Expr) {
		return nil
	}
	v, diags := a.Expr.Value(nil)
	if !diags.HasErrors() && len(a.Expr.Variables()) == 0 && v.IsWhollyKnown() {
		if texts, err := ctyconv.AsList(v); err == nil && len(texts) > 0 {
			return texts
		}
	}
	l.report(diag.ErrorAt(a.Expr.Range(), fmt.Sprintf("%s must be a literal", a.Name),
		"Write the accepted values out, as a list without references: %s = [\"a\", \"b\"].", a.Name))
	return nil
}

// checkTaskMembers reports arg.x, flag.x and matrix.x without a declaration in the task. Locals are followed:
// inside a local, these names mean the members of the task.
func (c *taskChecker) checkTaskMembers(t *Task, a *Attribute) {
	for use := range c.file.ReachableReferences(a.Refs) {
		var names []string
		switch use.Ref.Kind {
		case RefArg:
			names = ParamNames(t.Args)
		case RefFlag:
			names = ParamNames(t.Flags)
		case RefMatrix:
			keys, isWrittenOut := t.matrixKeys()
			if t.Attrs["matrix"] != nil && !isWrittenOut {
				continue // the keys are computed: the evaluation tells
			}
			names = keys
		case RefShard:
			c.checkShardMember(t, use)
			continue
		default:
			continue
		}
		if slices.Contains(names, use.Ref.Name) || t.hasUnknownNames {
			continue
		}
		c.report(c.unknownTaskMember(t, use, names))
	}
}

func (c *taskChecker) unknownTaskMember(t *Task, u ReferenceUse, names []string) *hcl.Diagnostic {
	noun := map[RefKind]string{RefArg: "argument", RefFlag: "flag", RefMatrix: "key of the matrix"}[u.Ref.Kind]
	detail := diag.Textf("Task %q has no %s of this name.", t.Name, noun)
	switch {
	case u.Ref.Kind == RefMatrix && t.Attrs["matrix"] == nil:
		detail = diag.Textf("Task %q has no matrix.", t.Name)
	case u.Ref.Kind == RefMatrix:
		detail = diag.Textf("The matrix of task %q has no key of this name.", t.Name)
	}
	if u.via != nil {
		detail = diag.Textf("%s %s uses it at %s.", detail, u.via, diag.Place(u.Ref.Range))
	}
	hint := diag.DidYouMean(u.Ref.Name, names)
	if hint.IsEmpty() && u.Ref.Kind != RefMatrix {
		hint = diag.Textf(" Declare it: `%s %q { }`.", u.Ref.Kind, u.Ref.Name)
	}
	return diag.ErrorAt(u.RangeInExpression(), fmt.Sprintf("unknown %s %q", noun, u.Ref.Name), "%s%s", detail, hint)
}

func ParamNames(params []*Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return names
}

// HasDeclaredParams reports whether a task has arg or flag blocks.
func (t *Task) HasDeclaredParams() bool { return len(t.Args)+len(t.Flags) > 0 }

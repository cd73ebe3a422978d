package config

import (
	"fmt"
	"maps"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// Variable is one `variable` block.
type Variable struct {
	*Block
	Name, Description string
	// Type is cty.NilType where the type is left to the default.
	Type             cty.Type
	optionalDefaults *typeexpr.Defaults
	TypeName         string
	// DefaultValue is nil where the variable is required.
	DefaultValue *Expression
	// sensitive values are masked; to one that is not nullable, null means the default.
	IsSensitive, IsNullable bool
}

// Local is one entry of a `locals` block.
type Local struct {
	*Attribute
}

// String is how messages call the local.
func (l *Local) String() string {
	return l.Module.qualifiedName(MemberAccess("local", l.Name))
}

// Task is one `task` block.
type Task struct {
	*Block
	Name, Description string
	// Group is the heading that a list shows the task under; hidden ones it leaves out.
	Group    string
	IsHidden bool
	Aliases  []alias
	Kind     TaskKind
	// isBase says that another task extends it, isDependency that one depends on it; follows counts the runs that it follows, up
	// to one and more.
	isBase, isDependency bool
	PrecedingRunCount    int
	// Args and flags say what the words behind the task's name are.
	Args, Flags []*Param
	// DependsOn are the dependencies that are written or made by a run-time value, dependsBlocks those with words.
	DependsOn     []Dependency
	DependsBlocks []DependsBlock
	// Finally are the tasks that follow it however it ends.
	Finally []Dependency
}

func (d *declarer) declareVariable(n *Block) {
	v := &Variable{Block: n, Name: n.Label, Type: cty.NilType}
	v.Description, v.IsSensitive = d.literals.literalText(n.Attrs["description"]), d.literals.literalBool(n.Attrs["sensitive"])
	v.IsNullable = n.Attrs["nullable"] == nil || d.literals.literalBool(n.Attrs["nullable"])
	if first, set := n.Module.VariableByName[v.Name]; set {
		d.reportDuplicate(fmt.Sprintf("variable %q", v.Name), n.LabelRange, first.LabelRange)
		return
	}
	if !hclsyntax.ValidIdentifier(v.Name) {
		d.report(diag.ErrorAt(n.LabelRange, "invalid name of a variable",
			"A name is made of letters, digits, `_` and `-`, with a letter first, so that var.%s can be written.", v.Name))
	}
	if a := n.Attrs["type"]; a != nil {
		typ, optional, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		d.diags = append(d.diags, explainTypeErrors(a.Expr, diags)...)
		if !diags.HasErrors() {
			v.Type, v.optionalDefaults, v.TypeName = typ, optional, typeexpr.TypeString(typ)
		}
	}
	if a := n.Attrs["default"]; a != nil {
		v.DefaultValue = &a.Expression
	}
	n.Module.VariableByName[v.Name] = v
	n.Module.Variables = append(n.Module.Variables, v)
}

func (d *declarer) declareLocals(n *Block) {
	for _, a := range n.SortedAttrs() {
		if first, set := n.Module.localByName[a.Name]; set {
			d.reportDuplicate(fmt.Sprintf("local %q", a.Name), a.NameRange, first.NameRange)
			continue
		}
		l := &Local{Attribute: a}
		n.Module.localByName[a.Name] = l
		n.Module.locals = append(n.Module.locals, l)
	}
}

func (d *declarer) declareTask(n *Block) {
	t := &Task{Block: n, Name: n.Module.Prefix + n.Label, Kind: kindOf(n)}
	d.literals.readDisplayAttributes(t)
	if first, set := d.file.TaskByName[t.Name]; set {
		d.reportDuplicate(fmt.Sprintf("task %q", t.Name), n.LabelRange, first.LabelRange)
		return
	}
	if !TaskNamePattern().MatchString(n.Label) {
		d.report(diag.ErrorAt(n.LabelRange, "invalid name of a task",
			"A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first."))
	}
	d.file.TaskByName[t.Name] = t
	d.file.Tasks = append(d.file.Tasks, t)
}

// dropNullAttributes takes away what is written as null, and so counts as not set: once all has been merged in which null means something.
func (t *Task) dropNullAttributes() {
	n := *t.Block
	n.Attrs = maps.Clone(n.Attrs)
	maps.DeleteFunc(n.Attrs, func(name string, a *Attribute) bool {
		return IsNull(a.Expr) && name != "service" && name != "image"
	})
	t.Block, t.Kind = &n, kindOf(&n)
}

// kindOf tells from the names of the attributes alone where a task runs.
func kindOf(n *Block) TaskKind {
	has := func(name string) bool { return n.Attrs[name] != nil }
	switch {
	case has("service"):
		return ServiceTask
	case has("image"):
		return ImageTask
	case has("command"), has("script"):
		return HostTask
	}
	return GroupTask
}

// literalText reads an attribute that must be written out, without references or calls.
func (l *literalReader) literalText(a *Attribute) string {
	if a == nil || IsNull(a.Expr) {
		return ""
	}
	v, ok := LiteralString(a.Expr)
	if !ok {
		l.report(diag.ErrorAt(a.Expr.Range(), fmt.Sprintf("%s must be a literal", a.Name),
			"Write %s as text in quotes, without references, so that it can be shown without evaluating anything.", a.Name))
	}
	return v
}

// LiteralString gives the text of a string that is written out.
func LiteralString(expr hclsyntax.Expression) (string, bool) {
	switch expr.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.LiteralValueExpr:
	default:
		return "", false
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// traversalRange is the place of a reference's first steps.
func traversalRange(t hcl.Traversal, steps int) hcl.Range {
	return t[:min(steps, len(t))].SourceRange()
}

// Range is the place of an attribute's value, or of the header.
func (t *Task) Range(attr string) hcl.Range {
	if a := t.Attrs[attr]; a != nil {
		return a.Expr.Range()
	}
	return t.HeaderRange
}

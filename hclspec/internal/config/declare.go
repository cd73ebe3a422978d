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

// Variable is a `variable` block.
type Variable struct {
	*Block
	Name, Description string
	// Type is cty.NilType if the default decides the type.
	Type             cty.Type
	optionalDefaults *typeexpr.Defaults
	TypeName         string
	// DefaultValue is nil for a required variable.
	DefaultValue *Expression
	// IsSensitive masks the value. Without IsNullable, null means the default.
	IsSensitive, IsNullable bool
}

// Local is an entry of a `locals` block.
type Local struct {
	*Attribute
}

// String returns the name of the local in messages.
func (l *Local) String() string {
	return l.Module.qualifiedName(MemberAccess("local", l.Name))
}

// Task is a `task` block.
type Task struct {
	*Block
	Name, Description string
	// Group is the heading in a list. A hidden task is in no list.
	Group    string
	IsHidden bool
	Aliases  []alias
	Kind     TaskKind
	// isBase reports whether another task extends this task, isDependency whether another task depends on this
	// task. precedingRunCount counts the runs that have this task in finally: 0, 1, or more.
	isBase, isDependency bool
	PrecedingRunCount    int
	// Args and Flags are the parameters for the words behind the task's name.
	Args, Flags []*Param
	// DependsOn are the dependencies of depends_on and of run-time values. DependsBlocks are the dependencies with
	// words.
	DependsOn     []Dependency
	DependsBlocks []DependsBlock
	// Finally are the tasks after the end of this task, however it ends.
	Finally []Dependency
	// Job is the name of a job, for the task that stands for `job.NAME`; otherwise empty.
	Job string
}

func (d *declarer) declareVariable(n *Block) {
	v := &Variable{Block: n, Name: n.Label, Type: cty.NilType}
	v.Description, v.IsSensitive = d.literals.literalText(n.Attrs["description"]),
		d.literals.literalBool(n.Attrs["sensitive"])
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
		wrong := diag.ErrorAt(n.LabelRange, "invalid name of a task",
			"A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first.")
		diag.AppendDetail(wrong, SuggestTaskName(n.Label))
		d.report(wrong)
	}
	d.file.TaskByName[t.Name] = t
	d.file.Tasks = append(d.file.Tasks, t)
}

// dropNullAttributes removes attributes with a literal null: they count as unset. Call after all merges, where
// null has a meaning.
func (t *Task) dropNullAttributes() {
	n := *t.Block
	n.Attrs = maps.Clone(n.Attrs)
	maps.DeleteFunc(n.Attrs, func(name string, a *Attribute) bool {
		return IsNull(a.Expr) && name != "service" && name != "job" && name != "image"
	})
	t.Block, t.Kind = &n, kindOf(&n)
}

// kindOf returns the kind of a task by the names of its attributes.
func kindOf(n *Block) TaskKind {
	has := func(name string) bool { return n.Attrs[name] != nil }
	switch {
	case has("service"), has("job"):
		return ServiceTask
	case has("image"):
		return ImageTask
	case has("command"), has("script"):
		return HostTask
	}
	return GroupTask
}

// literalText reads an attribute with a literal text, without references or calls.
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

// LiteralString returns the text of a literal string.
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

// traversalRange returns the place of the first steps of a reference.
func traversalRange(t hcl.Traversal, steps int) hcl.Range {
	return t[:min(steps, len(t))].SourceRange()
}

// Range returns the place of an attribute's value, or of the block's header if the attribute is unset.
func (t *Task) Range(attr string) hcl.Range {
	if a := t.Attrs[attr]; a != nil {
		return a.Expr.Range()
	}
	return t.HeaderRange
}

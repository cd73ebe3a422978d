package hclspec

import (
	"fmt"
	"maps"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// variable is one `variable` block.
type variable struct {
	*decodedBlock
	name, description string
	// typ is cty.NilType where the type is left to the default.
	typ              cty.Type
	optionalDefaults *typeexpr.Defaults
	typeName         string
	// defaultValue is nil where the variable is required.
	defaultValue *expression
	// sensitive values are masked; to one that is not nullable, null means the default.
	isSensitive, isNullable bool
}

// local is one entry of a `locals` block.
type local struct {
	*decodedAttribute
}

// String is how messages call the local.
func (l *local) String() string {
	return l.mod.qualifiedName(memberAccess("local", l.name))
}

// taskBlock is one `task` block.
type taskBlock struct {
	*decodedBlock
	name, description string
	// group is the heading that a list shows the task under; hidden ones it leaves out.
	group    string
	isHidden bool
	aliases  []alias
	kind     TaskKind
	// isBase says that another task extends it, isDependency that one depends on it; follows counts the runs that it follows, up
	// to one and more.
	isBase, isDependency bool
	precedingRunCount    int
	// args and flags say what the words behind the task's name are.
	args, flags []*param
	// dependsOn are the dependencies that are written or made by a run-time value, dependsBlocks those with words.
	dependsOn     []Dependency
	dependsBlocks []dependsBlock
	// finally are the tasks that follow it however it ends.
	finally []Dependency
}

func (c *checker) declareVariable(n *decodedBlock) {
	v := &variable{decodedBlock: n, name: n.label, typ: cty.NilType}
	v.description, v.isSensitive = c.literalText(n.attrs["description"]), c.literalBool(n.attrs["sensitive"])
	v.isNullable = n.attrs["nullable"] == nil || c.literalBool(n.attrs["nullable"])
	if first, set := n.mod.variableByName[v.name]; set {
		c.reportDuplicate(fmt.Sprintf("variable %q", v.name), n.labelRange, first.labelRange)
		return
	}
	if !hclsyntax.ValidIdentifier(v.name) {
		c.report(diag.ErrorAt(n.labelRange, "invalid name of a variable",
			"A name is made of letters, digits, `_` and `-`, with a letter first, so that var.%s can be written.", v.name))
	}
	if a := n.attrs["type"]; a != nil {
		typ, optional, diags := typeexpr.TypeConstraintWithDefaults(a.expr)
		c.diags = append(c.diags, explainTypeErrors(a.expr, diags)...)
		if !diags.HasErrors() {
			v.typ, v.optionalDefaults, v.typeName = typ, optional, typeexpr.TypeString(typ)
		}
	}
	if a := n.attrs["default"]; a != nil {
		v.defaultValue = &a.expression
	}
	n.mod.variableByName[v.name] = v
	n.mod.variables = append(n.mod.variables, v)
}

func (c *checker) declareLocals(n *decodedBlock) {
	for _, a := range n.sortedAttrs() {
		if first, set := n.mod.localByName[a.name]; set {
			c.reportDuplicate(fmt.Sprintf("local %q", a.name), a.nameRange, first.nameRange)
			continue
		}
		l := &local{decodedAttribute: a}
		n.mod.localByName[a.name] = l
		n.mod.locals = append(n.mod.locals, l)
	}
}

// taskNamePattern is what a task may be called: it appears on command lines and in labels.
var taskNamePattern = diag.LazyRegexp(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

func (c *checker) declareTask(n *decodedBlock) {
	t := &taskBlock{decodedBlock: n, name: n.mod.prefix + n.label, kind: kindOf(n)}
	c.readDisplayAttributes(t)
	if first, set := c.file.taskByName[t.name]; set {
		c.reportDuplicate(fmt.Sprintf("task %q", t.name), n.labelRange, first.labelRange)
		return
	}
	if !taskNamePattern().MatchString(n.label) {
		c.report(diag.ErrorAt(n.labelRange, "invalid name of a task",
			"A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first."))
	}
	c.file.taskByName[t.name] = t
	c.file.tasks = append(c.file.tasks, t)
}

// dropNullAttributes takes away what is written as null, and so counts as not set: once all has been merged in which null means something.
func (t *taskBlock) dropNullAttributes() {
	n := *t.decodedBlock
	n.attrs = maps.Clone(n.attrs)
	maps.DeleteFunc(n.attrs, func(name string, a *decodedAttribute) bool {
		return isNull(a.expr) && name != "service" && name != "image"
	})
	t.decodedBlock, t.kind = &n, kindOf(&n)
}

// kindOf tells from the names of the attributes alone where a task runs.
func kindOf(n *decodedBlock) TaskKind {
	has := func(name string) bool { return n.attrs[name] != nil }
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
func (c *checker) literalText(a *decodedAttribute) string {
	if a == nil || isNull(a.expr) {
		return ""
	}
	v, ok := literalString(a.expr)
	if !ok {
		c.report(diag.ErrorAt(a.expr.Range(), fmt.Sprintf("%s must be a literal", a.name),
			"Write %s as text in quotes, without references, so that it can be shown without evaluating anything.", a.name))
	}
	return v
}

// literalString gives the text of a string that is written out.
func literalString(expr hclsyntax.Expression) (string, bool) {
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

package config

import (
	"fmt"
	"strings"

	goversion "github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// requiredVersions reports files for other versions of the program. This check comes first, with the part that the
// parser could read: syntax of a later version may be the mistake.
func (p Parser) requiredVersions(parsed []parsedSource) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, source := range parsed {
		if source.body == nil {
			continue
		}
		for _, block := range source.body.Blocks {
			a := block.Body.Attributes["required_version"]
			if block.Type != "tasks" || a == nil {
				continue
			}
			if d := p.requiredVersion(a.Expr); d != nil {
				diags = append(diags, d)
			}
		}
	}
	return diags
}

// requiredVersion returns nil if the version satisfies the constraint. A build from a checkout has no release
// version and satisfies each constraint. A text without a constraint is reported later.
func (p Parser) requiredVersion(expr hclsyntax.Expression) *hcl.Diagnostic {
	text, ok := LiteralString(expr)
	if !ok {
		return nil
	}
	constraints, err := goversion.NewConstraint(text)
	if err != nil {
		return nil
	}
	version, err := goversion.NewSemver(p.Version)
	if err != nil || version.Core().String() == "0.0.0" || constraints.Check(version) {
		return nil
	}
	return diag.ErrorAt(expr.Range(), fmt.Sprintf("tasks %s is not what this file was written for",
		strings.TrimPrefix(p.Version, "v")),
		"It requires %s. Install a version that satisfies it, or change required_version.", text)
}

// declareSettings declares the tasks block of a module.
func (d *declarer) declareSettings(n *Block) {
	if first := n.Module.settings; first != nil {
		d.reportDuplicate("tasks block", n.HeaderRange, first.HeaderRange)
		return
	}
	n.Module.settings = n
	n.Module.Jobs = d.literals.readJobs(n.Attrs["jobs"])
	n.Module.OutputStyle = d.literals.readOutputStyle(n.Attrs["output_style"])
	a := n.Attrs["required_version"]
	if a == nil {
		return
	}
	text := d.literals.literalText(a)
	if _, err := goversion.NewConstraint(text); err != nil && text != "" {
		d.report(diag.ErrorAt(a.Expr.Range(), "invalid value for required_version",
			"%q is not a version constraint: write \">= 1.2\", \"~> 1.4\" or \">= 1.2, < 2\".", text))
	}
}

// readJobs reads the largest number of commands at a time. 0: there is none.
func (l *literalReader) readJobs(a *Attribute) int {
	if a == nil || IsNull(a.Expr) {
		return 0
	}
	v, diags := a.Expr.Value(nil)
	if !diags.HasErrors() && !v.IsKnown() {
		return 0 // part of it is missing, which has been told
	}
	if diags.HasErrors() || v.Type() != cty.Number {
		l.report(diag.ErrorAt(a.Expr.Range(), "jobs must be a literal",
			"Write it as a number, without references, so that it is known without evaluating anything."))
		return 0
	}
	jobs, err := ctyconv.AsCount(v)
	if err != nil {
		l.report(WrongValueError(a, err))
	}
	return jobs
}

// checkSettings looks up the tasks of a bare `tasks run`.
func (c *checker) checkSettings(m *Module) {
	if m.settings == nil {
		return
	}
	a := m.settings.Attrs["default"]
	if a == nil {
		return
	}
	c.module = m
	entries := []hclsyntax.Expression{a.Expr}
	if list, ok := a.Expr.(*hclsyntax.TupleConsExpr); ok {
		entries = list.Exprs
	}
	for _, entry := range entries {
		name, d := c.defaultTask(entry)
		if d != nil {
			c.report(d)
			continue
		}
		m.DefaultTasks = append(m.DefaultTasks, m.Prefix+name)
	}
}

func (r *dependencyReader) defaultTask(expr hclsyntax.Expression) (string, *hcl.Diagnostic) {
	if text, ok := LiteralString(expr); ok {
		return "", r.textReferenceError(expr, text)
	}
	t, diags := hcl.AbsTraversalForExpr(expr)
	name, named := StepName(t, 1)
	switch {
	case diags.HasErrors() || RefKind(t.RootName()) != RefTask || !named:
		return "", diag.ErrorAt(expr.Range(), "default must be a reference to a task",
			"It is read without evaluating anything: write default = task.name, or a list of such references.")
	case r.findTask(name) == nil:
		return "", r.unknownMemberError(RefTask, name, t)
	case len(t) > 2:
		return "", diag.ErrorAt(expr.Range(), "superfluous part of a reference", "Write %s.", MemberAccess("task", name))
	}
	return name, nil
}

func (r *dependencyReader) textReferenceError(expr hclsyntax.Expression, text string) *hcl.Diagnostic {
	suggestion := text
	if r.findTask(text) == nil {
		if suggestion = suggest.Nearest(text, r.memberNames(RefTask)); suggestion == "" {
			return diag.ErrorAt(expr.Range(), "text in default", "It is a reference, not text, and no task is called %q.", text)
		}
	}
	return diag.ErrorAt(expr.Range(), "text in default", "It is a reference, not text: write %s.",
		MemberAccess("task", suggestion))
}

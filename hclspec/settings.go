package hclspec

import (
	"fmt"
	"slices"
	"strings"

	goversion "github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// requiredVersions reports the files that this version of the program does not satisfy. They are looked at before anything
// else, and as far as the parser came: what a later version has brought may be the mistake.
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

// requiredVersion is nil where the version satisfies a constraint, or is none of a release: who builds the program from a
// checkout knows what is in it. A text that is none is reported with the other mistakes.
func (p Parser) requiredVersion(expr hclsyntax.Expression) *hcl.Diagnostic {
	text, ok := literalString(expr)
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
	return diag.ErrorAt(expr.Range(), fmt.Sprintf("tasks %s is not what this file was written for", strings.TrimPrefix(p.Version, "v")),
		"It requires %s. Install a version that satisfies it, or change required_version.", text)
}

// declareSettings files the tasks block of a module.
func (c *checker) declareSettings(n *decodedBlock) {
	if first := n.mod.settings; first != nil {
		c.reportDuplicate("tasks block", n.headerRange, first.headerRange)
		return
	}
	n.mod.settings = n
	n.mod.jobs = c.readJobs(n.attrs["jobs"])
	n.mod.outputStyle = c.readOutputStyle(n.attrs["output_style"])
	a := n.attrs["required_version"]
	if a == nil {
		return
	}
	text := c.literalText(a)
	if _, err := goversion.NewConstraint(text); err != nil && text != "" {
		c.report(diag.ErrorAt(a.expr.Range(), "wrong value of required_version",
			"%q is not a version constraint: write \">= 1.2\", \"~> 1.4\" or \">= 1.2, < 2\".", text))
	}
}

// readJobs reads how many commands may run at a time; 0: nothing is said.
func (c *checker) readJobs(a *decodedAttribute) int {
	if a == nil || isNull(a.expr) {
		return 0
	}
	v, diags := a.expr.Value(nil)
	if !diags.HasErrors() && !v.IsKnown() {
		return 0 // part of it is missing, which has been told
	}
	if diags.HasErrors() || v.Type() != cty.Number {
		c.report(diag.ErrorAt(a.expr.Range(), "jobs must be a literal",
			"Write it as a number, without references, so that it is known without evaluating anything."))
		return 0
	}
	jobs, err := ctyconv.AsCount(v)
	if err != nil {
		c.report(wrongValueError(a, err))
	}
	return jobs
}

// checkSettings looks up the tasks of a bare `tasks run`.
func (c *checker) checkSettings(m *module) {
	if m.settings == nil {
		return
	}
	a := m.settings.attrs["default"]
	if a == nil {
		return
	}
	c.mod = m
	entries := []hclsyntax.Expression{a.expr}
	if list, ok := a.expr.(*hclsyntax.TupleConsExpr); ok {
		entries = list.Exprs
	}
	for _, entry := range entries {
		name, d := c.defaultTask(entry)
		if d != nil {
			c.report(d)
			continue
		}
		m.defaultTasks = append(m.defaultTasks, m.prefix+name)
	}
}

func (c *checker) defaultTask(expr hclsyntax.Expression) (string, *hcl.Diagnostic) {
	if text, ok := literalString(expr); ok {
		return "", c.textReferenceError(expr, text)
	}
	t, diags := hcl.AbsTraversalForExpr(expr)
	name, named := stepName(t, 1)
	switch {
	case diags.HasErrors() || refKind(t.RootName()) != refTask || !named:
		return "", diag.ErrorAt(expr.Range(), "default must be a reference to a task", "It is read without evaluating anything: write default = task.name, or a list of such references.")
	case c.findTask(name) == nil:
		return "", c.unknownMemberError(refTask, name, t)
	case len(t) > 2:
		return "", diag.ErrorAt(expr.Range(), "superfluous part of a reference", "Write %s.", memberAccess("task", name))
	}
	return name, nil
}

func (c *checker) textReferenceError(expr hclsyntax.Expression, text string) *hcl.Diagnostic {
	suggestion := text
	if c.findTask(text) == nil {
		if suggestion = suggest.Nearest(text, c.memberNames(refTask)); suggestion == "" {
			return diag.ErrorAt(expr.Range(), "text in default", "It is a reference, not text, and no task is called %q.", text)
		}
	}
	return diag.ErrorAt(expr.Range(), "text in default", "It is a reference, not text: write %s.", memberAccess("task", suggestion))
}

// DefaultTasks are the tasks of a bare `tasks run`, in order; empty where the files name none.
func (f *File) DefaultTasks() []string { return slices.Clone(f.root.defaultTasks) }

package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// matrixKeys returns the keys of a literal matrix.
func (t *Task) matrixKeys() (keys []string, isWrittenOut bool) {
	a := t.Attrs["matrix"]
	if a == nil {
		return nil, false
	}
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil, false
	}
	for _, item := range object.Items {
		key, diags := item.KeyExpr.Value(nil)
		if diags.HasErrors() || key.IsNull() || key.Type() != cty.String {
			return nil, false
		}
		keys = append(keys, key.AsString())
	}
	return keys, true
}

// checkMatrix checks a matrix without its values.
func (c *taskChecker) checkMatrix(t *Task) {
	if a := t.Attrs["matrix"]; a != nil {
		c.checkAllowed(a.Expression, "a matrix", RefVar, RefLocal, RefPath, RefPlatform, RefProject, RefCompose, RefSelf,
			RefTask, RefResult)
	}
}

// checkOverlay checks the attributes for the task's compose project. These cannot refer to the project.
func (c *taskChecker) checkOverlay(t *Task) {
	for _, name := range []string{"compose_files", "profiles"} {
		if a := t.Attrs[name]; a != nil {
			c.checkAllowed(a.Expression, name, RefVar, RefLocal, RefPath, RefPlatform, RefSelf, RefArg, RefFlag, RefMatrix,
				RefArgs)
		}
	}
}

// checkCombination reports a combination in the name of a task without a matrix.
func (r *resolver) checkCombination(name string, at hcl.Range) *hcl.Diagnostic {
	if t := r.findTask(name); strings.Contains(name, "@") && t.Attrs["matrix"] == nil && !t.hasUnknownNames {
		return diag.ErrorAt(at, fmt.Sprintf("task %q has no matrix", t.Name), "There is only one of it: write %s.",
			MemberAccess("task", DeclaredName(name)))
	}
	return nil
}

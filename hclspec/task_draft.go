package hclspec

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
)

// taskDraft is a task during the evaluation of its attributes.
type taskDraft struct {
	task Task
	// script is the text of the script, or nil.
	script *string
	shell  []string
	// overlay is part of the task's scope.
	overlay Overlay
	// passEnv and fileEnv are the environments of pass_env and env_files.
	passEnv, fileEnv map[string]*string
	in               Inputs
	// fromDefaults are the names of attributes with values from defaults.
	fromDefaults map[string]bool
	// projectDir is the project's directory. attributeDir is the directory of the current attribute's file: its
	// relative paths start there.
	projectDir, attributeDir string
	// attributeExpr is the expression of the current attribute.
	attributeExpr hclsyntax.Expression
}

// recordElementRanges keeps the places of a list's texts. The texts are checked later, with the compose project.
func (d *taskDraft) recordElementRanges(attr string, v cty.Value) {
	list, ok := d.attributeExpr.(*hclsyntax.TupleConsExpr)
	if !ok || !v.Type().IsTupleType() || v.LengthInt() != len(list.Exprs) {
		return
	}
	for i, expr := range list.Exprs {
		if text, err := ctyconv.AsText(v.Index(cty.NumberIntVal(int64(i)))); err == nil {
			d.task.Ranges[ElementRangeKey(attr, text)] = expr.Range()
		}
	}
}

// clearMerged removes the values below a null from an attribute that merges by key.
func (d *taskDraft) clearMerged(name string) {
	switch name {
	case "env":
		d.task.Env = nil
	case "labels":
		d.task.Labels = nil
	}
}

// assembleCommand makes the final argument list from the attributes.
func (d *taskDraft) assembleCommand(args []string) {
	container := d.task.Kind == ServiceTask || d.task.Kind == ImageTask
	switch {
	case d.script != nil:
		shell := d.shell
		if shell == nil {
			shell = []string{"sh", "-euc"}
		}
		d.task.Command = append(append([]string{}, shell...), append([]string{*d.script, d.task.Name}, args...)...)
	case d.task.Command != nil:
	case container && len(args) > 0:
		d.task.Command = append([]string{}, args...)
	case container && d.task.Entrypoint != nil:
		// Like Compose: a given entrypoint drops the service's command.
		d.task.Command = []string{}
	}
}

// dropUnsupported removes defaults without a meaning for a detached task, or for a task without its own container.
func (d *taskDraft) dropUnsupported() {
	if d.task.IsExec {
		d.task.dropContainerOptions()
	}
	if d.task.Detach && d.fromDefaults["timeout"] {
		d.task.Timeout = 0
	}
	if d.task.Detach && d.fromDefaults["allow_failure"] {
		d.task.AllowFailure = AllowFailure{}
	}
	if d.fromDefaults["output_style"] && outputStyleConflict(&d.task) != "" {
		d.task.OutputStyle = ""
	}
	if d.task.Detach && d.fromDefaults["lock"] {
		d.task.Lock = ""
	}
	if d.task.Detach && d.fromDefaults["on_lost"] {
		d.task.RetriesLost = false
	}
	if d.task.Detach && d.fromDefaults["retry"] {
		d.task.Retry = Retry{}
	}
}

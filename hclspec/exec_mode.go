package hclspec

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// The values of mode.
const (
	modeRun  = "run"
	modeExec = "exec"
)

func setMode(d *taskDraft, v cty.Value) error {
	text, err := ctyconv.AsText(v)
	if err != nil {
		return err
	}
	switch text {
	case modeRun, modeExec:
		d.task.IsExec = text == modeExec
		return nil
	}
	modes := []string{modeRun, modeExec}
	return diag.Errorf("unknown mode %q; valid: %s.%s", text, strings.Join(modes, ", "), diag.DidYouMean(text, modes))
}

// dropContainerOptions clears the options of a task's own container. A default for such an option has no meaning
// without the container. For an option of the task itself, checkExecMode reports an error.
func (t *Task) dropContainerOptions() {
	t.Entrypoint, t.Labels, t.ContainerName = nil, nil, ""
	t.Ports, t.ServicePorts, t.Volumes, t.UseAliases = nil, false, nil, false
	t.CapAdd, t.CapDrop = nil, nil
	t.Detach, t.RM, t.RetriesLost = false, true, false
}

// checkExecMode reports options without a meaning for a task in its service's container, in the file and on the
// command line.
func checkExecMode(e *evaluation, t *Task, run *taskRun) {
	if !t.IsExec {
		return
	}
	if t.IsJob {
		e.report(diag.ErrorAt(t.Range("mode"), fmt.Sprintf("mode = %q for a job", modeExec),
			"A job has no container that runs. Take mode out of task %q.", t.Name))
	}
	for _, a := range run.block.SortedAttrs() {
		if a.NeedsOwnContainer && !a.IsFromDefaults && !config.IsNull(a.Expr) {
			e.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q cannot act on a task with mode = %q", a.Name, modeExec),
				"It shapes a container of the task's own, and task %q runs in that of service %q, which is there already. Take "+
					"one of the two away.%s",
				t.Name, t.Service, config.InheritedNote(run.block, a.NameRange)))
		}
	}
	table := config.TaskBlockType()
	for _, flag := range run.commandLine.options.flags() {
		if a, _ := table.AttributeNamed(flag.attr); flag.isGiven && a.NeedsOwnContainer {
			e.report(diag.Error(fmt.Sprintf("%s cannot act on task %q", flag.flag, t.Name),
				"It shapes a container of the task's own, and the task runs in that of service %q (mode = %q at %s).", t.Service,
				modeExec, diag.Place(t.Range("mode"))))
		}
	}
}

// checkExecCommand reports a missing command: a running container has no default command. Commands that only read
// the files have no words, so they need no command.
func checkExecCommand(e *evaluation, t *Task) *hcl.Diagnostic {
	_, hasCommand := t.Ranges["command"]
	if !t.IsExec || len(t.Command) > 0 && t.Command[0] != "" || e.isReadOnly && !hasCommand {
		return nil
	}
	at := t.Range("mode")
	if hasCommand {
		at = t.Range("command")
	}
	return diag.ErrorAt(at, fmt.Sprintf("mode = %q needs a command", modeExec),
		"The container of service %q runs its own command already, and task %q does not say what to run beside it. Write "+
			"command = […] or a script, or give the command as words behind the task's name.",
		t.Service, t.Name)
}

package starter

import (
	"slices"
	"strconv"
	"strings"
)

// finish makes the command, the script or the steps of the task.
func (r *taskReader) finish() {
	t := r.task
	for i, group := range r.cleanup {
		called := group.called
		if called == nil {
			called = r.helper("cleanup-"+strconv.Itoa(i+1), group.lines)
		}
		t.finally = append(t.finally, called)
	}
	if len(t.finally) > 1 {
		t.fail("several commands of `defer`")
	}
	hasCalls := slices.ContainsFunc(r.groups, func(g commandGroup) bool { return g.called != nil })
	if !hasCalls {
		var lines []scriptLine
		for _, group := range r.groups {
			lines = append(lines, group.lines...)
		}
		r.setLines(t, lines)
		return
	}
	if len(r.checks) > 0 || r.guard != "" || len(t.inputs) > 0 || r.usesArgs || t.allowsFail {
		t.fail("calls of tasks beside conditions, files or arguments")
	}
	for i, group := range r.groups {
		called := group.called
		if called == nil {
			called = r.helper(strconv.Itoa(i+1), group.lines)
		}
		if slices.Contains(t.steps, called) {
			t.fail("several calls of %s", called.name)
		}
		t.steps = append(t.steps, called)
	}
	t.workdir, t.env, t.envFiles, t.shell = nil, nil, nil, nil
}

// helper returns a hidden task for a part of the commands.
func (r *taskReader) helper(suffix string, lines []scriptLine) *task {
	t := &task{
		name: r.task.name + "-" + suffix, place: r.task.place, isHidden: true, workdir: r.task.workdir, env: r.task.env,
		envFiles: r.task.envFiles, shell: r.task.shell,
	}
	r.file.document.tasks = append(r.file.document.tasks, t)
	(&taskReader{file: r.file, scope: r.scope, task: t}).setLines(t, lines)
	if t.fault != "" {
		r.task.fail("%s", t.fault)
	}
	return t
}

// setLines sets the command or script of a task. Task's own shell knows the syntax of bash.
func (r *taskReader) setLines(t *task, lines []scriptLine) {
	if len(lines) == 0 {
		t.workdir, t.env, t.envFiles, t.shell = nil, nil, nil, nil
		if len(t.others()) == 0 {
			t.fail("nothing to run")
		}
		return
	}
	if len(r.checks) == 0 && r.guard == "" && r.file.document.setComposeRun(t, r.scope.source, lines) {
		t.envFiles, t.shell = nil, nil
		return
	}
	lines = append(slices.Clone(r.checks), lines...)
	for _, line := range lines {
		if t.shell == nil && needsBash(line.text.outline()) {
			t.shell = []string{"bash", "-ec"}
		}
	}
	if r.guard == "" {
		t.setLines(lines)
		return
	}
	for _, line := range lines {
		if hasMisplacedCommand(line.text) {
			t.fail("a command of the source inside of single quotes")
		}
	}
	script, lenient, fault := joinLines(lines)
	if fault != "" {
		t.fail("%s", fault)
	}
	t.script = mergeLiterals(append(literal(r.guard), script...))
	if t.shell == nil && (lenient || strings.Contains(r.guard, "$")) {
		t.shell = lenientShell()
	}
}

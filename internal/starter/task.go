package starter

import (
	"fmt"
	"path/filepath"
	"strings"
)

// task is a task of the starter file.
type task struct {
	// name is the wish of the source. finish makes the name valid and unique.
	name        string
	comments    []string
	description string
	group       string
	aliases     []string
	isHidden    bool
	// dependsOn are references to services. needs are tasks. Both run in parallel.
	dependsOn []string
	needs     []*task
	// calls are dependencies with arguments.
	calls []call
	// steps run one after the other, in the place of a command.
	steps   []*task
	finally []*task
	// service, job and image: at most one has a value.
	service, job, image string
	isExec              bool
	command             []text
	// passesArgs adds the arguments of the command line to the command.
	passesArgs bool
	script     text
	shell      []string
	workdir    text
	user       string
	env        []assignment
	envFiles   []string
	volumes    []text
	ports      []text
	inputs     []string
	outputs    []string
	args       []argument
	confirm    string
	// required are the variables of the environment that the task needs.
	required   []string
	allowsFail bool
	enabled    string
	// block is a whole block in the place of the fields between service and args.
	block string
	// fault says why the language has no equal of the task. place is the place in the source.
	fault, place string
}

// assignment is an entry of an environment.
type assignment struct {
	name  string
	value text
}

// call is a dependency with arguments.
type call struct {
	task *task
	args []text
}

// argument is an argument of a task.
type argument struct {
	name string
	// defaultValue is the value, or the only element of a variadic argument.
	defaultValue           text
	isOptional, isVariadic bool
}

// fail records that a task has no equal. The first reason counts.
func (t *task) fail(format string, args ...any) {
	if t.fault == "" {
		t.fault = fmt.Sprintf(format, args...)
	}
}

// texts returns all texts of a task.
func (t *task) texts() []text {
	all := append([]text{t.script, t.workdir}, t.command...)
	all = append(append(all, t.volumes...), t.ports...)
	for _, e := range t.env {
		all = append(all, e.value)
	}
	for _, a := range t.args {
		all = append(all, a.defaultValue)
	}
	for _, c := range t.calls {
		all = append(all, c.args...)
	}
	return all
}

// others returns the tasks that a task refers to.
func (t *task) others() []*task {
	all := append(append(append([]*task(nil), t.needs...), t.steps...), t.finally...)
	for _, c := range t.calls {
		all = append(all, c.task)
	}
	return all
}

// document is a starter file before its layout.
type document struct {
	// root is the absolute directory of the starter file.
	root      string
	header    []string
	variables []*variable
	probes    []probe
	tasks     []*task
	notes     []string
}

// probe is the `ready` block of a service.
type probe struct {
	service string
	port    int
}

// note adds a comment to the end of the file.
func (d *document) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

// relative returns a path from the directory of the starter file, with slashes.
func (d *document) relative(path string) string {
	rel, err := filepath.Rel(d.root, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// workdirOf returns the working directory of host tasks of a directory; nil for the directory of the starter file.
func (d *document) workdirOf(dir string) text {
	if rel := d.relative(dir); rel != "." {
		return literal(rel)
	}
	return nil
}

// has reports whether a task has a name already.
func (d *document) has(name string) bool {
	for _, t := range d.tasks {
		if t.fault == "" && validName(t.name) == validName(name) {
			return true
		}
	}
	return false
}

// runInOrder makes tasks run one after the other before a task. Several tasks need a hidden task with `steps`.
func (d *document) runInOrder(t *task, before []*task) {
	switch {
	case len(before) == 0:
	case len(before) == 1:
		t.needs = before
	case len(t.command) == 0 && len(t.script) == 0 && t.block == "":
		t.steps = before
	default:
		first := &task{name: t.name + "-before", isHidden: true, steps: before}
		d.tasks = append(d.tasks, first)
		t.needs = []*task{first}
	}
}

// firstLine returns the first line of a text.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}

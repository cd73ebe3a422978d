package starter

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// taskfile is the reading of a Taskfile and of its included files.
type taskfile struct {
	document *document
	source   *source
	// nodes are the tasks by their full name: `namespace:name`.
	nodes map[string]taskNode
	tasks map[string]*task
	// copies counts the copies of tasks for calls with variables.
	copies int
	// patterns are those of [templatePatterns].
	patterns [3]*regexp.Regexp
}

// taskNode is a task of a Taskfile before the translation.
type taskNode struct {
	node  *yaml.Node
	line  int
	scope *taskScope
}

// taskScope holds what all tasks of a Taskfile share.
type taskScope struct {
	source *source
	// dir is the directory in which the tasks run.
	dir       string
	namespace string
	isHidden  bool
	variables map[string]*variable
	faults    map[string]string
	env       []assignment
	envFiles  []string
	shell     []string
}

// The bounds of a Taskfile: included files inside of included files, and copies of tasks.
const (
	maxIncludes = 10
	maxCopies   = 200
)

// addTaskfile adds the tasks of a Taskfile.
func addTaskfile(d *document, s *source) error {
	f := &taskfile{document: d, source: s, nodes: map[string]taskNode{}, tasks: map[string]*task{}}
	f.patterns = templatePatterns()
	names, err := f.read(s, s.dir(), &taskScope{}, 0)
	if err != nil {
		return fmt.Errorf("--from %s: %w", s.name, err)
	}
	if len(names) > maxTasks {
		return tooManyTasks(s)
	}
	// A task may refer to any other task.
	for _, name := range names {
		f.tasks[name] = &task{name: name, place: f.placeOf(name)}
	}
	for _, name := range names {
		t, n := f.tasks[name], f.nodes[name]
		d.tasks = append(d.tasks, t)
		r := &taskReader{file: f, scope: n.scope, task: t}
		r.read(n.node)
	}
	return nil
}

func (f *taskfile) placeOf(name string) string {
	n := f.nodes[name]
	return n.scope.source.place(n.line)
}

// read reads a Taskfile, and returns the full names of its tasks in the order of the file.
func (f *taskfile) read(s *source, dir string, parent *taskScope, depth int) (names []string, err error) {
	root, err := parseYAML(s.content)
	if err != nil {
		return nil, err
	}
	version := scalar(child(root, "version"))
	if !strings.HasPrefix(version, "3") {
		return nil, fmt.Errorf("only version 3 of Taskfiles is known, not %q: run the tasks with Task", version)
	}
	scope := &taskScope{
		source: s, dir: dir, namespace: parent.namespace, isHidden: parent.isHidden, variables: map[string]*variable{},
		faults: map[string]string{}, env: slices.Clone(parent.env), envFiles: slices.Clone(parent.envFiles),
		shell: parent.shell,
	}
	for name, v := range parent.variables {
		scope.variables[name] = v
	}
	f.readVariables(scope, child(root, "vars"))
	f.readSettings(scope, root)
	for _, e := range entries(child(root, "tasks")) {
		name := scope.namespace + e.key.Value
		if _, exists := f.nodes[name]; !exists {
			names = append(names, name)
			f.nodes[name] = taskNode{e.value, e.key.Line, scope}
		}
	}
	for _, e := range entries(child(root, "includes")) {
		more, err := f.include(scope, e, depth)
		if err != nil {
			f.document.note("%s: no equal for the include %s: %s.", s.place(e.key.Line), shorten(e.key.Value), err)
		}
		names = append(names, more...)
	}
	return names, nil
}

// readVariables reads the variables of all tasks.
func (f *taskfile) readVariables(scope *taskScope, node *yaml.Node) {
	for _, e := range entries(node) {
		name := e.key.Value
		value, err := (&taskReader{file: f, scope: scope}).variableValue(e.value)
		if err != nil {
			scope.faults[name] = err.Error()
			delete(scope.variables, name)
			continue
		}
		v := newVariable(name, value)
		scope.variables[name] = v
		f.document.variables = append(f.document.variables, v)
	}
}

// readSettings reads the environment and the options of the shell.
func (f *taskfile) readSettings(scope *taskScope, root *yaml.Node) {
	r := &taskReader{file: f, scope: scope}
	for _, e := range entries(child(root, "env")) {
		value, err := r.variableValue(e.value)
		if err == nil && slices.ContainsFunc(value, func(p part) bool { return p.shell != "" }) {
			err = fault("the output of a command")
		}
		if err != nil {
			scope.faults["env"] = "the variable " + e.key.Value + " of the environment: " + err.Error()
			continue
		}
		scope.env = append(scope.env, assignment{e.key.Value, value})
	}
	for _, name := range scalars(child(root, "dotenv")) {
		f.addEnvFile(&scope.envFiles, scope.source.dir(), name)
	}
	for _, option := range scalars(child(root, "set")) {
		switch option {
		case "pipefail", "o pipefail":
			scope.shell = []string{"bash", "-eo", "pipefail", "-c"}
		case "errexit", "e":
		default:
			scope.faults["env"] = "the option of the shell " + option
		}
	}
}

// addEnvFile adds a dotenv file that exists. Task ignores others.
func (f *taskfile) addEnvFile(files *[]string, dir, name string) {
	if path := filepath.Join(dir, filepath.FromSlash(name)); isFile(dir, name) {
		*files = append(*files, f.document.relative(path))
	}
}

// include reads an included file below the directory of the starter file.
func (f *taskfile) include(scope *taskScope, e entry, depth int) ([]string, error) {
	inner := &taskScope{
		namespace: scope.namespace + e.key.Value + ":",
		isHidden:  scope.isHidden || scalar(child(e.value, "internal")) == "true",
		variables: map[string]*variable{}, env: scope.env, envFiles: scope.envFiles, shell: scope.shell,
	}
	for name, v := range scope.variables {
		inner.variables[name] = v
	}
	name, dir := scalar(e.value), scope.dir
	if e.value.Kind == yaml.MappingNode {
		name = scalar(child(e.value, "taskfile"))
		if own := scalar(child(e.value, "dir")); own != "" {
			dir = filepath.Join(scope.source.dir(), filepath.FromSlash(own))
		}
		if scalar(child(e.value, "flatten")) == "true" {
			inner.namespace = scope.namespace
		}
		if child(e.value, "vars") != nil {
			return nil, fault("an include with variables")
		}
	}
	if depth > maxIncludes || strings.Contains(name+dir, "{{") || strings.Contains(name, "://") || filepath.IsAbs(name) {
		return nil, fault("the file " + shorten(name))
	}
	path := filepath.Join(scope.source.dir(), filepath.FromSlash(name))
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "Taskfile.yml")
		if !isFile(filepath.Dir(path), "Taskfile.yml") {
			path = filepath.Join(filepath.Dir(path), "Taskfile.yaml")
		}
	}
	rel := f.document.relative(path)
	if real, err := filepath.EvalSymlinks(path); err != nil || strings.HasPrefix(rel, "..") ||
		strings.HasPrefix(f.document.relative(real), "..") && strings.HasPrefix(real, string(filepath.Separator)) {
		return nil, fault("the file " + shorten(name) + " is not below this directory")
	}
	s, err := readSource(rel, path)
	if err != nil {
		return nil, err
	}
	s.project = f.source.project
	return f.read(s, dir, inner, depth+1)
}

// taskNamed returns the task with a name, as written in a Taskfile of a namespace.
func (f *taskfile) taskNamed(scope *taskScope, name string) (full string, t *task) {
	if root, isRoot := strings.CutPrefix(name, ":"); isRoot {
		return root, f.tasks[root]
	}
	full = scope.namespace + name
	if f.tasks[full] == nil {
		for other, n := range f.nodes {
			if n.scope == scope && slices.Contains(scalars(child(n.node, "aliases")), name) {
				return other, f.tasks[other]
			}
		}
	}
	return full, f.tasks[full]
}

// copyWith returns a hidden copy of a task for a call with variables.
func (f *taskfile) copyWith(full string, values map[string]text) (*task, error) {
	n := f.nodes[full]
	if f.copies++; f.copies > maxCopies {
		return nil, fault("too many calls with variables")
	}
	t := &task{name: full + "-call-" + strconv.Itoa(f.copies), place: f.placeOf(full)}
	r := &taskReader{file: f, scope: n.scope, task: t, values: values}
	r.read(n.node)
	t.isHidden, t.aliases = true, nil
	f.document.tasks = append(f.document.tasks, t)
	return t, nil
}

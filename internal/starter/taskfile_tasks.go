package starter

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"mvdan.cc/sh/v3/syntax"
)

// taskReader translates a task of a Taskfile.
type taskReader struct {
	file  *taskfile
	scope *taskScope
	task  *task
	// values are the variables of a call, own the variables of the task. The former win.
	values, own map[string]text
	// usesArgs reports whether a command takes the arguments of the command line.
	usesArgs bool
	groups   []commandGroup
	cleanup  []commandGroup
	checks   []scriptLine
	guard    string
}

// commandGroup is a group of neighbouring commands of the shell, or a call of a task.
type commandGroup struct {
	lines  []scriptLine
	called *task
}

// knownKeys are the entries of a task that have an equal, or no effect on the result.
func knownKeys() []string {
	return []string{
		"desc", "summary", "cmds", "cmd", "deps", "vars", "env", "dotenv", "dir", "sources", "generates", "preconditions",
		"status", "aliases", "internal", "ignore_error", "prompt", "requires", "platforms", "silent", "interactive", "run",
		"prefix", "label", "method", "failfast",
	}
}

// read translates a task. A text is a single command, a list a list of commands.
func (r *taskReader) read(node *yaml.Node) {
	t := r.task
	t.isHidden = r.scope.isHidden
	if strings.ContainsAny(t.name, "*{") {
		t.fail("a pattern as the name")
		return
	}
	if reason := r.scope.faults["env"]; reason != "" {
		t.fail("%s", reason)
		return
	}
	t.env, t.envFiles, t.shell = slices.Clone(r.scope.env), slices.Clone(r.scope.envFiles), r.scope.shell
	t.workdir = r.file.document.workdirOf(r.scope.dir)
	commands := node
	if node != nil && node.Kind == yaml.MappingNode {
		if commands = child(node, "cmds"); commands == nil {
			commands = child(node, "cmd")
		}
		if err := r.readOptions(node); err != nil {
			t.fail("%s", err)
			return
		}
	}
	for _, item := range items(commands) {
		if err := r.readCommand(item); err != nil {
			t.fail("%s", err)
			return
		}
	}
	r.finish()
}

// readOptions reads the entries of a task beside the commands.
func (r *taskReader) readOptions(node *yaml.Node) error {
	t := r.task
	for _, e := range entries(node) {
		if !slices.Contains(knownKeys(), e.key.Value) {
			return fault("the entry `" + shorten(e.key.Value) + "`")
		}
	}
	t.description = firstLine(scalar(child(node, "desc")))
	if t.description == "" {
		t.description = firstLine(scalar(child(node, "summary")))
	}
	t.isHidden = t.isHidden || scalar(child(node, "internal")) == "true"
	t.allowsFail = scalar(child(node, "ignore_error")) == "true"
	for _, alias := range scalars(child(node, "aliases")) {
		t.aliases = append(t.aliases, r.scope.namespace+alias)
	}
	for _, item := range items(child(child(node, "requires"), "vars")) {
		name := scalar(item)
		if item.Kind == yaml.MappingNode {
			name = scalar(child(item, "name"))
			t.comments = append(t.comments, "No equal for the list of values of "+name+".")
		}
		if _, isSet := r.values[name]; !isSet && r.scope.variables[name] == nil {
			t.required = append(t.required, name)
		}
	}
	if prompts := scalars(child(node, "prompt")); len(prompts) > 0 {
		t.confirm = strings.Join(prompts, " ")
	}
	for _, read := range []func(*yaml.Node) error{
		r.readOwnVariables, r.readEnvironment, r.readDirectory, r.readPlatforms, r.readFiles, r.readChecks,
		r.readDependencies,
	} {
		if err := read(node); err != nil {
			return err
		}
	}
	return nil
}

func (r *taskReader) readOwnVariables(node *yaml.Node) error {
	r.own = map[string]text{}
	for _, e := range entries(child(node, "vars")) {
		value, err := r.variableValue(e.value)
		if err != nil {
			return fault("the variable " + e.key.Value + ": " + err.Error())
		}
		r.own[e.key.Value] = value
	}
	return nil
}

func (r *taskReader) readEnvironment(node *yaml.Node) error {
	for _, e := range entries(child(node, "env")) {
		value, err := r.variableValue(e.value)
		if err == nil && slices.ContainsFunc(value, func(p part) bool { return p.shell != "" }) {
			err = fault("the output of a command")
		}
		if err != nil {
			return fault("the variable " + e.key.Value + " of the environment: " + err.Error())
		}
		name := e.key.Value
		r.task.env = slices.DeleteFunc(r.task.env, func(a assignment) bool { return a.name == name })
		r.task.env = append(r.task.env, assignment{name, value})
	}
	for _, name := range scalars(child(node, "dotenv")) {
		r.file.addEnvFile(&r.task.envFiles, r.scope.source.dir(), name)
	}
	return nil
}

func (r *taskReader) readDirectory(node *yaml.Node) error {
	dir, err := r.template(scalar(child(node, "dir")))
	if err != nil || len(dir) == 0 {
		return err
	}
	base, _ := r.task.workdir.static()
	switch s, isStatic := dir.static(); {
	case isStatic && path.IsAbs(s) || base == "":
		r.task.workdir = dir
	case dir[0].expression != "path.root" && dir[0].expression != "path.cwd":
		r.task.workdir = mergeLiterals(append(literal(base+"/"), dir...))
	default:
		r.task.workdir = dir
	}
	return nil
}

func (r *taskReader) readPlatforms(node *yaml.Node) error {
	names := scalars(child(node, "platforms"))
	for _, name := range names {
		if strings.Contains(name, "/") || slices.Contains([]string{"amd64", "arm64", "386", "arm"}, name) {
			return fault("the platform " + name)
		}
	}
	if len(names) > 0 {
		r.task.enabled = "contains(" + quoteList(names) + ", platform.os)"
	}
	return nil
}

// readFiles reads sources and generates. Paths start at the directory of the task.
func (r *taskReader) readFiles(node *yaml.Node) error {
	base, isStatic := r.task.workdir.static()
	for name, list := range map[string]*[]string{"sources": &r.task.inputs, "generates": &r.task.outputs} {
		for _, item := range items(child(node, name)) {
			value, err := r.template(scalar(item))
			if err != nil {
				return err
			}
			s, isKnown := value.static()
			if !isKnown || !isStatic || s == "" || strings.HasPrefix(path.Join(base, s), "..") || path.IsAbs(s) {
				return fault("the value of `" + name + "`")
			}
			*list = append(*list, path.Join(base, s))
		}
	}
	if len(r.task.inputs) == 0 {
		r.task.outputs = nil
	}
	return nil
}

// readChecks reads preconditions, and the commands of `status`.
func (r *taskReader) readChecks(node *yaml.Node) error {
	for _, item := range items(child(node, "preconditions")) {
		command, message := scalar(item), ""
		if item.Kind == yaml.MappingNode {
			command, message = scalar(child(item, "sh")), firstLine(scalar(child(item, "msg")))
		}
		if message == "" {
			message = "`" + firstLine(command) + "` failed"
		}
		value, err := r.template(command)
		if err != nil {
			return err
		}
		quoted, err := syntax.Quote(message, syntax.LangPOSIX)
		if err != nil || strings.Contains(message, "{{") {
			quoted = "'a precondition failed'"
		}
		line := append(literal("(\n"), value...)
		line = append(line, literal("\n) || {\n  echo "+quoted+" >&2\n  exit 1\n}")...)
		r.checks = append(r.checks, scriptLine{text: mergeLiterals(line), stopsInside: true})
	}
	var conditions []string
	for _, command := range scalars(child(node, "status")) {
		value, err := r.template(command)
		if err != nil {
			return err
		}
		s, isStatic := value.static()
		if file, err := parseShell(s); !isStatic || err != nil || len(file.Stmts) != 1 {
			return fault("the command of `status` " + shorten(firstLine(command)))
		}
		conditions = append(conditions, "{\n"+strings.TrimSpace(s)+"\n}")
	}
	if len(conditions) > 0 {
		r.guard = "if " + strings.Join(conditions, " && ") + "; then\n  exit 0\nfi\n"
	}
	return nil
}

func (r *taskReader) readDependencies(node *yaml.Node) error {
	for _, item := range items(child(node, "deps")) {
		if item.Kind == yaml.MappingNode && child(item, "for") != nil {
			return fault("a dependency with `for`")
		}
		called, err := r.call(item)
		if err != nil {
			return err
		}
		r.task.needs = append(r.task.needs, called)
	}
	return nil
}

// call returns the task of a call: a name, or an entry `task` with variables.
func (r *taskReader) call(node *yaml.Node) (*task, error) {
	name := scalar(node)
	values := map[string]text{}
	if node.Kind == yaml.MappingNode {
		name = scalar(child(node, "task"))
		for _, e := range entries(child(node, "vars")) {
			value, err := r.variableValue(e.value)
			if err != nil {
				return nil, err
			}
			values[e.key.Value] = value
		}
	}
	called, err := r.template(name)
	if err != nil {
		return nil, err
	}
	if s, isStatic := called.static(); isStatic {
		name = s
	}
	full, t := r.file.taskNamed(r.scope, name)
	switch {
	case t == nil:
		return nil, fault("the unknown task " + shorten(name))
	case len(values) > 0:
		return r.file.copyWith(full, values)
	}
	return t, nil
}

// readCommand reads a command: a text, or an entry `cmd`, `task` or `defer`.
func (r *taskReader) readCommand(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return r.addLine(scalar(node), false)
	}
	for _, e := range entries(node) {
		if !slices.Contains([]string{"cmd", "task", "vars", "defer", "for", "silent", "ignore_error"}, e.key.Value) {
			return fault("the entry `" + shorten(e.key.Value) + "` of a command")
		}
	}
	if loop := child(node, "for"); loop != nil {
		return r.readLoop(node, loop)
	}
	if deferred := child(node, "defer"); deferred != nil {
		return r.readDeferred(deferred)
	}
	return r.readSimple(node)
}

func (r *taskReader) readSimple(node *yaml.Node) error {
	ignores := scalar(child(node, "ignore_error")) == "true"
	if child(node, "task") == nil {
		return r.addLine(scalar(child(node, "cmd")), ignores)
	}
	called, err := r.call(node)
	if err != nil {
		return err
	}
	r.groups = append(r.groups, commandGroup{called: called})
	return nil
}

// readLoop repeats a command for each element of a written list.
func (r *taskReader) readLoop(node, loop *yaml.Node) error {
	if loop.Kind != yaml.SequenceNode {
		return fault("the loop `for` over computed values")
	}
	before := r.values
	defer func() { r.values = before }()
	for _, item := range scalars(loop) {
		r.values = map[string]text{"ITEM": literal(item)}
		for name, value := range before {
			r.values[name] = value
		}
		if err := r.readSimple(node); err != nil {
			return err
		}
	}
	return nil
}

// readDeferred reads a command for the end of the task. The last deferred command runs first.
func (r *taskReader) readDeferred(node *yaml.Node) error {
	groups := r.groups
	r.groups = nil
	var err error
	if node.Kind == yaml.MappingNode {
		err = r.readSimple(node)
	} else {
		err = r.addLine(scalar(node), false)
	}
	r.cleanup = append(r.groups, r.cleanup...)
	if len(groups) > 0 {
		const comment = "The tasks of `finally` also run after a failure before the `defer` of the source."
		r.task.comments = append(r.task.comments, comment)
	}
	r.groups = groups
	return err
}

// addLine adds a command of the shell.
func (r *taskReader) addLine(s string, ignoresErrors bool) error {
	value, err := r.template(strings.TrimSpace(s))
	if err != nil || len(value) == 0 {
		return err
	}
	line := scriptLine{text: value, ignoresErrors: ignoresErrors, stopsInside: true}
	if n := len(r.groups); n > 0 && r.groups[n-1].called == nil {
		r.groups[n-1].lines = append(r.groups[n-1].lines, line)
		return nil
	}
	r.groups = append(r.groups, commandGroup{lines: []scriptLine{line}})
	return nil
}

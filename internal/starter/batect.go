package starter

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// batect is the reading of a batect.yml.
type batect struct {
	document   *document
	source     *source
	containers []entry
	variables  map[string]*variable
	tasks      map[string]*task
}

// addBatect adds the tasks of a batect.yml. A container with an image becomes an image task.
func addBatect(d *document, s *source) error {
	root, err := parseYAML(s.content)
	if err != nil {
		return fmt.Errorf("--from %s: %w", s.name, err)
	}
	b := &batect{
		document: d, source: s, containers: entries(child(root, "containers")), variables: map[string]*variable{},
		tasks: map[string]*task{},
	}
	for _, e := range entries(child(root, "config_variables")) {
		b.readVariable(e)
	}
	if includes := child(root, "include"); includes != nil {
		d.note("%s: no equal for `include`: name the files with --from.", s.place(includes.Line))
	}
	list := entries(child(root, "tasks"))
	if len(list) > maxTasks {
		return tooManyTasks(s)
	}
	for _, e := range list {
		b.tasks[e.key.Value] = &task{name: e.key.Value, place: s.place(e.key.Line)}
	}
	for _, e := range list {
		t := b.tasks[e.key.Value]
		d.tasks = append(d.tasks, t)
		if err := b.fill(t, e.value); err != nil {
			t.fail("%s", err)
		}
	}
	return nil
}

func (b *batect) readVariable(e entry) {
	v := newVariable(e.key.Value, literal(scalar(child(e.value, "default"))))
	v.comment, v.isLocal = scalar(child(e.value, "description")), false
	b.variables[v.name] = v
	b.document.variables = append(b.document.variables, v)
}

// fill reads a task.
func (b *batect) fill(t *task, node *yaml.Node) error {
	t.description, t.group = firstLine(scalar(child(node, "description"))), firstLine(scalar(child(node, "group")))
	for _, e := range entries(node) {
		if !slices.Contains([]string{"description", "group", "run", "prerequisites"}, e.key.Value) {
			return fault("the entry `" + shorten(e.key.Value) + "`")
		}
	}
	var before []*task
	for _, name := range scalars(child(node, "prerequisites")) {
		if b.tasks[name] == nil {
			return fault("the prerequisite " + shorten(name))
		}
		before = append(before, b.tasks[name])
	}
	if run := child(node, "run"); run != nil {
		if err := b.readRun(t, run); err != nil {
			return err
		}
	} else if len(before) == 0 {
		return fault("nothing to run")
	}
	if t.image != "" && len(before) > 1 {
		first := &task{name: t.name + "-before", isHidden: true, steps: before}
		b.document.tasks = append(b.document.tasks, first)
		before = []*task{first}
	}
	b.document.runInOrder(t, before)
	return nil
}

// readRun reads the container of a task, and the changes of the task.
func (b *batect) readRun(t *task, run *yaml.Node) error {
	for _, e := range entries(run) {
		if !slices.Contains([]string{"container", "command", "environment", "ports", "working_directory"}, e.key.Value) {
			return fault("the entry `" + shorten(e.key.Value) + "` of `run`")
		}
	}
	name := scalar(child(run, "container"))
	container := find(b.containers, name)
	if container == nil {
		return fault("the unknown container " + shorten(name))
	}
	if err := b.readContainer(t, container); err != nil {
		return fault("the container " + shorten(name) + ": " + err.Error())
	}
	command := scalar(child(run, "command"))
	if command == "" {
		command = scalar(child(container, "command"))
	}
	if command != "" {
		words, isPlain := plainWords(command)
		if !isPlain {
			return fault("the command " + shorten(firstLine(command)))
		}
		t.command = literals(words)
	}
	if err := b.readEnvironment(t, child(run, "environment")); err != nil {
		return err
	}
	if dir := scalar(child(run, "working_directory")); dir != "" {
		t.workdir = literal(dir)
	}
	return b.readPorts(t, child(run, "ports"))
}

// readContainer reads a container without a build and without other containers.
func (b *batect) readContainer(t *task, node *yaml.Node) error {
	for _, e := range entries(node) {
		switch e.key.Value {
		case "image", "command", "environment", "ports", "working_directory", "volumes", "health_check",
			"enable_init_process":
		case "run_as_current_user":
			if scalar(child(e.value, "enabled")) == "true" {
				return fault("`run_as_current_user`, see uid() and gid() for the attribute user")
			}
		case "build_directory", "dependencies":
			return fault("`" + e.key.Value + "`: write a service of a compose file")
		default:
			return fault("the entry `" + shorten(e.key.Value) + "`")
		}
	}
	if t.image = scalar(child(node, "image")); t.image == "" {
		return fault("no image")
	}
	if dir := scalar(child(node, "working_directory")); dir != "" {
		t.workdir = literal(dir)
	}
	for _, item := range items(child(node, "volumes")) {
		if err := b.readVolume(t, item); err != nil {
			return err
		}
	}
	if err := b.readEnvironment(t, child(node, "environment")); err != nil {
		return err
	}
	return b.readPorts(t, child(node, "ports"))
}

// readVolume reads a mount: of a directory, or of a cache.
func (b *batect) readVolume(t *task, node *yaml.Node) error {
	source, target := "", ""
	if node.Kind == yaml.ScalarNode {
		parts := strings.Split(node.Value, ":")
		if len(parts) < 2 {
			return fault("the volume " + shorten(node.Value))
		}
		source, target = parts[0], parts[1]
	} else {
		source, target = scalar(child(node, "local")), scalar(child(node, "container"))
		if scalar(child(node, "type")) == "cache" {
			t.volumes = append(t.volumes, literal(scalar(child(node, "name"))+":"+target))
			return nil
		}
	}
	source, isProject := strings.CutPrefix(source, "<{batect.project_directory}")
	if strings.ContainsAny(source, "$<~") || path.IsAbs(source) && !isProject || target == "" {
		return fault("the volume " + shorten(source))
	}
	if source = path.Join(b.document.relative(b.source.dir()), strings.TrimPrefix(source, "/")); source != "." {
		source = "./" + source
	}
	t.volumes = append(t.volumes, literal(source+":"+target))
	return nil
}

func (b *batect) readEnvironment(t *task, node *yaml.Node) error {
	for _, e := range entries(node) {
		value, err := b.value(t, scalar(e.value))
		if err != nil {
			return err
		}
		if len(value) == 0 {
			value = expression(`""`)
		}
		name := e.key.Value
		t.env = slices.DeleteFunc(t.env, func(a assignment) bool { return a.name == name })
		t.env = append(t.env, assignment{name, value})
	}
	return nil
}

func (b *batect) readPorts(t *task, node *yaml.Node) error {
	for _, item := range items(node) {
		port := scalar(item)
		if item.Kind == yaml.MappingNode {
			port = scalar(child(item, "local")) + ":" + scalar(child(item, "container"))
		}
		t.ports = append(t.ports, literal(port))
	}
	return nil
}

// value returns the value of an expression of batect: `$NAME`, `${NAME:-default}`, `<name` or `<{name}` in a text.
func (b *batect) value(t *task, s string) (text, error) {
	var value text
	for s != "" {
		i := strings.IndexAny(s, `$<\`)
		if i < 0 {
			return append(value, literal(s)...), nil
		}
		value = append(value, literal(s[:i])...)
		mark := s[i]
		s = s[i+1:]
		if mark == '\\' {
			if s == "" {
				return nil, fault("a text with `\\` at the end")
			}
			value, s = append(value, literal(s[:1])...), s[1:]
			continue
		}
		name := ""
		if strings.HasPrefix(s, "{") {
			end := strings.IndexByte(s, '}')
			if end < 0 {
				return nil, fault("an expression without an end")
			}
			name, s = s[1:end], s[end+1:]
		} else {
			for name = s; strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != ""; {
				name = name[:len(name)-1]
			}
			s = s[len(name):]
		}
		part, err := b.reference(t, mark, name)
		if err != nil {
			return nil, err
		}
		value = append(value, part...)
	}
	return mergeLiterals(value), nil
}

func (b *batect) reference(t *task, mark byte, name string) (text, error) {
	if mark == '<' {
		if v := b.variables[name]; v != nil {
			return text{{variable: v}}, nil
		}
		if name == "batect.project_directory" {
			return b.document.directoryText(b.source.dir()), nil
		}
		return nil, fault("the variable <" + shorten(name))
	}
	variable, fallback, hasFallback := strings.Cut(name, ":-")
	switch {
	case variable == "" || validIdentifier(variable) != variable:
		return nil, fault("the expression $" + shorten(name))
	case hasFallback:
		return environmentVariable(variable, fallback), nil
	}
	t.required = append(t.required, variable)
	return environmentVariable(variable, ""), nil
}

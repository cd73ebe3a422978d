package starter

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// addTasks adds a task for each recipe.
func (j *justfile) addTasks() {
	var added []*justRecipe
	for _, r := range j.recipes {
		t := &task{
			name: r.name, description: r.doc, place: j.source.place(r.line), isHidden: strings.HasPrefix(r.name, "_"),
			aliases: j.aliases[r.name], workdir: j.document.workdirOf(j.source.dir()),
		}
		if r.fault != "" {
			t.fail("%s", r.fault)
		}
		if first := j.tasks[r.name]; first != nil {
			first.fail("several recipes of the name")
			continue
		}
		j.tasks[r.name] = t
		added = append(added, r)
	}
	for _, r := range added {
		t := j.tasks[r.name]
		j.document.tasks = append(j.document.tasks, t)
		j.setAttributes(t, r)
		if t.fault == "" {
			j.fill(t, r)
		}
	}
}

// setAttributes applies the attributes of a recipe.
func (j *justfile) setAttributes(t *task, r *justRecipe) {
	if doc, isSet := r.attribute("doc"); isSet {
		t.description = doc
	}
	t.group, _ = r.attribute("group")
	if question, isSet := r.attribute("confirm"); isSet {
		if t.confirm = question; question == "" {
			t.confirm = "Run " + r.name + "?"
		}
	}
	if dir, isSet := r.attribute("working-directory"); isSet {
		t.workdir = literal(dir)
	} else if dir, isSet := j.settings["working-directory"]; isSet {
		t.workdir = literal(strings.Trim(dir, `'"`))
	}
	var names []string
	for _, a := range r.attributes {
		name := strings.TrimSpace(strings.FieldsFunc(a+" ", func(r rune) bool { return r == '(' || r == ':' })[0])
		switch name {
		case "private":
			t.isHidden = true
		case "no-cd":
			t.workdir = expression("path.cwd")
		case "doc", "group", "confirm", "working-directory", "no-exit-message", "exit-message", "no-quiet",
			"default", "metadata":
		default:
			if list := systems(name); list != nil {
				names = append(names, list...)
				continue
			}
			t.fail("the attribute [%s]", name)
		}
	}
	if len(names) > 0 {
		t.enabled = "contains(" + quoteList(names) + ", platform.os)"
	}
}

// fill sets the body and the dependencies of a task.
func (j *justfile) fill(t *task, r *justRecipe) {
	for _, p := range r.parameters {
		a := argument{name: p.name, defaultValue: p.defaultValue, isOptional: p.isOptional, isVariadic: p.isVariadic}
		t.args = append(t.args, a)
		if p.isExported {
			value := expression("arg." + p.name)
			if p.isVariadic {
				value = expression("join(\" \", arg." + p.name + ")")
			}
			t.env = append(t.env, assignment{p.name, value})
		}
	}
	j.setBody(t, r)
	t.required = r.required
	if t.fault != "" {
		return
	}
	if len(t.command) == 0 && len(t.script) == 0 {
		t.workdir, t.env = nil, nil
	} else if t.block == "" {
		j.setEnvironment(t)
	}
	j.setDependencies(t, r)
	if len(t.others()) == 0 && len(t.command) == 0 && len(t.script) == 0 && t.block == "" {
		t.fail("nothing to run")
	}
}

// setDependencies sets the tasks before and after a recipe. just runs these one after the other.
func (j *justfile) setDependencies(t *task, r *justRecipe) {
	if len(r.before) == 1 && len(r.after) == 0 && strings.HasPrefix(r.before[0], "(") {
		if c, isKnown := j.call(t, r, r.before[0], r); isKnown {
			t.calls = []call{c}
		}
		return
	}
	before, after := j.dependencies(t, r, r.before, "before"), j.dependencies(t, r, r.after, "after")
	if len(after) == 0 {
		j.document.runInOrder(t, before)
		return
	}
	steps := before
	if len(t.command) > 0 || len(t.script) > 0 || t.block != "" {
		if len(t.args) > 0 {
			t.fail("parameters with tasks after the recipe")
			return
		}
		own := *t
		own.name, own.isHidden, own.aliases, own.confirm = t.name+"-itself", true, nil, ""
		j.document.tasks = append(j.document.tasks, &own)
		*t = task{
			name: t.name, description: t.description, place: t.place, group: t.group, isHidden: t.isHidden, aliases: t.aliases,
			confirm: t.confirm, enabled: t.enabled,
		}
		steps = append(steps, &own)
	}
	t.steps = append(steps, after...)
}

// dependencies returns the tasks of a list. A dependency with arguments has a hidden task of its own.
func (j *justfile) dependencies(t *task, r *justRecipe, list []string, suffix string) []*task {
	var tasks []*task
	for i, name := range list {
		if !strings.HasPrefix(name, "(") {
			if j.tasks[name] == nil {
				t.fail("the unknown dependency %s", shorten(name))
				return nil
			}
			tasks = append(tasks, j.tasks[name])
			continue
		}
		c, isKnown := j.call(t, r, name, nil)
		if !isKnown {
			return nil
		}
		caller := &task{name: r.name + "-" + suffix + "-" + strconv.Itoa(i+1), isHidden: true, calls: []call{c}}
		j.document.tasks = append(j.document.tasks, caller)
		tasks = append(tasks, caller)
	}
	return tasks
}

// call reads a dependency with arguments: `(name arg…)`.
func (j *justfile) call(t *task, r *justRecipe, dependency string, scope *justRecipe) (call, bool) {
	p := &justParser{file: j, recipe: scope, rest: dependency[1 : len(dependency)-1]}
	c := call{task: j.tasks[p.name()]}
	if c.task == nil {
		t.fail("the unknown dependency %s", shorten(dependency))
		return c, false
	}
	for p.skip(); p.rest != ""; p.skip() {
		value, err := p.sum()
		if err != nil {
			t.fail("%s", err)
			return c, false
		}
		for _, part := range value {
			if part.shell != "" {
				t.fail("an argument that is the output of a command")
				return c, false
			}
		}
		c.args = append(c.args, value)
	}
	return c, true
}

// setBody sets the command or script of a recipe.
func (j *justfile) setBody(t *task, r *justRecipe) {
	if len(r.body) > 0 && strings.HasPrefix(strings.TrimPrefix(r.body[0], "@"), "#!") {
		j.setShebangBody(t, r)
		return
	}
	var lines []scriptLine
	for _, line := range joinContinuations(r.body) {
		s, ignoresErrors := stripRecipePrefix(line)
		if strings.TrimSpace(s) == "" || strings.HasPrefix(s, "#") {
			continue
		}
		value, err := j.interpolate(s, r)
		if err != nil {
			t.fail("%s", err)
			return
		}
		lines = append(lines, scriptLine{text: value, ignoresErrors: ignoresErrors})
	}
	if len(lines) == 0 {
		return
	}
	words := strings.Fields(lines[0].text.outline())
	listFlags := []string{"--list", "-l", "--choose", "--list-submodules"}
	if len(lines) == 1 && len(words) > 1 && words[0] == "just" && slices.Contains(listFlags, words[1]) {
		t.fail("`tasks` lists the tasks")
		return
	}
	if j.document.setComposeRun(t, j.source, lines) {
		return
	}
	isStrict, isKnown := j.setShell(t)
	if !isKnown {
		t.fail("the shell %s", shorten(j.settings["shell"]))
		return
	}
	for i := range lines {
		lines[i].stopsInside = isStrict
	}
	if _, isPositional := j.settings["positional-arguments"]; isPositional && len(r.parameters) > 0 &&
		strings.ContainsAny(strings.Join(r.body, "\n"), "$") {
		t.fail("positional arguments")
		return
	}
	shell := t.shell
	t.setLines(lines)
	t.shell = shell // the shell of just refuses unset variables too
	if len(t.command) > 0 {
		t.shell = nil
	}
}

// setShell sets the shell of the setting. isStrict reports a shell with -e.
func (j *justfile) setShell(t *task) (isStrict, isKnown bool) {
	setting, isSet := j.settings["shell"]
	if !isSet {
		return false, true
	}
	var words []string
	for _, word := range strings.FieldsFunc(setting, func(r rune) bool { return strings.ContainsRune("[], ", r) }) {
		words = append(words, strings.Trim(word, `'"`))
	}
	if len(words) < 2 {
		return false, false
	}
	t.shell, isStrict, isKnown = shellWith(words[0], strings.Join(words[1:], " "))
	if slices.Equal(t.shell, []string{"sh", "-euc"}) {
		t.shell = nil // the default
	}
	return isStrict, isKnown
}

func (j *justfile) setShebangBody(t *task, r *justRecipe) {
	if t.shell = interpreterOf(strings.TrimPrefix(r.body[0], "@")); t.shell == nil {
		t.fail("the interpreter %s", shorten(r.body[0]))
		return
	}
	value, err := j.interpolate(strings.TrimSpace(strings.Join(r.body[1:], "\n"))+"\n", r)
	if err != nil {
		t.fail("%s", err)
		return
	}
	for _, p := range value {
		if p.shell != "" {
			t.fail("a value that is the output of a command")
		}
	}
	t.script = value
}

// joinContinuations joins lines with a backslash at the end.
func joinContinuations(lines []string) []string {
	var joined []string
	continues := false
	for _, line := range lines {
		if continues {
			last := len(joined) - 1
			joined[last] = strings.TrimSuffix(joined[last], `\`) + strings.TrimLeft(line, " \t")
		} else {
			joined = append(joined, line)
		}
		continues = strings.HasSuffix(line, `\`)
	}
	return joined
}

// interpolate replaces `{{expression}}` in a text.
func (j *justfile) interpolate(s string, r *justRecipe) (text, error) {
	var value text
	for {
		before, rest, found := strings.Cut(s, "{{")
		value = append(value, literal(before)...)
		if value.isTooLong() {
			return nil, fault("a very long line")
		}
		if !found {
			return mergeLiterals(value), nil
		}
		if escaped, isEscaped := strings.CutPrefix(rest, "{{"); isEscaped {
			value = append(value, literal("{{")...)
			s = escaped
			continue
		}
		p := &justParser{file: j, recipe: r, rest: rest}
		inner, err := p.sum()
		if err != nil {
			return nil, err
		}
		if !p.take("}}") {
			return nil, fault("the expression " + shorten(firstLine(rest)))
		}
		value, s = append(value, inner...), p.rest
	}
}

// setEnvironment adds the exported variables and the dotenv file.
func (j *justfile) setEnvironment(t *task) {
	names := j.exported
	if j.settings["export"] == "true" {
		names = nil
		for _, v := range j.document.variables {
			if j.variables[v.name] == v {
				names = append(names, v.name)
			}
		}
	}
	for _, name := range names {
		v := j.variables[name]
		if v == nil || slices.ContainsFunc(v.value, func(p part) bool { return p.shell != "" }) {
			t.fail("the exported variable %s", name)
			return
		}
		t.env = append(t.env, assignment{name, text{{variable: v}}})
	}
	j.setEnvFile(t)
}

// setEnvFile adds the dotenv file of the settings, if the file exists.
func (j *justfile) setEnvFile(t *task) {
	name := ".env"
	isLoaded := j.settings["dotenv-load"] == "true"
	for _, setting := range []string{"dotenv-filename", "dotenv-path"} {
		if value := strings.Trim(j.settings[setting], `'"`); value != "" {
			name, isLoaded = value, true
		}
	}
	if isLoaded && isFile(j.source.dir(), name) {
		t.envFiles = []string{j.document.relative(filepath.Join(j.source.dir(), filepath.FromSlash(name)))}
	}
}

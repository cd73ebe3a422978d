package starter

import (
	"cmp"
	"slices"
	"strings"
)

// addTasks adds a task for each rule, in the order of the file.
func (m *makefile) addTasks() {
	for _, rule := range m.rules {
		if m.tasks[rule.target] != nil && rule.fault == "" || !isTaskRule(rule) {
			continue
		}
		t := &task{
			name: rule.target, place: m.source.place(rule.line), description: rule.doc,
			workdir: m.document.workdirOf(m.source.dir()),
		}
		if rule.fault != "" {
			t.fail("%s", rule.fault)
		}
		m.tasks[rule.target] = t
	}
	seen := map[*task]bool{}
	for _, rule := range m.rules {
		if t := m.tasks[rule.target]; t != nil && !seen[t] {
			seen[t] = true
			m.document.tasks = append(m.document.tasks, t)
			m.fill(t, rule)
		}
	}
}

// isTaskRule reports whether a rule does something. A rule without recipe and prerequisites is a mark for make.
func isTaskRule(rule *makeRule) bool {
	return rule.fault != "" || len(rule.recipe) > 0 || len(rule.prerequisites) > 0
}

// fill sets the recipe and the prerequisites of a task.
func (m *makefile) fill(t *task, rule *makeRule) {
	if line, has := m.settings[rule.target]; has {
		t.fail("a variable of the target (line %d)", line)
	}
	if validName(rule.target) == "" {
		t.fail("a name without a letter")
	}
	var before []*task
	var files []string
	for _, name := range rule.prerequisites {
		switch needed := m.tasks[name]; {
		case needed != nil && !slices.Contains(before, needed):
			before = append(before, needed)
		case needed != nil:
		case strings.Contains(name, "$"):
			t.fail("a computed prerequisite")
		default:
			files = append(files, name)
		}
	}
	if t.fault == "" {
		m.fillRecipe(t, rule)
	}
	m.fillFiles(t, rule, files)
	m.document.runInOrder(t, before)
	if t.fault == "" && len(t.command) == 0 && len(t.script) == 0 && t.block == "" && len(t.others()) == 0 {
		t.fail("nothing to run")
	}
	if len(t.script) == 0 && len(t.command) == 0 {
		t.workdir, t.env = nil, nil
	}
}

// fillFiles makes the prerequisites of a file inputs, and the file the output.
func (m *makefile) fillFiles(t *task, rule *makeRule, files []string) {
	isFileTarget := strings.ContainsAny(rule.target, "./") && !slices.Contains(m.phony, rule.target)
	existing := slices.DeleteFunc(slices.Clone(files), func(name string) bool {
		isTarget := slices.ContainsFunc(m.rules, func(r *makeRule) bool { return r.target == name })
		return isTarget || slices.Contains(m.phony, name)
	})
	switch {
	case isFileTarget && len(existing) > 0 && len(t.workdir) == 0 && t.block == "":
		t.inputs, t.outputs = existing, []string{rule.target}
	case len(existing) > 0:
		t.comments = append(t.comments, "No equal for the prerequisites "+strings.Join(existing, " ")+": files.")
	}
}

// fillRecipe sets the command or the script.
func (m *makefile) fillRecipe(t *task, rule *makeRule) {
	var lines []scriptLine
	for _, line := range rule.recipe {
		s, ignoresErrors := stripRecipePrefix(strings.TrimPrefix(line.text, "\t"))
		if strings.TrimSpace(s) == "" || strings.HasPrefix(s, "#") && !m.isOneShell {
			continue
		}
		value, fault := m.expand(s, rule)
		if fault != "" {
			t.fail("%s (line %d)", fault, line.number)
			return
		}
		lines = append(lines, scriptLine{text: value, ignoresErrors: ignoresErrors})
	}
	if m.isOneShell && len(lines) > 1 {
		t.fail(".ONESHELL with a recipe of several lines")
		return
	}
	if len(lines) == 0 || len(rule.prerequisites) == 0 && m.callsTargets(t, lines) ||
		m.document.setComposeRun(t, m.source, lines) {
		return
	}
	isStrict := m.setShell(t)
	for i := range lines {
		lines[i].stopsInside = isStrict
	}
	t.setLines(lines)
	m.setEnvironment(t)
}

// callsTargets makes steps of a recipe that only calls targets of the same file.
func (m *makefile) callsTargets(t *task, lines []scriptLine) bool {
	var steps []*task
	for _, line := range lines {
		s, isStatic := line.text.static()
		words := strings.Fields(s)
		if !isStatic || line.ignoresErrors || len(words) < 2 || words[0] != "make" {
			return false
		}
		for _, word := range words[1:] {
			called := m.tasks[word]
			if called == nil || called == t || slices.Contains(steps, called) {
				return false
			}
			steps = append(steps, called)
		}
	}
	t.steps = steps
	return true
}

// setShell sets the shell of a recipe. isStrict reports a shell with -e.
func (m *makefile) setShell(t *task) (isStrict bool) {
	if m.shellFlags == "" && (m.shell == "" || m.shell == "sh") {
		return false
	}
	var isKnown bool
	if t.shell, isStrict, isKnown = shellWith(cmp.Or(m.shell, "sh"), m.shellFlags); !isKnown {
		t.fail("the shell %s", strings.TrimSpace(m.shell+" "+m.shellFlags))
	}
	return isStrict
}

// setEnvironment adds the exported variables.
func (m *makefile) setEnvironment(t *task) {
	names := m.exported
	if m.exportsAll {
		names = nil
		for _, v := range m.document.variables {
			if m.variables[v.name] == v {
				names = append(names, v.name)
			}
		}
	}
	var done []string
	for _, name := range names {
		v := m.variables[name]
		switch {
		case slices.Contains(done, name) || v == nil && m.faults[name] == "":
		case m.faults[name] != "":
			t.fail("the exported variable %s: %s", name, m.faults[name])
		default:
			if s := v.value; slices.ContainsFunc(s, func(p part) bool { return p.shell != "" }) {
				t.fail("the exported variable %s is the output of a command", name)
			}
			t.env = append(t.env, assignment{name, text{{variable: v}}})
			done = append(done, name)
		}
	}
}

package starter

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// makefile is the reading of a Makefile.
type makefile struct {
	document *document
	source   *source
	// variables have the values of the assignments. A nil variable has no equal.
	variables map[string]*variable
	faults    map[string]string
	rules     []*makeRule
	phony     []string
	// shell is the name of the shell, shellFlags are its flags.
	shell, shellFlags string
	exported          []string
	exportsAll,
	isOneShell bool
	// settings are targets with variables of their own.
	settings map[string]int
	tasks    map[string]*task
	// assignment matches an assignment of a variable.
	assignment *regexp.Regexp
	// depth is the number of calls of expand under way.
	depth int
}

// makeRule is a target with its recipe.
type makeRule struct {
	target        string
	line          int
	prerequisites []string
	recipe        []makeLine
	doc           string
	fault         string
}

// addMakefile adds the targets of a Makefile as tasks.
func addMakefile(d *document, s *source) error {
	m := &makefile{
		document: d, source: s, variables: map[string]*variable{}, faults: map[string]string{}, settings: map[string]int{},
		tasks: map[string]*task{}, assignment: assignmentPattern(),
	}
	m.read(makeLines(string(s.content)))
	if len(m.rules) > maxTasks {
		return tooManyTasks(s)
	}
	m.addTasks()
	return nil
}

// read reads the logical lines.
func (m *makefile) read(lines []makeLine) {
	var current []*makeRule
	var comments []string
	for _, line := range lines {
		text := strings.TrimSpace(line.text)
		inConditional := strings.HasPrefix(line.text, conditionalMark)
		switch {
		case line.isRecipe && len(current) > 0:
			for _, rule := range current {
				rule.recipe = append(rule.recipe, line)
			}
			continue
		case text == "":
			comments = nil
			continue
		case strings.HasPrefix(text, "#"):
			comments = append(comments, text)
			continue
		case inConditional:
			current = m.readConditional(line.number, strings.TrimPrefix(line.text, conditionalMark), current)
		case m.readDirective(line, text):
		case m.readAssignment(line):
		default:
			current = m.readRule(line, comments)
		}
		comments = nil
	}
}

// readConditional records what a branch of a conditional changes: the result depends on the run of make. current are
// the rules of a recipe.
func (m *makefile) readConditional(number int, text string, current []*makeRule) []*makeRule {
	if strings.HasPrefix(text, "\t") {
		for _, rule := range current {
			rule.fault = "a conditional in the recipe"
		}
		return current
	}
	if match := m.assignment.FindStringSubmatch(text); match != nil {
		m.faults[match[2]] = "a value inside of a conditional"
		return nil
	}
	i := ruleColon(text)
	if i <= 0 {
		return current
	}
	var rules []*makeRule
	for _, target := range strings.Fields(text[:i]) {
		rules = append(rules, &makeRule{target: target, line: number, fault: "a rule inside of a conditional"})
	}
	m.rules = append(m.rules, rules...)
	return rules
}

// readDirective reads directives without a meaning for tasks, and notes directives without an equal.
func (m *makefile) readDirective(line makeLine, text string) bool {
	word := firstWord(text)
	switch word {
	case "include", "-include", "sinclude":
		m.document.note("%s: no equal for `%s`: name the file with --from, or write env_files for a file of variables.",
			m.source.place(line.number), shorten(text))
		return true
	case "ifeq", "ifneq", "ifdef", "ifndef":
		m.document.note("%s: no equal for the conditional `%s`.", m.source.place(line.number), shorten(text))
		return true
	case "define":
		if fields := strings.Fields(text); len(fields) > 1 {
			m.faults[fields[1]] = "a value of several lines (`define`)"
		}
		return true
	case "export":
		if !strings.Contains(text, "=") {
			names := strings.Fields(text)[1:]
			m.exported = append(m.exported, names...)
			m.exportsAll = m.exportsAll || len(names) == 0
			return true
		}
	case "unexport", "vpath", "undefine", "override", "else", "load", "-load":
		return !strings.Contains(text, "=")
	}
	if strings.HasPrefix(text, "$(") && ruleColon(text) < 0 && !m.assignment.MatchString(text) {
		m.document.note("%s: no equal for `%s`.", m.source.place(line.number), shorten(text))
		return true
	}
	return false
}

// readAssignment reads an assignment of a variable.
func (m *makefile) readAssignment(line makeLine) bool {
	text, _ := splitComment(line.text)
	match := m.assignment.FindStringSubmatch(text)
	if match == nil {
		return false
	}
	name, operator, value := match[2], match[3], strings.TrimSpace(match[4])
	value = strings.ReplaceAll(value, `\#`, "#")
	if strings.Contains(match[1], "export") && !strings.Contains(match[1], "unexport") ||
		strings.HasPrefix(strings.TrimSpace(text), "export") {
		m.exported = append(m.exported, name)
	}
	switch name {
	case "SHELL":
		m.shell = shellName(value)
		return true
	case ".SHELLFLAGS":
		m.shellFlags = value
		return true
	case "MAKEFLAGS", ".DEFAULT_GOAL":
		return true
	}
	m.assign(name, operator, value)
	return true
}

// shellName returns the name of a shell: of a path, of `env bash`, or of `$(shell which bash)`.
func shellName(value string) string {
	words := strings.Fields(strings.Trim(value, "$()"))
	if len(words) == 0 {
		return ""
	}
	isLookup := slices.Contains([]string{"env", "shell"}, filepath.Base(words[0]))
	if len(words) > 1 && !isLookup {
		return value
	}
	return filepath.Base(words[len(words)-1])
}

func (m *makefile) assign(name, operator, value string) {
	delete(m.faults, name)
	if operator == "!=" {
		operator, value = ":=", "$(shell "+value+")"
	}
	before := m.variables[name]
	if operator == "?=" && before != nil {
		return
	}
	// The value of `=` is expanded at the use. The order of assignments matters only for a later change.
	expanded, fault := m.expand(value, nil)
	switch {
	case fault != "":
		m.faults[name] = fault
		m.variables[name] = nil
		return
	case operator == "+=" && before != nil:
		m.faults[name] = ""
		delete(m.faults, name)
		expanded = mergeLiterals(append(append(append(text(nil), before.value...), literal(" ")...), expanded...))
	}
	if operator == "?=" {
		if expanded = overridable(name, expanded); expanded == nil {
			m.faults[name] = "`?=` with a value that is not known"
			return
		}
	}
	v := newVariable(name, expanded)
	m.variables[name] = v
	m.document.variables = append(m.document.variables, v)
}

// readRule reads the targets of a rule.
func (m *makefile) readRule(line makeLine, comments []string) []*makeRule {
	text, comment := splitComment(line.text)
	colon := ruleColon(text)
	if colon < 0 {
		m.document.note("%s: no equal for `%s`.", m.source.place(line.number), shorten(strings.TrimSpace(line.text)))
		return nil
	}
	targets, rest := m.words(text[:colon]), strings.TrimLeft(text[colon:], ":")
	if m.readSpecialTarget(targets, rest) {
		return nil
	}
	if strings.HasPrefix(rest, "=") || m.assignment.MatchString(rest) {
		for _, target := range targets {
			m.settings[target] = line.number
		}
		return nil
	}
	rest, first, hasRecipe := strings.Cut(rest, ";")
	doc := ""
	if strings.HasPrefix(comment, "##") {
		doc = docComment([]string{comment})
	} else if len(comments) > 0 {
		doc = docComment(comments)
	}
	if len(m.rules) > maxTasks {
		return nil // too many, with an error at the end
	}
	var rules []*makeRule
	seen := map[string]bool{}
	for _, target := range targets {
		if seen[target] || len(m.rules) > maxTasks {
			continue
		}
		seen[target] = true
		rule := m.ruleOf(target, line.number)
		rule.prerequisites = append(rule.prerequisites, m.words(strings.ReplaceAll(rest, "|", " "))...)
		if hasRecipe && strings.TrimSpace(first) != "" {
			recipe := makeLine{number: line.number, text: "\t" + strings.TrimSpace(first), isRecipe: true}
			rule.recipe = append(rule.recipe, recipe)
		}
		if rule.doc == "" {
			rule.doc = doc
		}
		if rule.fault = m.ruleFault(target, rest); rule.fault != "" && strings.Contains(target, "$(") {
			rule.target = target
		}
		rules = append(rules, rule)
	}
	return rules
}

// words returns the words of a list of targets, with the values of variables where these are known.
func (m *makefile) words(s string) []string {
	if value, fault := m.expand(s, nil); fault == "" {
		if expanded, isStatic := value.static(); isStatic {
			s = expanded
		}
	}
	return strings.Fields(s)
}

// ruleOf returns the rule of a target. Several rules of a target are one rule.
func (m *makefile) ruleOf(target string, line int) *makeRule {
	for _, rule := range m.rules {
		if rule.target == target && rule.fault == "" {
			return rule
		}
	}
	rule := &makeRule{target: target, line: line}
	m.rules = append(m.rules, rule)
	return rule
}

func (m *makefile) ruleFault(target, rest string) string {
	switch {
	case strings.Contains(target, "%"):
		return "a pattern rule"
	case strings.Contains(target, "$"):
		return "a computed target"
	case strings.Contains(rest, "%") || strings.Contains(rest, ":"):
		return "a static pattern rule"
	}
	return ""
}

// readSpecialTarget reads targets with a meaning for make.
func (m *makefile) readSpecialTarget(targets []string, rest string) bool {
	const smallLetters = "abcdefghijklmnopqrstuvwxyz"
	if len(targets) != 1 || !strings.HasPrefix(targets[0], ".") ||
		strings.ContainsAny(targets[0][1:], "./"+smallLetters) {
		return false
	}
	switch targets[0] {
	case ".PHONY":
		m.phony = append(m.phony, strings.Fields(rest)...)
	case ".ONESHELL":
		m.isOneShell = true
	case ".EXPORT_ALL_VARIABLES":
		m.exportsAll = true
	}
	return true
}

// stripRecipePrefix drops the prefixes `@`, `-` and `+` of a line of a recipe.
func stripRecipePrefix(s string) (rest string, ignoresErrors bool) {
	rest = strings.TrimLeft(s, "@-+ \t")
	return rest, strings.Contains(s[:len(s)-len(rest)], "-")
}

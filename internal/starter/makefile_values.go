package starter

import (
	"fmt"
	"slices"
	"strings"
)

// maxDepth is the number of brackets inside of brackets in a source.
const maxDepth = 50

// expand replaces the references of make in a text. rule is nil outside of a recipe. fault says why a reference has no
// equal.
func (m *makefile) expand(s string, rule *makeRule) (value text, fault string) {
	if m.depth++; m.depth > maxDepth {
		m.depth--
		return nil, "deeply nested references"
	}
	defer func() { m.depth-- }()
	for s != "" {
		dollar := strings.IndexByte(s, '$')
		if dollar < 0 || dollar == len(s)-1 {
			value = append(value, literal(s)...)
			break
		}
		value = append(value, literal(s[:dollar])...)
		s = s[dollar+1:]
		var name string
		switch s[0] {
		case '$':
			value, s = append(value, literal("$")...), s[1:]
			continue
		case '(', '{':
			end := closingBracket(s)
			if end < 0 {
				return nil, "a reference without an end"
			}
			name, s = s[1:end], s[end+1:]
		default:
			name, s = s[:1], s[1:]
		}
		part, fault := m.reference(name, rule)
		if fault != "" {
			return nil, fault
		}
		value = append(value, part...)
	}
	if value.isTooLong() {
		return nil, "a very long value"
	}
	return mergeLiterals(value), ""
}

// closingBracket returns the place of the bracket that closes the first bracket of a text.
func closingBracket(s string) int {
	opening, closing, depth := s[0], byte(')'), 0
	if opening == '{' {
		closing = '}'
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case opening:
			depth++
		case closing:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// reference returns the value of a reference of make.
func (m *makefile) reference(name string, rule *makeRule) (text, string) {
	if rule != nil {
		if value, isAutomatic := m.automatic(name, rule); isAutomatic {
			return value, ""
		}
	}
	if command, isShell := strings.CutPrefix(name, "shell "); isShell {
		return m.shellOutput(command)
	}
	if strings.ContainsAny(name, " \t:$,") {
		function, _, _ := strings.Cut(name, " ")
		return nil, fmt.Sprintf("the function or reference $(%s)", shorten(function))
	}
	if fault := m.faults[name]; fault != "" {
		return nil, fmt.Sprintf("the variable %s: %s", name, fault)
	}
	if v := m.variables[name]; v != nil {
		if slices.ContainsFunc(v.value, func(p part) bool { return p.shell != "" }) {
			return v.value, "" // the shell of the script runs the command
		}
		return text{{variable: v}}, ""
	}
	switch name {
	case "MAKE":
		return literal("make"), ""
	case "CURDIR", "PWD":
		return m.document.directoryText(m.source.dir()), ""
	case "SHELL", "MAKEFLAGS", "MAKEFILE_LIST", "MAKECMDGOALS", "MAKEOVERRIDES", ".DEFAULT_GOAL",
		"@", "<", "^", "*", "?", "+", "|":
		return nil, fmt.Sprintf("the variable $(%s) of make", name)
	}
	if validIdentifier(name) != name && !strings.Contains(name, "_") {
		return nil, fmt.Sprintf("the variable $(%s)", shorten(name))
	}
	return environmentVariable(name, ""), ""
}

// automatic returns the value of an automatic variable.
func (m *makefile) automatic(name string, rule *makeRule) (text, bool) {
	switch name {
	case "@":
		return literal(rule.target), true
	case "<":
		if len(rule.prerequisites) > 0 && !strings.Contains(rule.prerequisites[0], "$") {
			return literal(rule.prerequisites[0]), true
		}
	case "^":
		if !strings.Contains(strings.Join(rule.prerequisites, " "), "$") {
			return literal(strings.Join(rule.prerequisites, " ")), true
		}
	}
	return nil, false
}

// shellOutput returns the output of a command. make joins the lines of the output, and so does a shell outside of
// quotes.
func (m *makefile) shellOutput(command string) (text, string) {
	value, fault := m.expand(command, nil)
	if fault != "" {
		return nil, fault
	}
	s, isKnown := value.substitution()
	if !isKnown {
		return nil, fmt.Sprintf("the command $(shell %s)", shorten(strings.TrimSpace(command)))
	}
	return text{{shell: s}}, ""
}

// overridable returns the value of `?=`: the variable of the environment, if set. nil: no equal.
func overridable(name string, value text) text {
	switch s, isStatic := value.static(); {
	case isStatic && value.isLiteral():
		return text{{fallback: &environmentFallback{name, literal(s)}}}
	case len(value) == 1 && value[0].shell != "" && !strings.Contains(value[0].shell, `"`):
		// The words of the source stay in the shell: the output counts only for an unset variable.
		return text{{shell: `printf %s "${` + name + `-$(` + value[0].shell + `)}"`}}
	case slices.ContainsFunc(value, func(p part) bool { return p.shell != "" }):
		return nil
	}
	return text{{fallback: &environmentFallback{name, value}}}
}

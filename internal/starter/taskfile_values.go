package starter

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// variableValue returns the value of a variable of a Taskfile.
func (r *taskReader) variableValue(node *yaml.Node) (text, error) {
	if node.Kind == yaml.ScalarNode {
		return r.template(scalar(node))
	}
	command := child(node, "sh")
	if command == nil {
		return nil, fault("a value that is no text")
	}
	value, err := r.template(scalar(command))
	if err != nil {
		return nil, err
	}
	s, isKnown := value.substitution()
	if !isKnown {
		return nil, fault("the command " + shorten(firstLine(scalar(command))))
	}
	return text{{shell: s}}, nil
}

// templatePatterns match the templates with an equal: a variable, and two spellings of a variable with a default.
func templatePatterns() [3]*regexp.Regexp {
	return [3]*regexp.Regexp{
		regexp.MustCompile(`^\.(\w+)$`),
		regexp.MustCompile(`^\.(\w+)\s*\|\s*default\s+"([^"\\]*)"$`),
		regexp.MustCompile(`^default\s+"([^"\\]*)"\s+\.(\w+)$`),
	}
}

// template replaces the templates of a text.
func (r *taskReader) template(s string) (text, error) {
	var value text
	before := ""
	for {
		start, rest, found := strings.Cut(s, "{{")
		value = append(value, literal(start)...)
		before += start
		if value.isTooLong() {
			return nil, fault("a very long text")
		}
		if !found {
			return mergeLiterals(value), nil
		}
		inner, after, isClosed := strings.Cut(rest, "}}")
		if !isClosed {
			return nil, fault("a template without an end")
		}
		part, err := r.action(strings.TrimSpace(inner), before)
		if err != nil {
			return nil, err
		}
		value, s = append(value, part...), after
		before += part.outline()
	}
}

// action returns the value of a template. before is the text before the template.
func (r *taskReader) action(inner, before string) (text, error) {
	plain, piped, prefixed := r.file.patterns[0], r.file.patterns[1], r.file.patterns[2]
	switch {
	case inner == "OS":
		return expression("platform.os"), nil
	case inner == "ARCH":
		return expression("platform.arch"), nil
	case plain.MatchString(inner):
		return r.variable(plain.FindStringSubmatch(inner)[1], nil, before)
	case piped.MatchString(inner):
		match := piped.FindStringSubmatch(inner)
		return r.variable(match[1], &match[2], before)
	case prefixed.MatchString(inner):
		match := prefixed.FindStringSubmatch(inner)
		return r.variable(match[2], &match[1], before)
	}
	return nil, fault("the template {{" + shorten(inner) + "}}")
}

// variable returns the value of a variable. A variable without a value comes from the environment.
func (r *taskReader) variable(name string, fallback *string, before string) (text, error) {
	if value, isSet := r.values[name]; isSet {
		return value, nil
	}
	if value, isSet := r.own[name]; isSet {
		return value, nil
	}
	if reason := r.scope.faults[name]; reason != "" {
		return nil, fault("the variable " + name + ": " + reason)
	}
	if v := r.scope.variables[name]; v != nil {
		for _, p := range v.value {
			if p.shell != "" {
				return v.value, nil
			}
		}
		return text{{variable: v}}, nil
	}
	switch name {
	case "CLI_ARGS":
		if fallback != nil || r.task == nil || isInQuotes(before) {
			return nil, fault("{{.CLI_ARGS}} in this place")
		}
		r.usesArgs = true
		return literal(`"$@"`), nil
	case "TASK":
		if r.task == nil {
			return nil, fault("{{.TASK}} in this place")
		}
		return literal(strings.TrimPrefix(r.task.name, r.scope.namespace)), nil
	case "ROOT_DIR":
		return r.file.document.directoryText(r.file.source.dir()), nil
	case "TASKFILE_DIR":
		return r.file.document.directoryText(r.scope.source.dir()), nil
	case "USER_WORKING_DIR":
		return expression("path.cwd"), nil
	case "CLI_ARGS_LIST", "CLI_FORCE", "CLI_SILENT", "CLI_VERBOSE", "CHECKSUM", "TIMESTAMP", "TASK_VERSION", "ITEM", "KEY",
		"MATCH", "EXIT_CODE", "ALIAS", "TASK_EXE", "TASKFILE", "ROOT_TASKFILE", "TASK_DIR":
		return nil, fault("the variable {{." + name + "}}")
	}
	if fallback != nil {
		return environmentVariable(name, *fallback), nil
	}
	return environmentVariable(name, ""), nil
}

// isInQuotes reports whether the end of a text of the shell is inside of quotes.
func isInQuotes(s string) bool {
	return isInSingleQuotes(s) || strings.Count(strings.ReplaceAll(s, `\"`, ""), `"`)%2 == 1
}

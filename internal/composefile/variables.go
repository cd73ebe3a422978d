package composefile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v4"
)

// checkVariables reports the invalid variables and the missing required variables of all values below a node.
func (c *checker) checkVariables(s source, node *yaml.Node) {
	switch node.Kind {
	case yaml.ScalarNode:
		c.checkVariablesOf(s, node)
	case yaml.MappingNode:
		for i := 1; i < len(node.Content); i += 2 {
			c.checkVariables(s, node.Content[i])
		}
	case yaml.SequenceNode:
		for _, item := range node.Content {
			c.checkVariables(s, item)
		}
	}
}

func (c *checker) checkVariablesOf(s source, node *yaml.Node) {
	if !hasVariable(node) {
		return
	}
	_, missing, err := s.interpolate(node.Value)
	for _, m := range missing {
		message := fmt.Sprintf("the required variable %s has no value", m.Variable)
		if m.Reason != "" {
			message += ": " + m.Reason
		}
		c.reportVariable(s, node, m.Variable, message, c.setVariable(m.Variable))
	}
	if err != nil {
		c.reportAt(s.File, node, "the value is no valid use of a variable",
			"Write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $$ for a dollar sign.")
	}
}

// hasVariable reports whether a text may use a variable.
func hasVariable(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && strings.Contains(node.Value, "$")
}

// interpolate replaces the variables of a text. Missing required variables are replaced by a word.
func (s source) interpolate(text string) (value string, missing []*template.MissingRequiredError, err error) {
	assumed := map[string]bool{}
	lookup := func(name string) (string, bool) {
		if assumed[name] {
			return "value", true
		}
		value, isSet := s.environment[name]
		return value, isSet
	}
	for {
		value, err = template.SubstituteWithOptions(text, lookup, template.WithoutLogging)
		required, isMissing := errors.AsType[*template.MissingRequiredError](err)
		if !isMissing || assumed[required.Variable] {
			return value, missing, err
		}
		assumed[required.Variable] = true
		missing = append(missing, required)
	}
}

// unset returns the variables without a value and without a default in a text.
func (s source) unset(text string) []string {
	var names []string
	lookup := func(name string) (string, bool) {
		value, isSet := s.environment[name]
		return value, isSet
	}
	for _, m := range regexp.MustCompile(`\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})`).FindAllStringSubmatch(text, -1) {
		name := m[1] + m[2]
		if _, isSet := lookup(name); name != "" && !isSet {
			names = append(names, name)
		}
	}
	return names
}

// PlainVariables returns the variables of a text that stand alone: $NAME and ${NAME}, and not in the default of another
// variable.
func PlainVariables(text string) (names []string) {
	pattern := regexp.MustCompile(`^(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})`)
	depth := 0
	for i := 0; i < len(text); i++ {
		switch rest := text[i+1:]; {
		case text[i] == '}' && depth > 0:
			depth--
		case text[i] != '$':
		case strings.HasPrefix(rest, "$"):
			i++ // an escaped dollar sign
		case depth == 0 && pattern.MatchString(rest):
			found := pattern.FindStringSubmatch(rest)
			names = append(names, found[1]+found[2])
			i += len(found[0])
		case strings.HasPrefix(rest, "{"):
			depth++
			i++
		}
	}
	return names
}

// FindVariable returns the first place in a file where a variable stands alone in a value. Without such a place, both
// results are zero.
func FindVariable(f *File, name string) (line, column int) {
	var find func(node *yaml.Node, depth int) bool
	find = func(node *yaml.Node, depth int) bool {
		if depth > maxDepth {
			return false
		}
		if hasVariable(node) && slices.Contains(PlainVariables(node.Value), name) {
			line, column = variablePosition(f, node, name)
			return true
		}
		return slices.ContainsFunc(node.Content, func(child *yaml.Node) bool { return find(child, depth+1) })
	}
	for _, root := range f.Documents {
		if find(root, 0) {
			break
		}
	}
	return line, column
}

// UnsetVariables returns the variables of a text without a value.
func UnsetVariables(text string, environment map[string]string) []string {
	return source{environment: environment}.unset(text)
}

// setVariable returns the remedy for a variable without a value.
func (c *checker) setVariable(name string) string { return SetVariable(name, c.in.EnvFiles) }

// SetVariable returns the remedy for a variable without a value. The env files are named in the text.
func SetVariable(name, envFiles string) string {
	return fmt.Sprintf("Set %s in the environment, or in %s.", name, envFiles)
}

// unsetNote explains an empty value by the variables without a value, or returns an empty text.
func (c *checker) unsetNote(s source, node *yaml.Node) string {
	if node == nil || !hasVariable(node) {
		return ""
	}
	var notes []string
	for _, name := range s.unset(node.Value) {
		notes = append(notes, fmt.Sprintf("The variable %s is not set. %s", name, c.setVariable(name)))
	}
	return strings.Join(notes, " ")
}

// reportVariable reports a mistake at the use of a variable in a value.
func (c *checker) reportVariable(s source, node *yaml.Node, name, message, detail string) {
	c.explained[node] = true
	line, column := variablePosition(s.File, node, name)
	c.report(Mistake{Path: s.Path, Line: line, Column: column, Message: message, Detail: detail, node: node})
}

// variablePosition returns the position of a variable in a value, or the position of the value.
func variablePosition(f *File, node *yaml.Node, name string) (line, column int) {
	pattern := regexp.MustCompile(`(?:^|[^$])(?:\$\$)*(\$\{?` + regexp.QuoteMeta(name) + `\b)`)
	for number := node.Line; number <= node.Line+strings.Count(node.Value, "\n")+1; number++ {
		text := f.line(number)
		if at := pattern.FindSubmatchIndex(text); at != nil {
			return number, utf8.RuneCount(text[:at[2]]) + 1
		}
	}
	return node.Line, node.Column
}

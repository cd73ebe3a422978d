package starter

import (
	"fmt"
	"strconv"
	"strings"
)

// justParser parses an expression of a justfile.
type justParser struct {
	file *justfile
	// recipe has the parameters; nil outside of recipes.
	recipe *justRecipe
	rest   string
	// depth counts brackets, so that an expression has a bound.
	depth int
}

// fault is the reason why a part of a source has no equal.
type fault string

func (f fault) Error() string { return string(f) }

// justValue returns the value of an expression, and the text behind.
func (j *justfile) justValue(s string, recipe *justRecipe) (value text, rest string, err error) {
	p := &justParser{file: j, recipe: recipe, rest: s}
	value, err = p.sum()
	return mergeLiterals(value), strings.TrimSpace(p.rest), err
}

func (p *justParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

// take drops a text at the beginning of the rest.
func (p *justParser) take(s string) bool {
	p.skip()
	rest, found := strings.CutPrefix(p.rest, s)
	if found {
		p.rest = rest
	}
	return found
}

// sum parses values with `+` and `/` between.
func (p *justParser) sum() (text, error) {
	var value text
	if p.take("/") {
		value = literal("/")
	}
	for {
		next, err := p.value()
		if err != nil {
			return nil, err
		}
		value = append(value, next...)
		switch {
		case p.take("+"):
		case p.take("/"):
			value = append(value, literal("/")...)
		default:
			for _, operator := range []string{"==", "!=", "=~", "&&", "||"} {
				if strings.HasPrefix(p.rest, operator) && operator != "&&" {
					return nil, fault("the operator " + operator)
				}
			}
			return value, nil
		}
	}
}

func (p *justParser) value() (text, error) {
	p.skip()
	switch {
	case p.rest == "":
		return nil, fault("an expression without an end")
	case strings.ContainsRune(`'"`, rune(p.rest[0])):
		return p.quoted()
	case p.take("```"):
		return nil, fault("a command in backticks of several lines")
	case p.take("`"):
		command, rest, found := strings.Cut(p.rest, "`")
		p.rest = rest
		if !found || !isSubstitution(command) || strings.Contains(command, "{{") {
			return nil, fault("the command `" + shorten(command) + "`")
		}
		return text{{shell: strings.TrimSpace(command)}}, nil
	case p.take("("):
		if p.depth++; p.depth > maxDepth {
			return nil, fault("deeply nested brackets")
		}
		value, err := p.sum()
		if err == nil && !p.take(")") {
			err = fault("a bracket without an end")
		}
		return value, err
	}
	name := p.name()
	switch {
	case name == "":
		return nil, fault("the expression " + shorten(firstLine(p.rest)))
	case name == "if":
		return nil, fault("the condition `if`")
	case p.take("("):
		return p.function(name)
	case strings.HasPrefix(p.rest, "'") || strings.HasPrefix(p.rest, `"`):
		return nil, fault("a string with the prefix " + name)
	}
	return p.file.variable(name, p.recipe)
}

// name takes a name from the beginning of the rest.
func (p *justParser) name() string {
	p.skip()
	end := 0
	for end < len(p.rest) && (isWordCharacter(rune(p.rest[end])) || strings.IndexByte("_-", p.rest[end]) >= 0) {
		end++
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	return name
}

// quoted parses a string.
func (p *justParser) quoted() (text, error) {
	mark := p.rest[:1]
	if triple := strings.Repeat(mark, 3); strings.HasPrefix(p.rest, triple) {
		content, rest, found := strings.Cut(p.rest[3:], triple)
		if !found || strings.Contains(content, `\`) && mark == `"` {
			return nil, fault("a string of several lines with escapes")
		}
		p.rest = rest
		return literal(withoutIndentation(strings.TrimPrefix(content, "\n"))), nil
	}
	if mark == "'" {
		content, rest, found := strings.Cut(p.rest[1:], "'")
		if !found {
			return nil, fault("a string without an end")
		}
		p.rest = rest
		return literal(content), nil
	}
	end := 1
	for end < len(p.rest) && p.rest[end] != '"' {
		if p.rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.rest) {
		return nil, fault("a string without an end")
	}
	content, err := strconv.Unquote(strings.ReplaceAll(p.rest[:end+1], "\n", `\n`))
	if err != nil {
		return nil, fault("the string " + shorten(p.rest[:end+1]))
	}
	p.rest = p.rest[end+1:]
	return literal(content), nil
}

// withoutIndentation removes the common indentation of lines.
func withoutIndentation(s string) string {
	lines := strings.Split(s, "\n")
	common := ""
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		indentation := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if common == "" && (i == 0 || indentation != "") {
			common = indentation
		}
		for !strings.HasPrefix(indentation, common) {
			common = common[:len(common)-1]
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, common)
	}
	return strings.Join(lines, "\n")
}

// function parses the arguments of a function, and returns its value.
func (p *justParser) function(name string) (text, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fault("deeply nested functions")
	}
	var args []string
	for !p.take(")") {
		value, err := p.sum()
		if err != nil {
			return nil, err
		}
		s, isStatic := value.static()
		if !isStatic {
			return nil, fault("the function " + name + "() of a computed value")
		}
		args = append(args, s)
		if !p.take(",") && !strings.HasPrefix(p.rest, ")") {
			return nil, fault("the function " + name + "()")
		}
	}
	switch {
	case (name == "env" || name == "env_var") && len(args) == 1:
		if p.recipe == nil {
			return nil, fault("a variable that needs " + args[0] + " in the environment")
		}
		p.recipe.required = append(p.recipe.required, args[0])
		return environmentVariable(args[0], ""), nil
	case (name == "env" || name == "env_var_or_default") && len(args) == 2:
		return environmentVariable(args[0], args[1]), nil
	case name == "justfile_directory" || name == "justfile_dir" || name == "source_directory" || name == "source_dir":
		return p.file.document.directoryText(p.file.source.dir()), nil
	case name == "invocation_directory" || name == "invocation_dir":
		return expression("path.cwd"), nil
	}
	return nil, fault("the function " + name + "()")
}

// directoryText returns a directory as an absolute path.
func (d *document) directoryText(dir string) text {
	if rel := d.relative(dir); rel != "." {
		return text{{expression: "path.root"}, {literal: "/" + rel}}
	}
	return expression("path.root")
}

// variable returns the value of a parameter or a variable.
func (j *justfile) variable(name string, recipe *justRecipe) (text, error) {
	if recipe != nil {
		for _, p := range recipe.parameters {
			switch {
			case p.name != name:
			case p.isVariadic:
				return expression(fmt.Sprintf("join(%s, arg.%s)", quote(" "), name)), nil
			default:
				return expression("arg." + name), nil
			}
		}
	}
	if v := j.variables[name]; v != nil {
		for _, p := range v.value {
			if p.shell != "" {
				return v.value, nil
			}
		}
		return text{{variable: v}}, nil
	}
	if reason := j.faults[name]; reason != "" {
		return nil, fault("the variable " + name + ": " + reason)
	}
	return nil, fault("the unknown variable " + name)
}

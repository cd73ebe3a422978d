package starter

import (
	"path"
	"slices"
	"strings"
)

// justfile is the reading of a justfile.
type justfile struct {
	document  *document
	source    *source
	variables map[string]*variable
	faults    map[string]string
	exported  []string
	recipes   []*justRecipe
	aliases   map[string][]string
	settings  map[string]string
	tasks     map[string]*task
}

// justRecipe is a recipe of a justfile.
type justRecipe struct {
	name       string
	line       int
	parameters []justParameter
	attributes []string
	doc        string
	// before and after are the dependencies: a name, or a name with arguments in brackets.
	before, after []string
	body          []string
	// required are the variables of the environment in the body.
	required []string
	fault    string
}

// justParameter is a parameter of a recipe.
type justParameter struct {
	name                               string
	defaultValue                       text
	isOptional, isVariadic, isExported bool
}

// addJustfile adds the recipes of a justfile as tasks.
func addJustfile(d *document, s *source) error {
	j := &justfile{
		document: d, source: s, variables: map[string]*variable{}, faults: map[string]string{},
		aliases: map[string][]string{}, settings: map[string]string{}, tasks: map[string]*task{},
	}
	j.read(strings.Split(string(s.content), "\n"))
	if len(j.recipes) > maxTasks {
		return tooManyTasks(s)
	}
	j.addTasks()
	return nil
}

// read reads the statements of the file.
func (j *justfile) read(lines []string) {
	var comments, attributes []string
	for i := 0; i < len(lines); {
		number, line := i+1, lines[i]
		trimmed := strings.TrimSpace(line)
		i++
		switch word := firstWord(trimmed); {
		case trimmed == "":
			comments = nil
			continue
		case strings.HasPrefix(trimmed, "#"):
			comments = append(comments, trimmed)
			continue
		case strings.HasPrefix(trimmed, "["):
			attributes = append(attributes, splitAttributes(trimmed)...)
			continue
		case line[0] == ' ' || line[0] == '\t': // behind a statement that is left out
			continue
		case word == "import" || word == "import?" || word == "mod" || word == "mod?":
			j.document.note("%s: no equal for `%s`: name the file with --from.", j.source.place(number), shorten(trimmed))
		case word == "set":
			j.readSetting(trimmed)
		case word == "alias":
			name, target, _ := strings.Cut(strings.TrimPrefix(trimmed, "alias"), ":=")
			j.aliases[strings.TrimSpace(target)] = append(j.aliases[strings.TrimSpace(target)], strings.TrimSpace(name))
		case isJustAssignment(trimmed):
			var count int
			trimmed, count = joinStrings(trimmed, lines[i:])
			i += count
			j.readAssignment(trimmed)
		default:
			recipe := j.readHeader(number, trimmed)
			recipe.doc, recipe.attributes = docComment(comments), attributes
			for i < len(lines) && (strings.TrimSpace(lines[i]) == "" || lines[i][0] == ' ' || lines[i][0] == '\t') {
				recipe.body = append(recipe.body, lines[i])
				i++
			}
			recipe.body = strings.Split(withoutIndentation(strings.TrimRight(strings.Join(recipe.body, "\n"), " \t\n")), "\n")
			j.recipes = append(j.recipes, recipe)
		}
		comments, attributes = nil, nil
	}
}

// splitAttributes returns the attributes of a line: `[private, group('x')]`.
func splitAttributes(line string) []string {
	line, _ = splitComment(line)
	var list []string
	depth, start := 0, 1
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && (c == ',' || c == ']'):
			list = append(list, strings.TrimSpace(line[start:i]))
			start = i + 1
		}
	}
	return list
}

// isJustAssignment reports whether a line assigns a variable: the first `:=` outside of quotes follows a name.
func isJustAssignment(line string) bool {
	name, _, found := strings.Cut(line, ":=")
	words := strings.Fields(name)
	return found && (len(words) == 1 || len(words) == 2 && words[0] == "export") && !strings.ContainsAny(name, `'"(:`)
}

// joinStrings adds the lines up to the end of a string or a bracket of several lines.
func joinStrings(line string, following []string) (joined string, count int) {
	for isOpen(line) && count < min(len(following), maxStringLines) {
		line += "\n" + following[count]
		count++
	}
	return line, count
}

// maxStringLines is the number of lines of the longest string of several lines.
const maxStringLines = 100

// isOpen reports whether a text ends inside of a string, a command in backticks or a bracket.
func isOpen(s string) bool {
	depth := 0
	for i := 0; i < len(s); {
		mark := ""
		for _, m := range []string{"'''", `"""`, "```", "'", `"`, "`"} {
			if strings.HasPrefix(s[i:], m) {
				mark = m
				break
			}
		}
		switch {
		case mark != "":
			end := endOfString(s[i+len(mark):], mark)
			if end < 0 {
				return true
			}
			i += len(mark) + end
			continue
		case s[i] == '#':
			rest := strings.IndexByte(s[i:], '\n')
			if rest < 0 {
				return depth > 0
			}
			i += rest
		case s[i] == '(':
			depth++
		case s[i] == ')':
			depth--
		}
		i++
	}
	return depth > 0
}

// endOfString returns the place behind the mark that ends a string; -1, where no mark does.
func endOfString(s, mark string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && mark[0] == '"' {
			i++
			continue
		}
		if strings.HasPrefix(s[i:], mark) {
			return i + len(mark)
		}
	}
	return -1
}

func (j *justfile) readSetting(line string) {
	line, _ = splitComment(line)
	name, value, hasValue := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "set")), ":=")
	if value = strings.TrimSpace(value); !hasValue {
		value = "true"
	}
	j.settings[strings.TrimSpace(name)] = value
}

func (j *justfile) readAssignment(line string) {
	name, value, _ := strings.Cut(line, ":=")
	if rest, isExported := strings.CutPrefix(name, "export "); isExported {
		name = rest
		j.exported = append(j.exported, strings.TrimSpace(name))
	}
	name = strings.TrimSpace(name)
	result, rest, err := j.justValue(value, nil)
	switch {
	case err != nil:
		j.faults[name] = err.Error()
		return
	case rest != "" && !strings.HasPrefix(rest, "#"):
		j.faults[name] = "the expression " + shorten(firstLine(rest))
		return
	}
	if result.isTooLong() {
		j.faults[name] = "a very long value"
		return
	}
	v := newVariable(name, result)
	j.variables[name] = v
	j.document.variables = append(j.document.variables, v)
}

// readHeader reads the first line of a recipe: name, parameters and dependencies.
func (j *justfile) readHeader(number int, line string) *justRecipe {
	p := &justParser{file: j, rest: strings.TrimPrefix(line, "@")}
	recipe := &justRecipe{name: p.name(), line: number}
	for recipe.fault == "" {
		if p.take(":") {
			break
		}
		recipe.readParameter(p)
	}
	if recipe.name == "" {
		recipe.name, recipe.fault = shorten(line), "a line that is no recipe"
	}
	target := &recipe.before
	for recipe.fault == "" {
		p.skip()
		switch {
		case p.rest == "" || p.rest[0] == '#':
			return recipe
		case p.take("&&"):
			target = &recipe.after
		case p.rest[0] == '(':
			end := closingBracket(p.rest)
			if end < 0 {
				recipe.fault = "a dependency without an end"
				break
			}
			*target = append(*target, p.rest[:end+1])
			p.rest = p.rest[end+1:]
		default:
			name := p.name()
			if name == "" {
				recipe.fault = "the dependency " + shorten(p.rest)
				break
			}
			*target = append(*target, name)
		}
	}
	return recipe
}

func (r *justRecipe) readParameter(p *justParser) {
	var parameter justParameter
	for {
		switch {
		case p.take("*"):
			parameter.isVariadic, parameter.isOptional = true, true
			continue
		case p.take("+"):
			parameter.isVariadic = true
			continue
		case p.take("$"):
			parameter.isExported = true
			continue
		}
		break
	}
	if parameter.name = p.name(); parameter.name == "" {
		r.fault = "the parameters " + shorten(firstLine(p.rest))
		return
	}
	if p.take("=") {
		value, err := p.value()
		if err != nil {
			r.fault = err.Error()
			return
		}
		for _, part := range value {
			if part.shell != "" {
				r.fault = "a default that is the output of a command"
			}
		}
		parameter.isOptional, parameter.defaultValue = true, value
	}
	r.parameters = append(r.parameters, parameter)
}

// attribute returns the value of an attribute: `name`, `name('value')` or `name: 'value'`.
func (r *justRecipe) attribute(name string) (value string, isSet bool) {
	for _, a := range r.attributes {
		rest, found := strings.CutPrefix(a, name)
		rest = strings.TrimSpace(rest)
		if found && (rest == "" || strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, ":")) {
			rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")"), ":"))
			return strings.Trim(rest, `'"`), true
		}
	}
	return "", false
}

// systems returns the names of operating systems of an attribute.
func systems(attribute string) []string {
	return map[string][]string{
		"linux": {"linux"}, "macos": {"darwin"}, "windows": {"windows"}, "openbsd": {"openbsd"},
		"unix": {"linux", "darwin", "freebsd", "openbsd", "netbsd"},
	}[attribute]
}

// interpreterOf returns the shell of a script with a `#!` line; nil: not known.
func interpreterOf(line string) []string {
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	if len(words) > 1 && path.Base(words[0]) == "env" {
		words = words[1:]
	}
	if len(words) == 0 || len(words) > 2 {
		return nil
	}
	name := path.Base(words[0])
	switch {
	case slices.Contains([]string{"sh", "bash", "zsh", "dash", "ksh", "ash"}, name):
		flags := "-c"
		if len(words) == 2 {
			flags = words[1] + "c"
		}
		if strings.Trim(flags, "-euxc") != "" {
			return nil
		}
		return []string{name, flags}
	case len(words) == 2:
		return nil
	case strings.HasPrefix(name, "python"):
		return []string{name, "-c"}
	case name == "node" || name == "perl" || name == "ruby":
		return []string{name, "-e"}
	}
	return nil
}

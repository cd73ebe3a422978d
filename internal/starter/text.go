package starter

import (
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// text is a string of the starter file: literal parts and expressions.
type text []part

// part is a part of a text. Exactly one field has a value.
type part struct {
	literal string
	// expression is an expression of the language.
	expression string
	variable   *variable
	// shell is a command that the shell of a script runs for its output.
	shell    string
	fallback *environmentFallback
}

// environmentFallback is the value of a variable of the environment, with a text for an unset variable.
type environmentFallback struct {
	name  string
	value text
}

// maxText is the number of bytes of the longest text, with the values of its variables.
const maxText = 1 << 16

// isTooLong reports whether a text is longer than any honest text: variables of variables can double a text many times.
func (t text) isTooLong() bool { return t.size() > maxText }

func (t text) size() int {
	size := 0
	for _, p := range t {
		size += len(p.literal) + len(p.expression) + len(p.shell) + 1
		if p.variable != nil {
			size += p.variable.size
		}
		if p.fallback != nil {
			size += p.fallback.value.size()
		}
	}
	return size
}

// variable is a named value of a source.
type variable struct {
	// name is the name in the source, then the name in the starter file.
	name  string
	value text
	// isLocal reports a value that no flag of the command line may replace.
	isLocal bool
	comment string
	isUsed  bool
	// size is the size of the value.
	size int
}

// newVariable returns a variable. A value with other values in it is local.
func newVariable(name string, value text) *variable {
	v := &variable{name: name, value: value, isLocal: !value.isLiteral(), size: value.size()}
	if len(value) == 0 {
		v.value = expression(`""`)
	}
	return v
}

func literal(s string) text {
	if s == "" {
		return nil
	}
	return text{{literal: s}}
}

func expression(s string) text { return text{{expression: s}} }

// environmentVariable returns the value of a variable of the environment. An unset variable gives the fallback.
func environmentVariable(name, fallback string) text {
	return expression("env(" + quote(name) + ", " + quote(fallback) + ")")
}

// static returns the text, if all parts are known without the run. Variables count with their value.
func (t text) static() (string, bool) {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.expression != "" || p.shell != "" || p.fallback != nil:
			return "", false
		case p.variable != nil:
			value, isStatic := p.variable.value.static()
			if !isStatic {
				return "", false
			}
			b.WriteString(value)
		default:
			b.WriteString(p.literal)
		}
	}
	return b.String(), true
}

// isLiteral reports whether the text has only literal parts.
func (t text) isLiteral() bool {
	for _, p := range t {
		if p.literal == "" {
			return false
		}
	}
	return true
}

// outline returns the text with a word in the place of each unknown value, for a parser of the shell.
func (t text) outline() string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.literal != "":
			b.WriteString(p.literal)
		case p.shell != "":
			b.WriteString("$(" + p.shell + ")")
		default:
			value, isStatic := text{p}.static()
			if p.fallback != nil {
				value, isStatic = p.fallback.value.static()
			}
			if !isStatic {
				value = placeholder
			}
			b.WriteString(value)
		}
	}
	return b.String()
}

// placeholder stands for an unknown value in the outline of a text.
const placeholder = "UNKNOWN"

// substitution returns the text as a command of a command substitution, if no part is unknown to the shell.
func (t text) substitution() (string, bool) {
	for _, p := range t {
		if _, isStatic := (text{p}).static(); !isStatic && p.shell == "" {
			return "", false
		}
	}
	command := strings.TrimSpace(t.outline())
	return command, !hasMisplacedCommand(t) && isSubstitution(command)
}

// scriptParts returns the text as a part of a script: commands become command substitutions.
func (t text) scriptParts() text {
	out := make(text, 0, len(t))
	for _, p := range t {
		if p.shell != "" {
			p = part{literal: "$(" + p.shell + ")"}
		}
		out = append(out, p)
	}
	return out
}

// use marks the variables of the text as used, with the variables of their values.
func (t text) use() {
	for _, p := range t {
		if p.variable != nil && !p.variable.isUsed {
			p.variable.isUsed = true
			p.variable.value.use()
		}
		if p.fallback != nil {
			p.fallback.value.use()
		}
	}
}

// hcl returns the text as an expression of the language.
func (t text) hcl() string {
	if len(t) == 1 && t[0].literal == "" {
		return t[0].hclExpression()
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, p := range t {
		if p.literal != "" {
			quoted := quote(p.literal)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString("${" + p.hclExpression() + "}")
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (p part) hclExpression() string {
	if p.fallback != nil {
		return "env(" + quote(p.fallback.name) + ", " + p.fallback.value.hcl() + ")"
	}
	if p.variable == nil {
		return p.expression
	}
	if p.variable.isLocal {
		return "local." + p.variable.name
	}
	return "var." + p.variable.name
}

// heredocMarker ends the lines of a script.
const heredocMarker = "EOT"

// script returns the text as a heredoc, or as a quoted string if a heredoc cannot hold the text.
func (t text) script() string {
	if !t.fitsHeredoc() {
		return t.hcl()
	}
	var b strings.Builder
	for _, p := range t {
		if p.literal != "" {
			b.WriteString(escapeTemplate(p.literal))
		} else {
			b.WriteString("${" + p.hclExpression() + "}")
		}
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "    " + line
		}
	}
	return "<<-" + heredocMarker + "\n" + strings.Join(lines, "\n") + "\n  " + heredocMarker
}

// fitsHeredoc reports whether a text has several lines, and no line or character that a heredoc would change.
func (t text) fitsHeredoc() bool {
	hasLines := false
	outline := t.outline()
	for _, line := range strings.Split(outline, "\n") {
		if strings.TrimSpace(line) == heredocMarker {
			return false
		}
	}
	for _, r := range outline {
		hasLines = hasLines || r == '\n'
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return false
		}
	}
	// The layout of a heredoc removes the indentation of the least indented line: a first line without indentation
	// keeps the indentation of all others.
	return hasLines && outline != "" && !strings.ContainsAny(outline[:1], " \t\n") && strings.HasSuffix(outline, "\n")
}

// escapeTemplate escapes the beginnings of template sequences.
func escapeTemplate(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s)
}

// quote quotes a string.
func quote(s string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes())
}

// quoteList returns a list of strings.
func quoteList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

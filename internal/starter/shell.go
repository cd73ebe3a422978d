package starter

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// scriptLine is a line of a recipe. Each line has a shell of its own.
type scriptLine struct {
	text text
	// ignoresErrors continues after a failure.
	ignoresErrors bool
	// stopsInside ends the line at the first failure inside, as with `sh -e`.
	stopsInside bool
}

// changesShell reports whether a command is a part of the shell without a program of the name, or changes the shell so
// that a next line would see the change.
func changesShell(command string) bool {
	return slices.Contains([]string{
		"cd", "pushd", "popd", "export", "unset", "set", "shopt", "exec", "exit", "return", "umask", "trap", "read", "shift",
		"eval", ".", "source", "alias", "ulimit", "wait", "break", "continue", "getopts", ":", "command", "type", "hash",
		"time", "builtin", "local", "declare", "jobs", "bg", "fg", "let", "function",
	}, command)
}

// parseShell parses a text of the shell.
func parseShell(s string) (*syntax.File, error) {
	return syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(s), "")
}

// plainWords returns the words of a single command without anything for a shell to do.
func plainWords(s string) ([]string, bool) {
	file, err := parseShell(s)
	if err != nil || len(file.Stmts) != 1 {
		return nil, false
	}
	stmt := file.Stmts[0]
	call, isCall := stmt.Cmd.(*syntax.CallExpr)
	if !isCall || len(stmt.Redirs) > 0 || stmt.Background || stmt.Negated || stmt.Coprocess || len(call.Assigns) > 0 {
		return nil, false
	}
	var words []string
	for _, word := range call.Args {
		if !isPlainWord(word) {
			return nil, false
		}
		fields, err := expand.Fields(&expand.Config{Env: expand.ListEnviron()}, word)
		if err != nil || len(fields) != 1 {
			return nil, false
		}
		words = append(words, fields[0])
	}
	// A word of the shell itself is no program.
	if len(words) == 0 || changesShell(words[0]) || strings.HasPrefix(words[0], "-") {
		return nil, false
	}
	return words, true
}

// isPlainWord reports whether a word has only literal parts, and no pattern of file names.
func isPlainWord(word *syntax.Word) bool {
	for _, p := range word.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(p.Value, "*?[]{}~") {
				return false
			}
		case *syntax.SglQuoted:
			if p.Dollar {
				return false
			}
		case *syntax.DblQuoted:
			if p.Dollar || slices.ContainsFunc(p.Parts, func(inner syntax.WordPart) bool {
				_, isLiteral := inner.(*syntax.Lit)
				return !isLiteral
			}) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// needsOwnShell reports whether a line must not share its shell with other lines. single reports a line with at most
// one statement.
func needsOwnShell(file *syntax.File) (own, single bool) {
	single = len(file.Stmts) <= 1
	for _, stmt := range file.Stmts {
		own = own || stmt.Background || stmt.Coprocess || stmt.Negated
		if binary, isBinary := stmt.Cmd.(*syntax.BinaryCmd); isBinary && binary.Op == syntax.AndStmt {
			own = true // `sh -e` continues after a failure on the left side
		}
		if _, isSingle := stmt.Cmd.(*syntax.CallExpr); !isSingle {
			if _, isBinary := stmt.Cmd.(*syntax.BinaryCmd); !isBinary {
				single = false
			}
		}
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.Subshell, *syntax.CmdSubst:
			return false
		case *syntax.DeclClause, *syntax.FuncDecl, *syntax.LetClause:
			own = true
		case *syntax.CallExpr:
			own = own || len(n.Args) == 0 || changesShell(n.Args[0].Lit()) ||
				strings.HasSuffix(n.Args[0].Lit(), placeholder)
		}
		return true
	})
	return own, single
}

// expandsVariable reports whether a text of the shell expands a variable: `sh -u` would refuse an unset variable.
func expandsVariable(file *syntax.File) bool {
	found := false
	syntax.Walk(file, func(node syntax.Node) bool {
		_, isParameter := node.(*syntax.ParamExp)
		found = found || isParameter
		return !found
	})
	return found
}

// joinLines makes a script of lines with a shell each. The script runs with `sh -ec`, where needsLenient is true, else
// also with the default shell. fault says why no script has the meaning of the lines.
func joinLines(lines []scriptLine) (script text, needsLenient bool, fault string) {
	for _, line := range lines {
		file, err := parseShell(line.text.outline())
		if err != nil {
			return nil, false, "the shell cannot read the line: " + firstLine(line.text.outline())
		}
		needsLenient = needsLenient || expandsVariable(file)
		own, single := needsOwnShell(file)
		var prefix, suffix string
		switch {
		case !single && !line.stopsInside:
			prefix, suffix = "(\nset +e\n", "\n)"
		case !single && line.ignoresErrors:
			return nil, false, "a failure is ignored in a line with several commands"
		case own || !single:
			prefix, suffix = "(\n", "\n)"
		case line.ignoresErrors:
			prefix, suffix = "{\n", "\n}"
		}
		if len(lines) == 1 && !line.ignoresErrors && (single || line.stopsInside) {
			prefix, suffix = "", ""
		}
		if line.ignoresErrors {
			suffix += " || true"
		}
		script = append(script, literal(prefix)...)
		script = append(script, line.text...)
		script = append(script, literal(suffix+"\n")...)
	}
	return mergeLiterals(script), needsLenient, ""
}

// mergeLiterals joins neighbouring literal parts.
func mergeLiterals(t text) text {
	var out text
	var literals strings.Builder
	flush := func() {
		out = append(out, literal(literals.String())...)
		literals.Reset()
	}
	for _, p := range t {
		if p.literal != "" {
			literals.WriteString(p.literal)
			continue
		}
		flush()
		out = append(out, p)
	}
	flush()
	return out
}

// isInSingleQuotes reports whether the end of a text of the shell is inside of single quotes.
func isInSingleQuotes(s string) bool {
	var quoteCharacter rune
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && quoteCharacter != '\'':
			escaped = true
		case quoteCharacter == 0 && (r == '\'' || r == '"'):
			quoteCharacter = r
		case r == quoteCharacter:
			quoteCharacter = 0
		}
	}
	return quoteCharacter == '\''
}

// hasMisplacedCommand reports whether a command substitution stands inside of single quotes, where a shell would not
// run the command.
func hasMisplacedCommand(t text) bool {
	before := ""
	for _, p := range t {
		if p.shell != "" && isInSingleQuotes(before) {
			return true
		}
		before += text{p}.outline()
	}
	return false
}

// lenientShell is the default shell without -u.
func lenientShell() []string { return []string{"sh", "-ec"} }

// setLines gives a host task the lines of a recipe: a single line of plain words as the command, else a script.
func (t *task) setLines(lines []scriptLine) {
	if len(lines) == 1 && !lines[0].ignoresErrors {
		if s, isStatic := lines[0].text.static(); isStatic && lines[0].text.isLiteral() {
			s, passesArgs := strings.CutSuffix(strings.TrimSpace(s), ` "$@"`)
			if words, isPlain := plainWords(s); isPlain {
				t.command, t.passesArgs, t.shell = literals(words), passesArgs, nil
				return
			}
		}
	}
	for _, line := range lines {
		if hasMisplacedCommand(line.text) {
			t.fail("a command of the source inside of single quotes")
			return
		}
	}
	script, lenient, fault := joinLines(lines)
	if fault != "" {
		t.fail("%s", fault)
		return
	}
	if t.script = script; lenient && t.shell == nil {
		t.shell = lenientShell()
	}
}

func literals(words []string) []text {
	list := make([]text, len(words))
	for i, word := range words {
		list[i] = text{{literal: word}}
		if word == "" {
			list[i] = expression(`""`)
		}
	}
	return list
}

// needsBash reports whether a text has syntax that only bash knows.
func needsBash(s string) bool {
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(s), ""); err != nil {
		return true
	}
	file, err := parseShell(s)
	if err != nil {
		return false
	}
	found := false
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.TestClause:
			found = true
		case *syntax.CallExpr:
			found = found || len(n.Args) > 0 && n.Args[0].Lit() == "source"
		}
		return !found
	})
	return found
}

// isSubstitution reports whether a command fits into a command substitution.
func isSubstitution(command string) bool {
	file, err := parseShell(command)
	return err == nil && len(file.Stmts) > 0 && !strings.ContainsAny(strings.TrimSpace(command), "#\n")
}

// shellWith returns a shell with the options of a source, and with -e: a script has all lines of a recipe. isStrict
// reports flags with -e.
func shellWith(name, flags string) (words []string, isStrict, isKnown bool) {
	hasPipefail := strings.Contains(flags, "pipefail")
	letters := strings.NewReplacer("pipefail", "", "-", "", " ", "", "o", "", "c", "").Replace(flags)
	if !slices.Contains([]string{"sh", "bash", "zsh", "dash", "ksh", "ash"}, name) || strings.Trim(letters, "eux") != "" {
		return nil, false, false
	}
	isStrict = strings.Contains(letters, "e")
	options := "-e"
	for _, letter := range []string{"u", "x"} {
		if strings.Contains(letters, letter) {
			options += letter
		}
	}
	if hasPipefail {
		return []string{name, options + "o", "pipefail", "-c"}, isStrict, true
	}
	return []string{name, options + "c"}, isStrict, true
}

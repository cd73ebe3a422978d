package starter

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// runShell runs a script, and returns its output and exit code.
func runShell(t *testing.T, dir string, words ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	code := 0
	if exit, isExit := errors.AsType[*exec.ExitError](err); isExit {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out), code
}

// TestLinesRunAsInMake: a script prints the same, and ends with the same success, as a shell for each line.
func TestLinesRunAsInMake(t *testing.T) {
	for _, recipe := range [][]string{
		{"echo a"},
		{"echo a", "echo b"},
		{"false; echo a", "echo b"},
		{"test -f missing && echo a", "echo b"},
		{"test -f missing || echo a", "echo b"},
		{"true && test -f missing", "echo b"},
		{"cd /; pwd", "pwd | wc -l"},
		{"cd / && pwd", "test $(pwd) = / || echo elsewhere"},
		{"X=1", "echo x$X"},
		{"export X=1; echo $X", "echo x$X"},
		{"exit 0; echo a", "echo b"},
		{"exit 3", "echo b"},
		{"! true", "echo b"},
		{"! false", "echo b"},
		{"false | true", "echo b"},
		{"true | false", "echo b"},
		{"if false; then echo a; fi", "echo b"},
		{"for i in 1 2; do echo $i; false; done", "echo b"},
		{"for i in 1 2; do false; echo $i; done", "echo b"},
		{"(false; echo a)", "echo b"},
		{"{ false; echo a; }", "echo b"},
		{"echo a # comment", "echo b"},
		{"f() { echo f; }; f", "type f >/dev/null 2>&1 || echo gone"},
		{"-false", "echo b"},
		{"-false; false", "echo b"},
		{"-exit 4", "echo b"},
		{"-test -f missing && echo a", "echo b"},
		{"echo $UNSET_NAME", "echo b"},
		{"set -e; false; echo a", "echo b"},
		{"echo a; false"},
		{"echo a > out.txt", "cat out.txt", "rm out.txt"},
		{"echo \\\n  a", "echo 'b\n c'"},
		{"true &", "echo b"},
	} {
		dir := t.TempDir()
		var want strings.Builder
		wantCode := 0
		var lines []scriptLine
		for _, line := range recipe {
			command, ignores := strings.CutPrefix(line, "-")
			lines = append(lines, scriptLine{text: literal(command), ignoresErrors: ignores})
			if wantCode != 0 {
				continue
			}
			out, code := runShell(t, dir, "sh", "-c", command)
			want.WriteString(out)
			if code != 0 && !ignores {
				wantCode = code
			}
		}
		converted := &task{}
		converted.setLines(lines)
		if converted.fault != "" {
			t.Errorf("%q: no equal: %s", recipe, converted.fault)
			continue
		}
		words := []string{"sh", "-euc"}
		if converted.shell != nil {
			words = converted.shell
		}
		script, _ := converted.script.scriptParts().static()
		words = append(slices.Clone(words), script)
		if len(converted.command) > 0 {
			words = nil
			for _, word := range converted.command {
				words = append(words, word.outline())
			}
		}
		got, code := runShell(t, dir, words...)
		if got != want.String() || code != wantCode {
			t.Errorf("%q: output %q and code %d, want %q and %d; script:\n%s", recipe, got, code, want.String(), wantCode, script)
		}
	}
}

// TestPlainWords: a command line is a list of words only if a shell has nothing to do.
func TestPlainWords(t *testing.T) {
	for line, want := range map[string]string{
		`go test ./...`:         "go|test|./...",
		`echo 'a b' "c d" e\ f`: "echo|a b|c d|e f",
		`echo ""`:               "echo|",
		`echo $HOME`:            "", `echo *.go`: "", `a | b`: "", `a > b`: "", `A=1 b`: "", `cd x`: "", `a; b`: "", `a &`: "",
		`echo ~`: "", `echo {a,b}`: "", `! a`: "", `echo "$(b)"`: "", `time a`: "", `: a`: "", `a # b`: "a", ``: "", `"`: "",
		`-a`: "",
	} {
		words, isPlain := plainWords(line)
		if got := strings.Join(words, "|"); got != want || isPlain != (want != "") {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestTextsKeepTheirCharacters: the language reads the same text as the source has, quoted and as a heredoc.
func TestTextsKeepTheirCharacters(t *testing.T) {
	for _, s := range []string{
		"a", `"`, `\`, `\n`, "a\nb\n", "${x}", "$${x}", "$$${x}", "%{x}", "%%{x}", "$", "%", "$$", "a$\n{b}\n", "\t\x1b\u202e", "é",
		"line\n  indented\n\nend\n", "EOT\n", "a\n EOT \nb\n", "  first\nsecond\n", "a\\\n\tb\n", "x ${y%.z}\n%{http_code}\n",
		"\na\n", "a\n\n", "a\r\nb\n",
	} {
		for form, source := range map[string]string{"quoted": literal(s).hcl(), "script": literal(s).script()} {
			expr, diags := hclsyntax.ParseConfig([]byte("x = "+source+"\n"), "x", hcl.InitialPos)
			if diags.HasErrors() {
				t.Errorf("%s %q: %v in\n%s", form, s, diags, source)
				continue
			}
			attrs, _ := expr.Body.JustAttributes()
			value, diags := attrs["x"].Expr.Value(nil)
			if diags.HasErrors() || value.AsString() != s {
				t.Errorf("%s: %q became %#v %v by\n%s", form, s, value, diags, source)
			}
		}
	}
}

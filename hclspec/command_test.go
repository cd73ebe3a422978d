package hclspec

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec/internal/shellwords"
)

// commandCases are tasks "t" by their body, with the words given and what they run.
var commandCases = []struct {
	name, body string
	words      []string
	command    []string
	entrypoint []string
}{
	{name: "list", body: `command = ["a", "b c"]`, command: []string{"a", "b c"}},
	{name: "nested lists flatten", body: `command = ["a", ["b", ["c"]], []]`, command: []string{"a", "b", "c"}},
	{name: "numbers and bools become text", body: `command = ["a", 1, 2.5, true]`, command: []string{"a", "1", "2.5", "true"}},
	{name: "null vanishes", body: `command = ["a", null, 1 > 2 ? "b" : null]`, command: []string{"a"}},
	{name: "args", body: `command = ["a", args, "z"]`, words: []string{"-k", "b c"}, command: []string{"a", "-k", "b c", "z"}},
	{name: "no args", body: `command = ["a", args]`, command: []string{"a"}},
	{name: "args by index", body: `command = ["a", args[1]]`, words: []string{"x", "y"}, command: []string{"a", "y"}},
	{name: "args through a local", body: `command = ["a", local.words]`, words: []string{"x"}, command: []string{"a", "<x>"}},
	{name: "interpolated whole args", body: `command = ["a", "${args[0]}!"]`, words: []string{"x"}, command: []string{"a", "x!"}},
	{name: "one leading dash-dash is dropped", body: `command = ["a", args]`, words: []string{"--", "x", "--"}, command: []string{"a", "x", "--"}},
	{name: "only the first dash-dash", body: `command = ["a", args]`, words: []string{"--", "--"}, command: []string{"a", "--"}},
	{name: "text is split", body: `command = "a  b 'c d' \"e f\" g\\ h ''"`, command: []string{"a", "b", "c d", "e f", "g h", ""}},
	{name: "quoted operators", body: `command = "a '&&' \"|\" \\$HOME x=y"`, command: []string{"a", "&&", "|", "$HOME", "x=y"}},
	{name: "set", body: `command = toset(["b", "a"])`, command: []string{"a", "b"}},
	{name: "script", body: `script = "echo $1"`, words: []string{"x", "y z"}, command: []string{"sh", "-euc", "echo $1", "t", "x", "y z"}},
	{name: "script with shell", body: "script = \"x\"\nshell = [\"bash\", \"-c\"]", command: []string{"bash", "-c", "x", "t"}},
	{name: "shell as text", body: "script = \"x\"\nshell = \"bash -c\"", command: []string{"bash", "-c", "x", "t"}},
	{name: "service script", body: "script = \"x\"\nservice = \"web\"", command: []string{"sh", "-euc", "x", "t"}},
	{name: "shell expansions", body: `script = "echo $HOME $(id) $1 $@ $${X:-y} %%{http_code}"`,
		command: []string{"sh", "-euc", "echo $HOME $(id) $1 $@ ${X:-y} %{http_code}", "t"}},
	{name: "template directives", body: `script = "%{ for x in [1, 2] }${x};%{ endfor }"`, command: []string{"sh", "-euc", "1;2;", "t"}},
	{name: "for in command", body: `command = ["a", [for k, v in { x = 1 } : "${k}=${v}"]]`, command: []string{"a", "x=1"}},
	{name: "the service's own", body: `service = "web"`, command: nil},
	{name: "words are the command", body: `service = "web"`, words: []string{"ls", "-l"}, command: []string{"ls", "-l"}},
	{name: "words of an image", body: `image = "alpine"`, words: []string{"ls"}, command: []string{"ls"}},
	{name: "null command is the service's own", body: "service = \"web\"\ncommand = null", command: nil},
	{name: "empty list drops the command", body: "service = \"web\"\ncommand = []", command: []string{}},
	{name: "empty text drops the command", body: "service = \"web\"\ncommand = \"\"", command: []string{}},
	{name: "entrypoint alone drops the command", body: "service = \"web\"\nentrypoint = [\"/e\"]", command: []string{}, entrypoint: []string{"/e"}},
	{name: "entrypoint with words", body: "service = \"web\"\nentrypoint = \"/e x\"", words: []string{"y"}, command: []string{"y"}, entrypoint: []string{"/e", "x"}},
	{name: "entrypoint reset", body: "service = \"web\"\nentrypoint = \"\"\ncommand = [\"a\"]", command: []string{"a"}, entrypoint: []string{}},
	{name: "empty entrypoint list", body: "service = \"web\"\nentrypoint = []", command: []string{}, entrypoint: []string{}},
	{name: "null entrypoint", body: "service = \"web\"\nentrypoint = null", command: nil},
	{name: "newlines of Windows", body: "script = <<-EOT\r\n  a\r\n  b\r\nEOT\r\n", command: []string{"sh", "-euc", "a\nb\n", "t"}},
	{name: "heredoc", body: "script = <<-EOT\n  a\n    b\nEOT\n", command: []string{"sh", "-euc", "a\n  b\n", "t"}},
}

func commandFile(body string) string {
	return "locals {\n  words = [for w in args : \"<${w}>\"]\n}\n\ntask \"t\" {\n" + body + "\n}\n"
}

func TestCommand(t *testing.T) {
	for _, c := range commandCases {
		t.Run(c.name, func(t *testing.T) {
			task := evaluateOne(t, testInputs(t), commandFile(c.body), "t", c.words...)
			if diff := cmp.Diff(c.command, task.Command); diff != "" {
				t.Errorf("command -want +got\n%s", diff)
			}
			if diff := cmp.Diff(c.entrypoint, task.Entrypoint); diff != "" {
				t.Errorf("entrypoint -want +got\n%s", diff)
			}
		})
	}
}

func TestSplitWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                    {},
		" \t\n ":              {},
		"a":                   {"a"},
		`a"b c"d`:             {"ab cd"},
		`"\"\\\$\x"`:          {`"\$\x`},
		`'\'`:                 {`\`},
		`""`:                  {""},
		`a\ b`:                {"a b"},
		"日本 語":                {"日本", "語"},
		"--opt=x --other='y'": {"--opt=x", "--other=y"},
	} {
		got, err := shellwords.Split(text, shellwords.Operators())
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", text, diff)
		}
	}
}

func TestSplitWordsErrors(t *testing.T) {
	for _, operator := range shellwords.Operators() {
		if _, err := shellwords.Split("a "+operator+" b", shellwords.Operators()); err == nil || !strings.Contains(err.Error(), strconv.Quote(operator)+" has no effect") {
			t.Errorf("%s outside quotes: %v", operator, err)
		}
		if words, err := shellwords.Split("a '"+operator+"' b", shellwords.Operators()); err != nil || words[1] != operator {
			t.Errorf("%s in quotes: %v, %v", operator, words, err)
		}
		if words, err := shellwords.Split("a "+operator+" b", nil); err != nil || len(words) != 3 {
			t.Errorf("%s where it is allowed: %v, %v", operator, words, err)
		}
	}
	for _, text := range []string{`'a`, `"a`, `a\`, `"a\"`} {
		if words, err := shellwords.Split(text, nil); err == nil {
			t.Errorf("%q gives %q, not an error", text, words)
		}
	}
}

func TestQuoteWordsAndBack(t *testing.T) {
	words := []string{"", "a", "a b", "it's", `"`, "$HOME", "*", `\`, "a\nb", "x=y", "日本"}
	back, err := shellwords.Split(shellwords.Quote(words), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(words, back); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := shellwords.Quote([]string{"a", "-k", "b c"}); got != "a -k 'b c'" {
		t.Errorf("quoted more than needed: %s", got)
	}
}

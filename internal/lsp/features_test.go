package lsp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tasks/internal/format"
)

// TestHover: the documentation of words, without values of secrets and environments.
func TestHover(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop()).initialize()
	text := c.openFile("Tasks.hcl")
	c.waitForMessages("Tasks.hcl")
	for word, want := range map[string]string{
		"depends_on": "list of references", "lint, service": "tasks run lint", "db.healthy": "image: `postgres:18`",
		`web"`: "DATABASE_URL", "settings, TOKEN": "Django settings", "image\n": "alpine:3.22", "join(": "join(",
		"task \"lint\"": "**task**", "word, join": "default = \"all\"",
	} {
		hover := request[Hover](c, "textDocument/hover", c.at("Tasks.hcl", text, word, 1))
		if !strings.Contains(hover.Contents.Value, want) {
			t.Errorf("%s: no %q in %q", word, want, hover.Contents.Value)
		}
	}
	for _, word := range []string{"token }", "token\"", `web"`} {
		m := c.call("textDocument/hover", c.at("Tasks.hcl", text, word, 1))
		for _, secret := range []string{"hunter2", "postgres://secret"} {
			if strings.Contains(string(m.Result), secret) {
				t.Errorf("%s: a secret in %s", word, m.Result)
			}
		}
	}
	if m := c.call("textDocument/hover", c.at("Tasks.hcl", text, "ruff", 0)); string(m.Result) != "null" {
		t.Errorf("a hover of a text: %s", m.Result)
	}
}

// TestHoverOfSensitiveText: an expression with sensitive() stays secret.
func TestHoverOfSensitiveText(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{"Tasks.hcl": ""}).initialize()
	text := "locals {\n  key = sensitive(\"hunter2\")\n}\n\ntask \"a\" {\n  command = [local.key]\n}\n"
	c.open("Tasks.hcl", text)
	hover := request[Hover](c, "textDocument/hover", c.at("Tasks.hcl", text, "local.key", 7))
	if value := hover.Contents.Value; strings.Contains(value, "hunter2") || !strings.Contains(value, "***") {
		t.Errorf("%q", value)
	}
}

// TestDefinition: the declaration of each kind of name, in compose files too.
func TestDefinition(t *testing.T) {
	t.Parallel()
	files := shop()
	files["ci/Tasks.hcl"] = "variable \"level\" {}\n\ntask \"build\" {\n  command = [\"make\", var.level]\n}\n"
	files["more.tasks.hcl"] = `include "ci" {
  source    = "ci"
  variables = { level = "1" }
}

function "twice" {
  params = [word]
  result = "${word}${word}"
}

task "base" {
  matrix  = { db = ["16"] }
  command = ["x", matrix.db]
}

task "all" {
  extends    = [task.base]
  depends_on = [task["ci:build"], task.lint, task["base@db=16"]]
  command    = ["echo", twice("a"), matrix.db]
}
`
	c := newClient(t, files).initialize()
	c.openFile("Tasks.hcl")
	text := c.openFile("more.tasks.hcl")
	for word, want := range map[string]string{
		`build"]`: "ci/Tasks.hcl:2:6", "lint,": "Tasks.hcl:14:6", "twice(": "more.tasks.hcl:5:10", "word}\"": "more.tasks.hcl:6:12",
		"level =": "ci/Tasks.hcl:0:10", "db]\n}\n\n": "more.tasks.hcl:11:14", "db]\n}\n": "more.tasks.hcl:11:14",
		"base@": "more.tasks.hcl:10:6",
	} {
		checkPlace(t, c, "more.tasks.hcl", text, word, want)
	}
	checkPlace(t, c, "Tasks.hcl", shopTasks, "db.healthy", "compose.yaml:8:2")
	checkPlace(t, c, "Tasks.hcl", shopTasks, `web"`, "compose.yaml:1:2")
	checkPlace(t, c, "Tasks.hcl", shopTasks, "word, join", "Tasks.hcl:26:7")
}

// checkPlace compares the declaration of a word with a place. An empty place is none.
func checkPlace(t *testing.T, c *client, name, text, word, want string) {
	t.Helper()
	m := c.call("textDocument/definition", c.at(name, text, word, 0))
	var l Location
	if err := json.Unmarshal(m.Result, &l); err != nil || m.Error != nil {
		t.Fatalf("%s: %s %v", word, m.Result, m.Error)
	}
	got := ""
	if l.URI != "" {
		start := l.Range.Start
		file, _ := filepath.Rel(c.dir, pathOf(l.URI))
		got = strings.Join([]string{file, jsonText(start.Line), jsonText(start.Character)}, ":")
	}
	if got != want {
		t.Errorf("%s in %s: %q, want %q", word, name, got, want)
	}
}

func jsonText(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// TestReferences: the uses of a name in all files, closed files too.
func TestReferences(t *testing.T) {
	t.Parallel()
	files := shop()
	files["more.tasks.hcl"] = "task \"more\" {\n  depends_on = [task.lint]\n  command = [var.settings, service.web.image]\n}\n"
	files["x.auto.tasksvars"] = "settings = \"prod\"\n"
	c := newClient(t, files).initialize()
	text := c.openFile("Tasks.hcl")
	for word, want := range map[string][]string{
		"lint\"":     {"Tasks.hcl", "Tasks.hcl", "more.tasks.hcl"},
		"settings\"": {"Tasks.hcl", "Tasks.hcl", "more.tasks.hcl", "x.auto.tasksvars"},
		"web\"":      {"Tasks.hcl", "compose.yaml", "more.tasks.hcl"},
	} {
		params := c.at("Tasks.hcl", text, word, 1)
		params["context"] = map[string]any{"includeDeclaration": true}
		var got []string
		for _, l := range request[[]Location](c, "textDocument/references", params) {
			file, _ := filepath.Rel(c.dir, pathOf(l.URI))
			got = append(got, file)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

// TestRename: all uses change, and the files stay valid.
func TestRename(t *testing.T) {
	t.Parallel()
	files := shop()
	files["more.tasks.hcl"] = "task \"more\" {\n  depends_on = [task.lint, task[\"lint\"]]\n  command    = [\"${var.settings}🧪\", var.settings]\n}\n"
	files["x.auto.tasksvars"] = "settings = \"prod\"\n"
	c := newClient(t, files).initialize()
	text := c.openFile("Tasks.hcl")
	for _, test := range []struct{ word, name string }{
		{"settings\"", "mode"}, {"lint\"", "check.all"}, {"image = ", "base"}, {"word\"", "what"}, {"test\"", "check-it"},
	} {
		params := c.at("Tasks.hcl", text, test.word, 1)
		prepared := request[PrepareRename](c, "textDocument/prepareRename", params)
		if !strings.HasPrefix(test.word, prepared.Placeholder) {
			t.Errorf("%s: the name is %q", test.word, prepared.Placeholder)
		}
		params["newName"] = test.name
		edit := request[WorkspaceEdit](c, "textDocument/rename", params)
		for uri, edits := range edit.Changes {
			name, _ := filepath.Rel(c.dir, pathOf(uri))
			files[name] = applied(files[name], edits)
			writeFile(t, filepath.Join(c.dir, name), files[name])
		}
		text = files["Tasks.hcl"]
		c.change("Tasks.hcl", text)
		c.notify("textDocument/didSave", map[string]any{})
		before := c.count[c.uri("Tasks.hcl")]
		found := c.waitFor("Tasks.hcl", func([]Diagnostic) bool { return c.count[c.uri("Tasks.hcl")] > before })
		if len(found) > 0 {
			t.Errorf("%s: %+v\n%s", test.word, found, text)
		}
	}
	for name, wants := range map[string][]string{
		"more.tasks.hcl":   {`[task["check.all"], task["check.all"]]`, `"${var.mode}🧪", var.mode]`},
		"x.auto.tasksvars": {`mode = "prod"`},
		"Tasks.hcl":        {`variable "mode"`, "SETTINGS = var.mode", "local.base", "arg.what", `arg "what"`, `task "check-it"`},
	} {
		for _, want := range wants {
			if !strings.Contains(files[name], want) {
				t.Errorf("no %s in %s:\n%s", want, name, files[name])
			}
		}
	}
}

// TestRefusedRenames: names of compose files, wrong names and taken names are errors.
func TestRefusedRenames(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop()).initialize()
	text := c.openFile("Tasks.hcl")
	for _, test := range []struct{ word, name, want string }{
		{`web"`, "site", "name of the compose files"}, {"ruff", "x", "no name"}, {`lint"`, "a b", "cannot be the name"},
		{`settings"`, "1x", "cannot be the name"}, {`lint"`, "test", "already"},
	} {
		params := c.at("Tasks.hcl", text, test.word, 1)
		params["newName"] = test.name
		m := c.call("textDocument/rename", params)
		if m.Error == nil || m.Error.Code != codeRequestFailed || !strings.Contains(m.Error.Message, test.want) {
			t.Errorf("%s to %s: %s %+v", test.word, test.name, m.Result, m.Error)
		}
	}
}

// TestOutline: the blocks of a file with their inner blocks, also behind a broken block.
func TestOutline(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{"Tasks.hcl": ""}).initialize()
	c.open("Tasks.hcl", "task \"broken\" {\n  command = [\n\n"+shopTasks)
	var names []string
	var walk func(string, []DocumentSymbol)
	walk = func(indent string, entries []DocumentSymbol) {
		for _, e := range entries {
			names = append(names, indent+e.Name)
			walk(indent+"  ", e.Children)
		}
	}
	walk("", request[[]DocumentSymbol](c, "textDocument/documentSymbol", documentParams{documentID{c.uri("Tasks.hcl")}}))
	want := []string{
		"task broken", "variable settings", "variable token", "locals", "  image", "task lint", "task test", "  arg word",
	}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// TestFormatting: the layout is that of `tasks fmt`, and a broken file stays.
func TestFormatting(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{"Tasks.hcl": ""}).initialize()
	document := documentParams{documentID{c.uri("Tasks.hcl")}}
	for _, text := range []string{
		shopTasks, "", "locals {\n  🧪a = 1\n    b=2\n}\n", "locals {\n  abc =   1\n  b = \"漢字🧪\"\n}", "a=1\nb=2",
		"locals {\n  a   = 1\n}\n\n\n# end\n",
	} {
		c.open("Tasks.hcl", text)
		got := applied(text, request[[]TextEdit](c, "textDocument/formatting", document))
		if want := string(format.Source([]byte(text))); !strings.Contains(text, "🧪a") && got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	c.open("Tasks.hcl", "locals {\n a = [\n}\n")
	if edits := request[[]TextEdit](c, "textDocument/formatting", document); len(edits) > 0 {
		t.Errorf("a broken file: %+v", edits)
	}
}

// TestCodeLens: each task has the command of the editor, with the name for the command line.
func TestCodeLens(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{
		"Tasks.hcl":    "include \"ci\" {\n  source = \"ci\"\n}\n",
		"ci/Tasks.hcl": "task \"build\" {\n  command = [\"make\"]\n}\n",
	}).initialize()
	c.openFile("ci/Tasks.hcl")
	lenses := request[[]CodeLens](c, "textDocument/codeLens", documentParams{documentID{c.uri("ci/Tasks.hcl")}})
	if len(lenses) != 1 || lenses[0].Command.Command != "tasks.run" || lenses[0].Command.Arguments[0] != "ci:build" {
		t.Errorf("%+v", lenses)
	}
}

// TestSemanticTokens: words with their types; words of several lines are split.
func TestSemanticTokens(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{"Tasks.hcl": ""}).initialize()
	text := "# 🧪\ntask \"a\" {\n  command = [\"🧪\", var.x, upper(1)] # end\n  script = <<EOT\none\r\ntwo\nEOT\n}\n"
	c.open("Tasks.hcl", text)
	tokens := request[SemanticTokens](c, "textDocument/semanticTokens/full", documentParams{documentID{c.uri("Tasks.hcl")}})
	l := newLines([]byte(text))
	var got []string
	var at Position
	for i := 0; i+4 < len(tokens.Data); i += 5 {
		if tokens.Data[i] > 0 {
			at = Position{Line: at.Line + tokens.Data[i]}
		}
		at.Character += tokens.Data[i+1]
		end := Position{at.Line, at.Character + tokens.Data[i+2]}
		got = append(got, semanticTypes()[tokens.Data[i+3]]+" "+text[l.offset(at):l.offset(end)])
	}
	want := []string{
		"comment # 🧪", "keyword task", "variable a", "property command", "string \"🧪\"", "namespace var", "variable x",
		"function upper", "number 1", "comment # end", "property script", "string one", "string two",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// TestNoCommands: neither validation nor any other feature runs a command or reaches an engine.
func TestNoCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	proof := filepath.Join(dir, "ran")
	writeFile(t, filepath.Join(dir, "Tasks.hcl"), "task \"a\" {\n  command = [\"touch\", \""+proof+"\"]\n  enabled = task.b.exit_code == 0\n}\n"+
		"task \"b\" {\n  script = \"touch "+proof+"\"\n}\n")
	c := startClient(t, dir, "DOCKER_HOST=tcp://127.0.0.1:1").initialize()
	text := c.openFile("Tasks.hcl")
	c.waitFor("Tasks.hcl", func(d []Diagnostic) bool { return len(d) > 0 })
	request[[]CodeLens](c, "textDocument/codeLens", documentParams{documentID{c.uri("Tasks.hcl")}})
	request[*Hover](c, "textDocument/hover", c.at("Tasks.hcl", text, "enabled", 0))
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(proof); err == nil {
		t.Error("a command ran")
	}
}

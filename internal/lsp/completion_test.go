package lsp

import (
	"slices"
	"strings"
	"testing"
)

// TestCompletion: the candidates at a place of a text that is being written.
func TestCompletion(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop(), "HOME=/root", "CI=secret-value").initialize()
	c.openFile("Tasks.hcl")
	for _, test := range []struct {
		text string
		want []string
		not  []string
	}{
		{"|", []string{"task", "variable", "locals", "include"}, []string{"command"}},
		{"ta|", []string{"task"}, nil},
		{"task \"new\" {\n  |\n}", []string{"command", "service", "depends_on", "watch", "arg"}, []string{"variable"}},
		{"task \"new\" {\n  command = [\"x\"]\n  se|", []string{"service"}, []string{"command"}},
		{"task \"new\" {\n  watch {\n    |\n  }\n}", []string{"paths", "debounce"}, []string{"command"}},
		{"task \"new\" {\n  command = [var.|]\n}", []string{"settings", "token"}, []string{"lint"}},
		{"task \"new\" {\n  command = [\"a ${local.i|", []string{"image"}, nil},
		{"task \"new\" {\n  depends_on = [task.|\n  command = [\"x\"]\n}", []string{"lint", "test"}, nil},
		{"task \"new\" {\n  depends_on = [task[\"|", []string{"lint", "test"}, nil},
		{"task \"new\" {\n  command = [task.lint.|]\n}", []string{"stdout", "exit_code"}, nil},
		{"task \"new\" {\n  service = \"|\"\n}", []string{"web", "db", "seed"}, nil},
		{"service \"|\" {\n}", []string{"web", "db"}, nil},
		{"task \"new\" {\n  depends_on = [service.|]\n}", []string{"web", "db"}, nil},
		{"task \"new\" {\n  depends_on = [service.db.|]\n}", []string{"healthy", "started", "completed"}, []string{"image"}},
		{"task \"new\" {\n  command = [service.db.|]\n}", []string{"port", "image"}, []string{"healthy"}},
		{"task \"new\" {\n  command = [service.db.port[\"|", []string{"5432"}, nil},
		{"task \"new\" {\n  command = [service.web.environment.|]\n}", []string{"DATABASE_URL", "DEBUG"}, nil},
		{"task \"new\" {\n  service = \"web\"\n  env = {\n    |\n  }\n}", []string{"DATABASE_URL", "DEBUG"}, nil},
		{"task \"new\" {\n  service = \"web\"\n  ports = [\"|\"]\n}", []string{"8000:80"}, nil},
		{"task \"new\" {\n  profiles = [\"|\"]\n}", []string{"data", "extra"}, nil},
		{"task \"new\" {\n  pass_env = [\"|\"]\n}", []string{"HOME", "CI"}, []string{"secret-value"}},
		{"task \"new\" {\n  dependency_policy = \"|\"\n}", []string{"reuse", "ephemeral"}, nil},
		{"task \"new\" {\n  arg \"city\" {}\n  command = [arg.|]\n}", []string{"city"}, []string{"word"}},
		{"task \"new\" {\n  extends = [task.test]\n  env = { A = arg.|", []string{"word"}, nil},
		{"task \"new\" {\n  tty = |\n}", []string{"true", "false"}, nil},
		{"task \"new\" {\n  command = [|]\n}", []string{"var", "task", "upper", "join", "args"}, nil},
		{"task \"new\" {\n  command = [path.|]\n}", []string{"root", "module", "cwd"}, nil},
		{"function \"f\" {\n  params = [left]\n  result = |\n}", []string{"left", "upper"}, nil},
		{"task \"new\" {\n  # var.|\n}", nil, []string{"settings"}},
		{"task \"new\" {\n  script = <<EOT\nvar.|\nEOT\n}", nil, []string{"settings"}},
	} {
		text, position := place(t, test.text)
		c.change("Tasks.hcl", shopTasks+"\n"+text)
		position.Line += strings.Count(shopTasks, "\n") + 1
		list := request[CompletionList](c, "textDocument/completion", map[string]any{
			"textDocument": map[string]any{"uri": c.uri("Tasks.hcl")}, "position": position,
		})
		found := labels(list.Items)
		for _, want := range test.want {
			if !slices.Contains(found, want) {
				t.Errorf("%q: no %q in %q", test.text, want, found)
			}
		}
		for _, not := range test.not {
			if slices.Contains(found, not) {
				t.Errorf("%q: %q is no candidate", test.text, not)
			}
		}
	}
}

// TestCompletionEdit: a candidate replaces the word at the place.
func TestCompletionEdit(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{"Tasks.hcl": ""}).initialize()
	for before, want := range map[string]string{
		"variable \"one\" {}\ntask \"a\" {\n  command = [\"🧪\", var.o|x]\n}": "variable \"one\" {}\ntask \"a\" {\n  command = [\"🧪\", var.one]\n}",
		"task \"one\" {}\ntask \"a\" {\n  depends_on = [task[\"on|\"]]\n}":   "task \"one\" {}\ntask \"a\" {\n  depends_on = [task[\"one\"]]\n}",
	} {
		text, position := place(t, before)
		c.open("Tasks.hcl", text)
		list := request[CompletionList](c, "textDocument/completion", map[string]any{
			"textDocument": map[string]any{"uri": c.uri("Tasks.hcl")}, "position": position,
		})
		i := slices.IndexFunc(list.Items, func(item CompletionItem) bool { return item.Label == "one" })
		if i < 0 {
			t.Fatalf("%q: %q", before, labels(list.Items))
		}
		if got := applied(text, []TextEdit{list.Items[i].TextEdit}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestCompletionInBrokenFile: a file that never was without errors has the services of the compose file.
func TestCompletionInBrokenFile(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{"Tasks.hcl": "", "compose.yaml": shopCompose}).initialize()
	text, position := place(t, "variable \"a\" {\n\ntask \"b\" {\n  service = \"|")
	c.open("Tasks.hcl", text)
	list := request[CompletionList](c, "textDocument/completion", map[string]any{
		"textDocument": map[string]any{"uri": c.uri("Tasks.hcl")}, "position": position,
	})
	if found := labels(list.Items); !slices.Contains(found, "web") {
		t.Errorf("%q", found)
	}
}

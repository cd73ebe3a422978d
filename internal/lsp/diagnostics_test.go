package lsp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiagnostics: the diagnostics are those of `tasks validate`, for the texts of the editor.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop()).initialize()
	text := c.openFile("Tasks.hcl")
	c.waitForMessages("Tasks.hcl")
	c.change("Tasks.hcl", strings.Replace(text, "task.lint", "task.lnt", 1))
	found := c.waitForMessages("Tasks.hcl", `unknown task "lnt"`)
	line := strings.Count(text[:strings.Index(text, "depends_on")], "\n")
	if want := (Range{Position{line, 17}, Position{line, 25}}); found[0].Range != want || found[0].Severity != severityError {
		t.Errorf("%+v, want %+v", found[0], want)
	}
	c.change("Tasks.hcl", strings.Replace(text, `"web"`, `"wob"`, 1))
	c.waitForMessages("Tasks.hcl", "wob")
	c.change("Tasks.hcl", strings.Replace(text, `["pytest"`, `["pytest" ]]`, 1))
	c.waitFor("Tasks.hcl", func(d []Diagnostic) bool { return len(d) == 1 && !strings.Contains(d[0].Message, "wob") })
	c.change("Tasks.hcl", text)
	c.waitForMessages("Tasks.hcl")
}

// TestUTF16: positions count UTF-16 code units.
func TestUTF16(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{"Tasks.hcl": ""}).initialize()
	text := "task \"a\" {\n  command = [\"🧪漢字\", var.nope]\n}\n"
	c.open("Tasks.hcl", text)
	found := c.waitForMessages("Tasks.hcl", `unknown variable "nope"`)
	if want := (Range{Position{1, 21}, Position{1, 29}}); found[0].Range != want {
		t.Errorf("%+v, want %+v", found[0].Range, want)
	}
}

// TestComposeDiagnostics: a mistake in a compose file is shown there, and goes away with the mistake.
func TestComposeDiagnostics(t *testing.T) {
	t.Parallel()
	files := shop()
	files["compose.yaml"] = strings.Replace(shopCompose, "image: shop-web", "imag: shop-web", 1)
	c := newClient(t, files).initialize()
	c.openFile("Tasks.hcl")
	found := c.waitForMessages("compose.yaml", "imag")
	if found[0].Range.Start.Line != 2 {
		t.Errorf("%+v", found[0])
	}
	writeFile(t, filepath.Join(c.dir, "compose.yaml"), shopCompose)
	c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}})
	c.waitForMessages("compose.yaml")
}

// TestOtherFiles: diagnostics reach all files of a project, and the project of an included file is the including one.
func TestOtherFiles(t *testing.T) {
	t.Parallel()
	c := newClient(t, map[string]string{
		"Tasks.hcl":     "include \"ci\" {\n  source = \"ci/all.hcl\"\n  variables = { level = \"1\" }\n}\n",
		"b.tasks.hcl":   "task \"b\" {\n  command = [local.gone]\n}\n",
		"ci/all.hcl":    "variable \"level\" {}\n\ntask \"build\" {\n  command = [\"make\", var.level]\n}\n",
		"alone/one.hcl": "task \"one\" {\n  command = [var.gone]\n}\n",
	}).initialize()
	c.openFile("ci/all.hcl")
	c.waitForMessages("b.tasks.hcl", `unknown local "gone"`)
	c.waitForMessages("ci/all.hcl")
	c.openFile("alone/one.hcl")
	c.waitForMessages("alone/one.hcl", `unknown variable "gone"`)
	c.openFile("b.tasks.hcl")
	c.change("b.tasks.hcl", "")
	c.waitForMessages("b.tasks.hcl")
}

// TestUntrustedFiles: the text of another user's file is neither read nor shown.
func TestUntrustedFiles(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
	c := newClient(t, shop())
	if err := os.Chown(filepath.Join(c.dir, "Tasks.hcl"), 4242, 4242); err != nil {
		t.Fatal(err)
	}
	c.initialize()
	c.open("Tasks.hcl", shopTasks)
	c.waitForMessages("Tasks.hcl", "belongs to another user")
}

// TestRapidEdits: of many edits, the diagnostics of the last text stay.
func TestRapidEdits(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop()).initialize()
	text := c.openFile("Tasks.hcl")
	for i := range 200 {
		c.change("Tasks.hcl", text[:i*len(text)/200])
	}
	c.change("Tasks.hcl", text+"\ntask \"last\" {\n  command = [var.last]\n}\n")
	c.waitForMessages("Tasks.hcl", `unknown variable "last"`)
	c.change("Tasks.hcl", text)
	c.waitForMessages("Tasks.hcl")
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

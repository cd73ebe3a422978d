package lsp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// included is a project with a file that is included twice.
func included() map[string]string {
	return map[string]string{
		"Tasks.hcl": `include "a" {
  source = "./sub.hcl"
}
include "b" {
  source = "./sub.hcl"
}
task "all" {
  depends_on = [task["a:x"], task["b:x"], task["b:deep:x"]]
}
`,
		"sub.hcl": `include "deep" {
  source = "./deep.hcl"
}
task "x" {
  command = ["x"]
}
task "y" {
  depends_on = [task.x, task["deep:x"]]
}
`,
		"deep.hcl": "task \"x\" {\n  command = [\"x\"]\n}\n",
	}
}

// renamed renames the name at a word, and returns the files after the edits.
func renamed(t *testing.T, c *client, open, word string, plus int, name string) map[string]string {
	t.Helper()
	params := c.at(open, c.openFile(open), word, plus)
	params["newName"] = name
	files := map[string]string{}
	for uri, edits := range request[WorkspaceEdit](c, "textDocument/rename", params).Changes {
		text, err := os.ReadFile(pathOf(uri))
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(pathOf(uri))] = applied(string(text), edits)
	}
	return files
}

// TestRenameInIncludedFiles: a name of a file that is included twice has two prefixes, and the name of an include block
// is a part of the names of tasks.
func TestRenameInIncludedFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, word string
		plus       int
		want       map[string]string
	}{
		"by the second prefix": {"Tasks.hcl", "b:x", 2, map[string]string{
			"Tasks.hcl": `[task["a:new"], task["b:new"], task["b:deep:x"]]`, "sub.hcl": `[task.new, task["deep:x"]]`,
		}},
		"by the declaration": {"deep.hcl", `x"`, 0, map[string]string{
			"Tasks.hcl": `[task["a:x"], task["b:x"], task["b:deep:new"]]`, "sub.hcl": `[task.x, task["deep:new"]]`,
			"deep.hcl": `task "new"`,
		}},
		"an include block": {"Tasks.hcl", `b" {`, 0, map[string]string{
			"Tasks.hcl": `[task["a:x"], task["new:x"], task["new:deep:x"]]`,
		}},
		"an include block by a use": {"Tasks.hcl", "deep:x", 1, map[string]string{
			"Tasks.hcl": `[task["a:x"], task["b:x"], task["b:new:x"]]`, "sub.hcl": `[task.x, task["new:x"]]`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := renamed(t, newClient(t, included()).initialize(), test.file, test.word, test.plus, "new")
			for file, want := range test.want {
				if text := got[file]; !strings.Contains(text, want) {
					t.Errorf("no %s in %s:\n%s", want, file, text)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("%d files change, want %d", len(got), len(test.want))
			}
		})
	}
}

// TestRenameInChangedFile: another program has changed a closed file, and the editor has not told the server.
func TestRenameInChangedFile(t *testing.T) {
	t.Parallel()
	c := newClient(t, included()).initialize()
	c.openFile("Tasks.hcl")
	c.waitForMessages("Tasks.hcl")
	later := "# a comment\n\n" + included()["sub.hcl"]
	writeFile(t, filepath.Join(c.dir, "sub.hcl"), later)
	got := renamed(t, c, "Tasks.hcl", "a:x", 2, "new")["sub.hcl"]
	want := strings.Replace(strings.Replace(later, `"x" {`, `"new" {`, 1), "task.x", "task.new", 1)
	if got != want {
		t.Errorf("the file is\n%s", got)
	}
}

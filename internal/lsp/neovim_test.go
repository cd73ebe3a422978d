package lsp

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNeovim: Neovim without a screen starts the server, and uses diagnostics, completion, hover, definition, rename and
// formatting.
func TestNeovim(t *testing.T) {
	t.Parallel()
	editor, err := exec.LookPath("nvim")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("SKIPPED, NOT TESTED: nvim is missing: apt-get install neovim")
	}
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "tasks")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "tasks/cmd/tasks").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	script, err := filepath.Abs("testdata/neovim.lua")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range shop() {
		writeFile(t, filepath.Join(dir, name), text)
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), editor, "--headless", "--clean", "-n", "-S", script, "Tasks.hcl")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TASKS_PROGRAM="+program, "HOME="+home, "XDG_STATE_HOME="+home, "XDG_CACHE_HOME="+home)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, step := range []string{"diagnostics", "completion", "hover", "definition", "rename", "format", "shutdown"} {
		if !strings.Contains(string(out), "ok "+step) {
			t.Errorf("no %q in:\n%s", "ok "+step, out)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "Tasks.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "task \"style\"") || !strings.Contains(string(text), "depends_on  = [task.style, service.db.healthy]") {
		t.Errorf("the rename and the layout are not in the file:\n%s", text)
	}
}

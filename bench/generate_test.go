package main

import (
	"os/exec"
	"strings"
	"testing"

	"tasks/hclspec"
)

func TestTaskFilesHoldTheSameTasks(t *testing.T) {
	tests := map[string]struct {
		chained      bool
		file, begins string
		count        string // stands once for each task
		link         string // stands where one task needs another
		links        int
	}{
		"hcl":               {false, "Tasks.hcl", "task \"t0000\" {\n  description = \"Task t0000 of a thousand\"\n  command     = [\"echo\", \"t0000\"]\n}\n", "task \"t", "depends_on", 0},
		"hcl in a chain":    {true, "Tasks.hcl", "task \"t0000\" {", "task \"t", "depends_on  = [task.t", 999},
		"taskfile":          {false, "Taskfile.yml", "version: '3'\ntasks:\n  t0000:\n    desc: Task t0000 of a thousand\n    cmds: [echo t0000]\n", "desc: ", "deps: ", 0},
		"taskfile, chained": {true, "Taskfile.yml", "version: '3'\n", "desc: ", "deps: [t", 999},
		"just":              {false, "justfile", "# Task t0000 of a thousand\nt0000:\n    echo t0000\n", "    echo t", ": t", 0},
		"just in a chain":   {true, "justfile", "# Task t0000", "    echo t", ": t", 999},
		"make":              {false, "Makefile", ".PHONY: t0000\nt0000:\n\techo t0000\n", "\techo t", "0: t", 0},
		"make in a chain":   {true, "Makefile", ".PHONY: t0000\nt0000:\n", "\techo t", "\nt0500: t0499\n", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			content := taskFiles(test.chained)[test.file]
			if !strings.HasPrefix(content, test.begins) {
				t.Errorf("it begins with %q, want %q", content[:len(test.begins)], test.begins)
			}
			if n := strings.Count(content, test.count); n != thousand {
				t.Errorf("%d times %q, want %d", n, test.count, thousand)
			}
			if n := strings.Count(content, test.link); n != test.links {
				t.Errorf("%d times %q, want %d", n, test.link, test.links)
			}
		})
	}
}

func TestGeneratedTasksAreValid(t *testing.T) {
	for _, chained := range []bool{false, true} {
		source := taskFiles(chained)["Tasks.hcl"]
		file, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Bytes: []byte(source)}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if tasks := file.Tasks(); len(tasks) != thousand || tasks[thousand-1].Name != lastTask() {
			t.Errorf("chained %v: %d tasks", chained, len(tasks))
		}
	}
}

// make is nearly everywhere, and says whether the chain is one.
func TestGeneratedMakefileIsAChain(t *testing.T) {
	path, err := exec.LookPath("make")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: no make in PATH")
	}
	dir := t.TempDir()
	if err := writeFiles(dir, taskFiles(true)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-n", lastTask())
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(out), "echo t"); lines != thousand {
		t.Errorf("%d commands, want %d", lines, thousand)
	}
}

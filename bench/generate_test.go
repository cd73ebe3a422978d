package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec"
)

func TestShapes(t *testing.T) {
	tests := map[string]struct {
		needs shape
		want  map[int][]int
	}{
		"apart":  {independentShape, map[int][]int{0: nil, 5: nil, 29: nil}},
		"chain":  {chainShape, map[int][]int{0: nil, 1: {0}, 29: {28}}},
		"fan":    {fanShape, map[int][]int{0: nil, 28: nil, 29: numbersBetween(0, 29)}},
		"layers": {layerShape, map[int][]int{9: nil, 10: {0, 1, 2}, 18: {8, 9, 0}, 25: {15, 16, 17}, 29: numbersBetween(10, 29)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for i, want := range test.want {
				if diff := cmp.Diff(want, test.needs(i, 30)); diff != "" {
					t.Errorf("%d: -want +got:\n%s", i, diff)
				}
			}
		})
	}
}

// A plan of the last task must contain all tasks.
func TestLastTaskReachesAll(t *testing.T) {
	for _, s := range shapes() {
		reached := map[int]bool{}
		var walk func(int)
		walk = func(i int) {
			if !reached[i] {
				reached[i] = true
				for _, n := range s.of(i, 100) {
					walk(n)
				}
			}
		}
		if walk(99); len(reached) != 100 {
			t.Errorf("%s: %d of 100", s.name, len(reached))
		}
	}
}

func TestTaskFilesHoldTheSameTasks(t *testing.T) {
	const n = 1000
	tests := map[string]struct {
		needs        shape
		file, begins string
		count        string // stands once for each task
		link         string // stands for each need of a task
		links        int
	}{
		"hcl":               {independentShape, "Tasks.hcl", "task \"t0000\" {\n  description = \"Task t0000\"\n  command     = [\"echo\", \"t0000\"]\n}\n", "task \"t", "depends_on", 0},
		"hcl in a chain":    {chainShape, "Tasks.hcl", "task \"t0000\" {", "task \"t", "depends_on  = [task.t", 999},
		"hcl in layers":     {layerShape, "Tasks.hcl", "task \"t0000\" {", "task \"t", "task.t", 989*3 + 19},
		"taskfile":          {independentShape, "Taskfile.yml", "version: '3'\nrun: once\ntasks:\n  t0000:\n    desc: Task t0000\n    cmds: [echo t0000]\n", "desc: ", "deps: ", 0},
		"taskfile, chained": {chainShape, "Taskfile.yml", "version: '3'\n", "desc: ", "deps: [t", 999},
		"just":              {independentShape, "justfile", "# Task t0000\nt0000:\n    echo t0000\n", "    echo t", ": t", 0},
		"just in a chain":   {chainShape, "justfile", "# Task t0000", "    echo t", ": t", 999},
		"make":              {independentShape, "Makefile", ".PHONY: t0000\nt0000:\n\techo t0000\n", "\techo t", "0: t", 0},
		"make in a chain":   {chainShape, "Makefile", ".PHONY: t0000\nt0000:\n", "\techo t", "\nt0500: t0499\n", 1},
		"make in a fan":     {fanShape, "Makefile", ".PHONY: t0000\nt0000:\n", "\techo t", "\nt0999: t0000 t0001 t0002 ", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			content := taskFiles(n, test.needs, "echo", "NAME")[test.file]
			if !strings.HasPrefix(content, test.begins) {
				t.Errorf("it begins with %q, want %q", content[:len(test.begins)], test.begins)
			}
			if got := strings.Count(content, test.count); got != n {
				t.Errorf("%d times %q, want %d", got, test.count, n)
			}
			if got := strings.Count(content, test.link); got != test.links {
				t.Errorf("%d times %q, want %d", got, test.link, test.links)
			}
		})
	}
}

func TestGeneratedTasksAreValid(t *testing.T) {
	for _, s := range append(shapes(), namedShape{"apart", independentShape}) {
		source := taskFiles(100, s.of, "sleep", "0.05")["Tasks.hcl"]
		file, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Bytes: []byte(source)}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		tasks := file.Tasks()
		if len(tasks) != 100 || tasks[99].Name != taskName(99) || len(tasks[99].DependsOn) != len(s.of(99, 100)) {
			t.Errorf("%s: %d tasks", s.name, len(tasks))
		}
	}
}

// Most machines have make. The test checks that the last task comes last.
func TestGeneratedMakefileReachesAll(t *testing.T) {
	path, err := exec.LookPath("make")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: no make in PATH")
	}
	for _, s := range shapes() {
		t.Run(s.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := writeFiles(dir, taskFiles(100, s.of, "echo", "NAME")); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(path, "-n", taskName(99))
			cmd.Dir = dir
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(string(out), "echo t"); lines != 100 {
				t.Errorf("%d commands, want 100", lines)
			}
		})
	}
}

func TestThousands(t *testing.T) {
	var got []string
	for _, n := range []int{7, 999, 1000, 10000, 123456} {
		got = append(got, thousands(n))
	}
	if want := []string{"7", "999", "1,000", "10,000", "123,456"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostWatch is watched without an engine. Its debounce is long enough for a busy machine.
const hostWatch = `
task "x" {
  script = "echo first $(cat src/a.txt)"
  watch {
    paths    = ["src/**"]
    ignore   = ["**/*.tmp"]
    debounce = "300ms"
  }
}
`

func TestWatchMakesOneRerunOfABurst(t *testing.T) {
	t.Parallel()
	// Writing itself may take long on a busy machine.
	a := newApp(t, "", strings.Replace(hostWatch, "300ms", "1500ms", 1))
	a.write("src/a.txt", "one")
	p := a.startWatch("x")
	for i := range 30 {
		a.write(fmt.Sprintf("src/new/b%02d.txt", i), "x")
		a.write("src/a.txt", fmt.Sprint(i))
	}
	p.waitOutputTimes(watchIdleText, 2)
	a.write("src/a.txt", "last")
	p.waitOutputTimes(watchIdleText, 3)
	r := p.endWatch()
	if r.stdout != "first one\nfirst 29\nfirst last\n" {
		t.Errorf("stdout %q; want one run for the burst", r.stdout)
	}
	if !strings.Contains(r.stderr, "and 28 more") {
		t.Errorf("stderr lacks how much changed:\n%s", r.stderr)
	}
}

func TestWatchIgnoresPaths(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", hostWatch)
	a.write("src/a.txt", "one")
	a.write(".gitignore", "*.log\n")
	p := a.startWatch("x")
	for _, name := range []string{"src/a.tmp", "src/deep/er/b.tmp", "src/a.log", "elsewhere/a.txt", ".tasks/a.txt"} {
		a.write(name, "x")
	}
	a.write("src/a.txt", "two")
	p.waitOutputTimes(watchIdleText, 2)
	r := p.endWatch()
	if r.stdout != "first one\nfirst two\n" || !strings.Contains(r.stderr, "changed: src/a.txt\n") {
		t.Errorf("stdout %q; want one rerun, for src/a.txt alone\n%s", r.stdout, r.stderr)
	}
}

// Editors replace a file rather than write to it.
func TestWatchSeesReplacedAndRemovedFiles(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", hostWatch)
	a.write("src/a.txt", "one")
	p := a.startWatch("x")
	a.write("src/a.txt.tmp", "two")
	if err := os.Rename(filepath.Join(a.dir, "src/a.txt.tmp"), filepath.Join(a.dir, "src/a.txt")); err != nil {
		t.Fatal(err)
	}
	p.waitOutputTimes(watchIdleText, 2)
	if err := os.Remove(filepath.Join(a.dir, "src/a.txt")); err != nil {
		t.Fatal(err)
	}
	p.waitOutputTimes(watchIdleText, 3)
	if r := p.endWatch(); r.stdout != "first one\nfirst two\nfirst\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

func TestWatchReplansAfterTasksHCLChange(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", hostWatch)
	a.write("src/a.txt", "a")
	p := a.startWatch("x")

	a.write("Tasks.hcl", strings.Replace(hostWatch, "first", "second", 1))
	p.waitOutputTimes(watchIdleText, 2)
	p.waitOutput("second a")

	a.write("Tasks.hcl", "task \"x\" {\n  comand = 1\n}\n")
	p.waitOutputTimes(watchIdleText, 3)
	for _, want := range []string{"Tasks.hcl:2", "comand", "going on with the files as they were"} {
		p.waitOutput(want)
	}

	a.write("src/a.txt", "b") // still broken, and told of again
	p.waitOutputTimes(watchIdleText, 4)
	p.waitOutput("second b")

	a.write("Tasks.hcl", strings.Replace(hostWatch, "first", "third", 1))
	p.waitOutputTimes(watchIdleText, 5)
	if r := p.endWatch(); r.stdout != "first a\nsecond a\nsecond a\nsecond b\nthird b\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

func TestWatchUpdatesPathsFromTasksHCL(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", hostWatch)
	a.write("src/a.txt", "a")
	a.write("other/a.txt", "a")
	p := a.startWatch("x")
	a.write("Tasks.hcl", strings.ReplaceAll(hostWatch, "src/", "other/"))
	p.waitOutputTimes(watchIdleText, 2)
	a.write("src/a.txt", "b")
	a.write("other/a.txt", "c")
	p.waitOutputTimes(watchIdleText, 3)
	r := p.endWatch()
	if r.stdout != "first a\nfirst a\nfirst c\n" || !strings.Contains(r.stderr, "changed: other/a.txt\n") {
		t.Errorf("stdout %q\n%s", r.stdout, r.stderr)
	}
}

func TestWatchRecreatesAChangedDependency(t *testing.T) {
	t.Parallel()
	a := newApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["cat", "/src/a.txt"]
}
`)
	a.write("src/a.txt", "one\n")
	p := a.startWatch("x")
	before := a.service("db").ID

	a.write("compose.yaml", "services: [nonsense]\nname: @project\n")
	p.waitOutputTimes(watchIdleText, 2)
	p.waitOutput("going on with the files as they were")
	if db := a.service("db"); db.ID != before {
		t.Error("the dependency was replaced because of a broken file")
	}

	a.write("compose.yaml", strings.Replace(watchedCompose, "first", "second", 1)+"\nname: @project\n")
	p.waitOutputTimes(watchIdleText, 3)
	if db := a.service("db"); db.ID == before || !strings.Contains(fmt.Sprint(db.Config.Env), "GENERATION=second") {
		t.Errorf("the dependency is %s with %q; it was %s", db.ID, db.Config.Env, before)
	}
	if r := p.endWatch(); r.stdout != "one\none\none\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

func TestNothingToWatch(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  command = ["echo", "ran"]
}
`)
	if r := a.tasks("watch", "x"); r.code != 2 || r.stdout != "" || !strings.Contains(r.stderr, "nothing to watch") {
		t.Errorf("code %d, output %q\n%s", r.code, r.stdout, r.stderr)
	}
}

// What the task itself writes over and over makes no loop.
func TestWatchDoesNotLoop(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  script = "cat src/a.txt > src/out.txt; sleep 0.3; cat src/a.txt"
  watch { paths = ["src/**"] }
}
`)
	a.write("src/a.txt", "one\n")
	p := a.startWatch("x")
	a.write("src/a.txt", "two\n")
	p.waitOutputTimes(watchIdleText, 2)
	if r := p.endWatch(); r.stdout != "one\ntwo\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

// TestWatchIncludedFilesAndValues: a change of either is planned anew.
func TestWatchIncludedFilesAndValues(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", "variable \"v\" {}\n\ninclude \"ns\" {\n  source    = \"ns\"\n  variables = { v = var.v }\n}\n")
	a.write("v.auto.tasksvars", "v = \"one\"\n")
	included := "variable \"v\" {}\n\ntask \"x\" {\n  command = [\"echo\", \"first\", var.v]\n  watch {\n    paths = [\"src/**\"]\n  }\n}\n"
	a.write("ns/src/a.txt", "x")
	a.write("ns/Tasks.hcl", included)
	p := a.startWatch("ns:x")
	a.write("v.auto.tasksvars", "v = \"two\"\n")
	p.waitOutputTimes(watchIdleText, 2)
	a.write("ns/Tasks.hcl", strings.Replace(included, "first", "second", 1))
	p.waitOutputTimes(watchIdleText, 3)
	a.write("ns/src/a.txt", "y")
	p.waitOutputTimes(watchIdleText, 4)
	if r := p.endWatch(); r.stdout != "first one\nfirst two\nsecond two\nsecond two\n" {
		t.Errorf("stdout %q\n%s", r.stdout, r.stderr)
	}
}

// TestWatchUsesInputs: a watched task without a watch block is run again for its inputs, though not for its outputs, and what
// it depends on only for that task's own.
func TestWatchUsesInputs(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  script     = "echo x; date +%N > src/out.txt"
  inputs     = ["src"]
  outputs    = ["src/out.txt"]
  depends_on = [task.dep]
}

task "dep" {
  script = "echo making"
  inputs = ["src/b.txt"]
}
`)
	a.write("src/a.txt", "one")
	a.write("src/b.txt", "one")
	p := a.startWatch("x")
	a.write("src/a.txt", "two")
	p.waitOutputTimes(watchIdleText, 2)
	a.write("src/b.txt", "two")
	p.waitOutputTimes(watchIdleText, 3)
	r := p.endWatch()
	if r.stdout != "x\nx\nx\n" {
		t.Errorf("stdout %q; want three runs", r.stdout)
	}
	if got := strings.Count(r.stderr, "dep | making"); got != 2 {
		t.Errorf("the dependency ran %d times; want 2\n%s", got, r.stderr)
	}
}

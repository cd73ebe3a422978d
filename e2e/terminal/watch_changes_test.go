//go:build unix

package terminal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
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
	a := apptest.NewApp(t, "", strings.Replace(hostWatch, "300ms", "1500ms", 1))
	a.Write("src/a.txt", "one")
	p := a.StartWatch("x")
	for i := range 30 {
		a.Write(fmt.Sprintf("src/new/b%02d.txt", i), "x")
		a.Write("src/a.txt", fmt.Sprint(i))
	}
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	a.Write("src/a.txt", "last")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	r := p.EndWatch()
	if r.Stdout != "first one\nfirst 29\nfirst last\n" {
		t.Errorf("stdout %q; want one run for the burst", r.Stdout)
	}
	if !strings.Contains(r.Stderr, "and 28 more") {
		t.Errorf("stderr lacks how much changed:\n%s", r.Stderr)
	}
}

func TestWatchIgnoresPaths(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", hostWatch)
	a.Write("src/a.txt", "one")
	a.Write(".gitignore", "*.log\n")
	p := a.StartWatch("x")
	for _, name := range []string{"src/a.tmp", "src/deep/er/b.tmp", "src/a.log", "elsewhere/a.txt", ".tasks/a.txt"} {
		a.Write(name, "x")
	}
	a.Write("src/a.txt", "two")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	r := p.EndWatch()
	if r.Stdout != "first one\nfirst two\n" || !strings.Contains(r.Stderr, "changed: src/a.txt (the last run took ") {
		t.Errorf("stdout %q; want one rerun, for src/a.txt alone\n%s", r.Stdout, r.Stderr)
	}
}

// Editors replace a file rather than write to it.
func TestWatchSeesReplacedAndRemovedFiles(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", hostWatch)
	a.Write("src/a.txt", "one")
	p := a.StartWatch("x")
	a.Write("src/a.txt.tmp", "two")
	if err := os.Rename(filepath.Join(a.Dir, "src/a.txt.tmp"), filepath.Join(a.Dir, "src/a.txt")); err != nil {
		t.Fatal(err)
	}
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	if err := os.Remove(filepath.Join(a.Dir, "src/a.txt")); err != nil {
		t.Fatal(err)
	}
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	if r := p.EndWatch(); r.Stdout != "first one\nfirst two\nfirst\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
}

func TestWatchReplansAfterTasksHCLChange(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", hostWatch)
	a.Write("src/a.txt", "a")
	p := a.StartWatch("x")

	a.Write("Tasks.hcl", strings.Replace(hostWatch, "first", "second", 1))
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	p.WaitOutput("second a")

	a.Write("Tasks.hcl", "task \"x\" {\n  comand = 1\n}\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	for _, want := range []string{"Tasks.hcl:2", "comand", "keeping the last valid files"} {
		p.WaitOutput(want)
	}

	a.Write("src/a.txt", "b") // still broken, and told of again
	p.WaitOutputTimes(apptest.WatchIdleText, 4)
	p.WaitOutput("second b")

	a.Write("Tasks.hcl", strings.Replace(hostWatch, "first", "third", 1))
	p.WaitOutputTimes(apptest.WatchIdleText, 5)
	if r := p.EndWatch(); r.Stdout != "first a\nsecond a\nsecond a\nsecond b\nthird b\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
}

func TestWatchUpdatesPathsFromTasksHCL(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", hostWatch)
	a.Write("src/a.txt", "a")
	a.Write("other/a.txt", "a")
	p := a.StartWatch("x")
	a.Write("Tasks.hcl", strings.ReplaceAll(hostWatch, "src/", "other/"))
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	a.Write("src/a.txt", "b")
	a.Write("other/a.txt", "c")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	r := p.EndWatch()
	if r.Stdout != "first a\nfirst a\nfirst c\n" || !strings.Contains(r.Stderr, "changed: other/a.txt (the last run took ") {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
}

func TestWatchRecreatesAChangedDependency(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["cat", "/src/a.txt"]
}
`)
	a.Write("src/a.txt", "one\n")
	p := a.StartWatch("x")
	before := a.Service("db").ID

	a.Write("compose.yaml", "services: [nonsense]\nname: @project\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	p.WaitOutput("keeping the last valid files")
	if db := a.Service("db"); db.ID != before {
		t.Error("the dependency was replaced because of a broken file")
	}

	a.Write("compose.yaml", strings.Replace(watchedCompose, "first", "second", 1)+"\nname: @project\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	if db := a.Service("db"); db.ID == before || !strings.Contains(fmt.Sprint(db.Config.Env), "GENERATION=second") {
		t.Errorf("the dependency is %s with %q; it was %s", db.ID, db.Config.Env, before)
	}
	if r := p.EndWatch(); r.Stdout != "one\none\none\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
}

func TestNothingToWatch(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  command = ["echo", "ran"]
}
`)
	if r := a.Tasks("watch", "x"); r.Code != 2 || r.Stdout != "" || !strings.Contains(r.Stderr, "nothing to watch") {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

// What the task itself writes over and over makes no loop.
func TestWatchDoesNotLoop(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script = "cat src/a.txt > src/out.txt; sleep 0.3; cat src/a.txt"
  watch { paths = ["src/**"] }
}
`)
	a.Write("src/a.txt", "one\n")
	p := a.StartWatch("x")
	a.Write("src/a.txt", "two\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	if r := p.EndWatch(); r.Stdout != "one\ntwo\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
}

// TestWatchIncludedFilesAndValues: a change of either is planned anew.
func TestWatchIncludedFilesAndValues(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", "variable \"v\" {}\n\ninclude \"ns\" {\n  source    = \"ns\"\n  variables = { v = var.v }\n}\n")
	a.Write("v.auto.tasksvars", "v = \"one\"\n")
	included := "variable \"v\" {}\n\ntask \"x\" {\n  command = [\"echo\", \"first\", var.v]\n  watch {\n    paths = [\"src/**\"]\n  }\n}\n"
	a.Write("ns/src/a.txt", "x")
	a.Write("ns/Tasks.hcl", included)
	p := a.StartWatch("ns:x")
	a.Write("v.auto.tasksvars", "v = \"two\"\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	a.Write("ns/Tasks.hcl", strings.Replace(included, "first", "second", 1))
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	a.Write("ns/src/a.txt", "y")
	p.WaitOutputTimes(apptest.WatchIdleText, 4)
	if r := p.EndWatch(); r.Stdout != "first one\nfirst two\nsecond two\nsecond two\n" {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
}

// TestWatchUsesInputs: a watched task without a watch block is run again for its inputs, though not for its outputs, and what
// it depends on only for that task's own.
func TestWatchUsesInputs(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
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
	a.Write("src/a.txt", "one")
	a.Write("src/b.txt", "one")
	p := a.StartWatch("x")
	a.Write("src/a.txt", "two")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	a.Write("src/b.txt", "two")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	r := p.EndWatch()
	if r.Stdout != "x\nx\nx\n" {
		t.Errorf("stdout %q; want three runs", r.Stdout)
	}
	if got := strings.Count(r.Stderr, "dep | making"); got != 2 {
		t.Errorf("the dependency ran %d times; want 2\n%s", got, r.Stderr)
	}
}

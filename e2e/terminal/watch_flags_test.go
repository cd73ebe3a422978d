//go:build unix

package terminal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const flagTask = `
task "x" {
  script = "cat src/a; exit $(cat src/code)"
  watch {
    paths  = ["src"]
    ignore = ["src/skip"]
  }
}
`

func newFlagApp(t *testing.T) *apptest.App {
	t.Parallel()
	a := apptest.NewApp(t, "", flagTask)
	a.Write("src/a", "one\n")
	a.Write("src/code", "0")
	return a
}

func TestWatchExitAfter(t *testing.T) {
	a := newFlagApp(t)
	a.Write("src/code", "3")
	p := a.Start("watch", "--exit-after", "2", "x")
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	a.Write("src/a", "two\n")
	if r := p.Wait(); r.Code != 3 || r.Stdout != "one\ntwo\n" {
		t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	if r := a.Tasks("watch", "--exit-after", "-1", "x"); r.Code != 2 || !strings.Contains(r.Stderr, "--exit-after -1") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

func TestWatchExitOnError(t *testing.T) {
	a := newFlagApp(t)
	p := a.Start("watch", "--exit-on-error", "x")
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	a.Write("src/code", "7")
	if r := p.Wait(); r.Code != 7 {
		t.Errorf("code %d, want 7\n%s", r.Code, r.Stderr)
	}
}

func TestWatchExplain(t *testing.T) {
	a := newFlagApp(t)
	p := a.Start("watch", "--explain", "--notify", "x")
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	a.Write("src/.a.swp", "x")
	a.Write("src/skip/a", "x")
	a.Write("src/a", "two\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	r := p.EndWatch()
	for _, want := range []string{
		`explain: src/.a.swp is ignored: .*.sw? is never watched`, `explain: src/skip is ignored: ignore "src/skip"`,
		`explain: src/a counts: paths "src"`,
	} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in\n%s", want, r.Stderr)
		}
	}
	if strings.Contains(r.Stderr, "\x1b") {
		t.Error("a notification went to a file")
	}
}

func TestWatchInitialAndQueue(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script = "sleep 0.3; cat src/a"
  watch {
    paths   = ["src"]
    initial = false
    on_busy = "queue"
    poll    = true
    clear   = true
  }
}
`)
	a.Write("src/a", "one\n")
	p := a.StartWatch("x")
	a.Write("src/a", "two\n")
	p.WaitOutput("changed: src/a")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	if r := p.EndWatch(); r.Stdout != "two\n" {
		t.Errorf("stdout %q; want no run before the change\n%s", r.Stdout, r.Stderr)
	}
}

// Warnings about globs come at the start and from validate.
func TestWatchWarnsAboutGlobs(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  command = ["echo", "ran"]
  watch { paths = ["src", "lib/**", "x.log"] }
}

task "reader" {
  command = ["true"]
  inputs  = ["made/a", "missing/*", "Tasks.hcl"]
}

task "writer" {
  command = ["true"]
  inputs  = ["Tasks.hcl"]
  outputs = ["made"]
}
`)
	a.Write("src/a", "")
	a.Write("x.log", "")
	a.Write(".gitignore", "*.log\n")
	p := a.StartWatch("x")
	watched := p.EndWatch().Stderr
	validated := a.Tasks("validate", "--strict")
	for text, isStart := range map[string]bool{
		"Tasks.hcl:4:27: warning: paths of task x matches nothing": true,
		"Tasks.hcl:4:37: warning: paths of task x matches nothing": true,
		`.gitignore:1 "*.log"`: true,
		"Tasks.hcl:9:24: warning: inputs of task reader matches nothing": false,
	} {
		if !strings.Contains(validated.Stderr, text) || isStart && !strings.Contains(watched, text) {
			t.Errorf("no %q in\n%s\n%s", text, watched, validated.Stderr)
		}
	}
	if validated.Code != 1 || strings.Count(validated.Stderr, "warning:") != 3 {
		t.Errorf("code %d\n%s", validated.Code, validated.Stderr)
	}
}

// A program sees all that a person sees: what changed, which rule took a file, errors in files, and when the watch waits.
func TestWatchEventsForPrograms(t *testing.T) {
	a := newFlagApp(t)
	p := a.Start("watch", "--explain", "--events", "events", "x")
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	a.Write("src/skip/a", "x")
	a.Write("src/a", "two\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	a.Write("Tasks.hcl", "task \"x\" {\n  comand = 1\n}\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	p.EndWatch()
	text, err := os.ReadFile(filepath.Join(a.Dir, "events"))
	if err != nil {
		t.Fatal(err)
	}
	type event struct {
		Event, Text, Error string
		Files              []string
		ExitCode           *int `json:"exit_code"`
	}
	var kinds []string
	for line := range strings.Lines(string(text)) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		switch {
		case e.Event == "watch_explained" && slices.Equal(e.Files, []string{"src/skip"}) && strings.Contains(e.Text, `ignore "src/skip"`):
			kinds = append(kinds, "ignored")
		case e.Event == "watch_changed" && len(e.Files) == 1,
			e.Event == "watch_waiting" && e.ExitCode != nil, e.Event == "watch_error" && strings.Contains(e.Error, "comand"),
			e.Event == "watch_fallback", e.Event == "run_started", e.Event == "run_ended":
			kinds = append(kinds, strings.TrimPrefix(e.Event, "watch_"))
		}
	}
	run := []string{"run_started", "run_ended", "waiting"}
	want := slices.Concat(run, []string{"ignored", "changed"}, run, []string{"changed", "error", "fallback"}, run)
	if !slices.Equal(slices.Compact(kinds), want) {
		t.Errorf("events %q, want %q\n%s", kinds, want, text)
	}
}

//go:build unix

package terminal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// watchedGroup has a member for each directory, and a dependency with inputs.
const watchedGroup = `
task "ci" {
  depends_on = [task.lint, task.test]
}

task "lint" {
  script = "echo lint $(cat lint/a)"
  watch { paths = ["lint"] }
}

task "test" {
  script     = "echo test $(cat test/a)"
  depends_on = [task.make]
  inputs     = ["test"]
}

task "make" {
  script  = "mkdir -p test; cat made/a > test/made; echo making"
  inputs  = ["made"]
  outputs = ["test/made"]
}
`

func groupFiles(a *apptest.App) {
	for _, name := range []string{"lint/a", "test/a", "made/a"} {
		a.Write(name, "one\n")
	}
}

// A change in a group reruns the members that the change concerns.
func TestWatchGroup(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", watchedGroup)
	groupFiles(a)
	p := a.StartWatch("ci")
	a.Write("lint/a", "two\n")
	p.WaitOutput("changed: lint/a; runs lint")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	a.Write("test/a", "two\n")
	p.WaitOutput("changed: test/a; runs test")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	a.Write("Tasks.hcl", watchedGroup+"\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 4)
	r := p.EndWatch()
	for text, want := range map[string]int{"lint | lint one": 1, "lint | lint two": 2, "test | test one": 1, "test | test two": 1} {
		if got := strings.Count(r.Stdout, text); got != want {
			t.Errorf("%q came %d times, want %d\n%s\n%s", text, got, want, r.Stdout, r.Stderr)
		}
	}
	if got := strings.Count(r.Stderr, "make | making"); got != 1 {
		t.Errorf("the dependency ran %d times\n%s", got, r.Stderr)
	}
}

func TestWatchSeveralTasks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", watchedGroup)
	groupFiles(a)
	p := a.Start("watch", "lint", ":::", "test")
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	a.Write("test/a", "two\n")
	p.WaitOutput("watch lint, test  changed: test/a; runs test")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	if r := p.EndWatch(); r.Stdout != "lint | lint one\ntest | test one\ntest | test two\n" {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
}

// A change stops the whole run. What has not ended runs again with the tasks that the change concerns.
func TestWatchRepeatsStoppedTasks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "ci" {
  depends_on = [task.slow, task.quick, task.other]
}

task "slow" {
  script = "seconds=$(cat seconds); echo slow; exec sleep $seconds"
  watch { paths = ["slow"] }
}

task "quick" {
  script = "echo quick"
  watch { paths = ["quick"] }
}

task "other" {
  script = "echo other"
  watch { paths = ["other"] }
}
`)
	for _, name := range []string{"slow/a", "quick/a", "other/a"} {
		a.Write(name, "one\n")
	}
	a.Write("seconds", "60")
	p := a.Start("watch", "ci")
	for _, text := range []string{"slow | slow", "task quick  done", "task other  done"} {
		p.WaitOutput(text)
	}
	a.Write("seconds", "0")
	a.Write("quick/a", "two\n")
	p.WaitOutput("changed: quick/a; runs quick, slow")
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	r := p.EndWatch()
	for text, want := range map[string]int{"slow | slow\n": 2, "quick | quick\n": 2, "other | other\n": 1} {
		if got := strings.Count(r.Stdout, text); got != want {
			t.Errorf("%q came %d times, want %d\n%s\n%s", text, got, want, r.Stdout, r.Stderr)
		}
	}
}

// A failure stops the other tasks. They run again with the next change, whatever changes.
func TestWatchRepeatsTasksAfterAFailure(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "ci" {
  depends_on = [task.lint, task.test]
}

task "lint" {
  script = "until [ -e begun ]; do sleep 0.05; done; exit $(cat lint/code)"
  watch { paths = ["lint"] }
}

task "test" {
  script = "seconds=$(cat seconds); echo test begins; touch begun; sleep $seconds; echo test ends"
  watch { paths = ["test"] }
}
`)
	a.Write("lint/code", "3")
	a.Write("test/a", "")
	a.Write("seconds", "60")
	p := a.StartWatch("ci")
	a.Write("seconds", "0")
	a.Write("lint/code", "0")
	p.WaitOutput("changed: lint/code (the last run took ")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	r := p.EndWatch()
	if strings.Count(r.Stdout, "test begins") != 2 || strings.Count(r.Stdout, "test ends") != 1 {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
}

// With `graph`, the inputs of dependencies start runs. Without, they do not.
func TestWatchGraph(t *testing.T) {
	t.Parallel()
	const file = `
task "up" {
  command    = ["echo", "up"]
  depends_on = [task.package]
  watch {
    paths = ["src"]
    graph = GRAPH
  }
}

task "package" {
  command    = ["echo", "package"]
  inputs     = ["charts/*.yaml"]
  depends_on = [task.deeper]
}

task "deeper" {
  command = ["echo", "deeper"]
  inputs  = ["deep"]
}
`
	for graph, want := range map[string]string{"true": "up\nup\nup\nup\n", "false": "up\nup\n"} {
		t.Run(graph, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, "", strings.Replace(file, "GRAPH", graph, 1))
			for _, name := range []string{"src/a", "charts/c.yaml", "deep/a"} {
				a.Write(name, "one")
			}
			p := a.StartWatch("up")
			idle := 1
			for _, name := range []string{"charts/c.yaml", "deep/a", "src/a"} {
				a.Write(name, "two")
				if graph == "true" || name == "src/a" {
					idle++
					p.WaitOutputTimes(apptest.WatchIdleText, idle)
				}
			}
			r := p.EndWatch()
			if r.Stdout != want {
				t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
			}
			if got := strings.Count(r.Stderr, "package | package"); got != 2 {
				t.Errorf("the dependency ran %d times, want 2\n%s", got, r.Stderr)
			}
		})
	}
}

func TestWatchOwnWritesAreNamed(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script     = "echo ran; date +%N > src/own; date +%N > src/out"
  inputs     = ["src"]
  outputs    = ["src/out"]
  depends_on = [task.writer]
  watch { paths = ["src"] }
}

task "writer" {
  script = "date +%N > src/dependency"
}
`)
	a.Write("src/a", "one")
	p := a.StartWatch("x")
	p.WaitOutput("src/own changes in every run")
	p.WaitOutput("from now on only while nothing runs")
	a.Write("src/a", "two")
	p.WaitOutput("changed: src/a")
	r := p.EndWatch()
	if got := strings.Count(r.Stdout, "ran"); got > 20 { // a save that stops a run makes one more
		t.Errorf("%d runs\n%s", got, r.Stderr)
	}
	if strings.Contains(r.Stderr, "src/out") {
		t.Errorf("an output counts:\n%s", r.Stderr)
	}
}

func TestWatchFollowsLinks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script = "cat src/lib/a"
  inputs = ["src/**/a"]
}
`)
	a.Write("shared/lib/a", "one\n")
	a.Write("src/b", "")
	if err := os.Symlink("../shared/lib", filepath.Join(a.Dir, "src/lib")); err != nil {
		t.Fatal(err)
	}
	p := a.StartWatch("x")
	a.Write("shared/lib/a", "two\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	if r := p.EndWatch(); r.Stdout != "one\ntwo\n" {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
	if r := a.Tasks("run", "--if-changed", "x"); r.Code != 0 || !strings.Contains(r.Stderr, "up to date") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	a.Write("shared/lib/a", "three\n")
	if r := a.Tasks("run", "--if-changed", "x"); r.Stdout != "three\n" {
		t.Errorf("stdout %q after a change behind a link\n%s", r.Stdout, r.Stderr)
	}
}

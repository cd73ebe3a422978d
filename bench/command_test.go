package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCommandRun(t *testing.T) {
	t.Setenv("COMPOSE_FILE", "elsewhere.yaml")
	shell := func(script string) []string { return []string{"sh", "-c", script} }
	tests := map[string]struct {
		command command
		err     string // empty: success
	}{
		"well":                   {command{argv: shell("exit 0")}, ""},
		"says what is wanted":    {command{argv: shell("echo one two"), want: "two"}, ""},
		"says it on stderr":      {command{argv: shell("echo two >&2"), want: "two"}, ""},
		"does not say it":        {command{argv: shell("echo one"), want: "two"}, `its output lacks "two": one`},
		"fails, with its words":  {command{argv: shell("echo a; echo b; echo c; echo d >&2; exit 3")}, "exit status 3: b; c; d"},
		"its own environment":    {command{argv: shell("echo $A"), env: []string{"A=yes"}, want: "yes"}, ""},
		"no environment of ours": {command{argv: shell("echo [$COMPOSE_FILE]"), want: "[]"}, ""},
		"in its directory":       {command{argv: shell("pwd"), dir: "/", want: "/\n"}, ""},
		"empty standard input":   {command{argv: shell("cat; echo end"), want: "end"}, ""},
		"there is no such tool":  {command{argv: []string{"/no/such/tool"}}, "no such file or directory"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := test.command.run(t.Context())
			if test.err == "" {
				if err != nil || s.wall <= 0 {
					t.Errorf("took %v, error %v", s.wall, err)
				}
			} else if err == nil || !strings.HasSuffix(err.Error(), test.err) {
				t.Errorf("got %v, want %s", err, test.err)
			}
		})
	}
}

func TestCommandTakesProcessorTimeOfChildren(t *testing.T) {
	busy := command{argv: []string{"sh", "-c", `sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'`}}
	idle := command{argv: []string{"sh", "-c", "sleep 0.05"}}
	worked, err1 := busy.run(t.Context())
	slept, err2 := idle.run(t.Context())
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if worked.cpu <= 2*slept.cpu || slept.wall < 50*time.Millisecond {
		t.Errorf("working took %v of the processor, sleeping %v in %v", worked.cpu, slept.cpu, slept.wall)
	}
}

func TestCommandIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := command{argv: []string{"sleep", "60"}}.run(ctx)
	if err == nil || time.Since(start) > stopGrace {
		t.Errorf("ended after %v with %v", time.Since(start), err)
	}
}

func TestEnvironmentIsFiltered(t *testing.T) {
	got := environment([]string{"PATH=/bin", "COMPOSE_FILE=x", "TASKS_VAR_a=b", "DOCKER_HOST=y"})
	if diff := cmp.Diff([]string{"PATH=/bin", "DOCKER_HOST=y"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTimed(t *testing.T) {
	s, err := timed(func(context.Context) error { time.Sleep(20 * time.Millisecond); return nil })(t.Context())
	if err != nil || s.wall < 20*time.Millisecond || s.cpu > s.wall {
		t.Errorf("took %v, processor %v, error %v", s.wall, s.cpu, err)
	}
	broken := errors.New("broken")
	if _, err := timed(func(context.Context) error { return broken })(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestOutput(t *testing.T) {
	got, err := output(t.Context(), "sh", "-c", "echo ' word '; echo no >&2")
	if err != nil || got != "word" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = output(t.Context(), "sh", "-c", "echo why >&2; exit 4")
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 4: why") {
		t.Errorf("got %v", err)
	}
}

func TestTaskNamesSortAsTheyCount(t *testing.T) {
	var names []string
	most := slices.Max(sizes())
	for i := range most {
		names = append(names, taskName(i))
	}
	if !slices.IsSorted(names) {
		t.Errorf("from %s to %s", names[0], names[most-1])
	}
}

func TestMeasureTimeout(t *testing.T) {
	if err := (command{argv: []string{"true"}}).runLimited(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (command{argv: []string{"sleep", "60"}}).runLimited(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A command at a terminal sees the terminal on all streams, with its size.
func TestRunAtTerminal(t *testing.T) {
	script := "test -t 0 && test -t 1 && test -t 2 && stty size && echo 'x  waiting 1.0 s'"
	s, err := command{argv: []string{"sh", "-c", script}}.runAtTerminal(t.Context())
	if err != nil || s.wall == 0 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, script := range []string{"exit 3", "echo no display"} {
		if _, err := (command{argv: []string{"sh", "-c", script}}).runAtTerminal(t.Context()); err == nil {
			t.Errorf("%s: no error", script)
		}
	}
}

func TestDisplayProject(t *testing.T) {
	b := &bench{dir: t.TempDir()}
	b.engine.image = "image"
	dir, err := b.writeDisplay()
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := os.ReadFile(filepath.Join(dir, "Tasks.hcl"))
	if err != nil || !strings.Contains(string(tasks), "service.s13, task.t0, task.t1, task.t2, task.t3]\n") {
		t.Errorf("%v\n%s", err, tasks)
	}
}

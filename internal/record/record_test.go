package record_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/internal/record"
	"tasks/planner"
)

// noopObserver ignores all events.
type noopObserver struct{ executor.Observer }

func (noopObserver) Notice(executor.Notice) {}

func samplePlan() (*planner.Plan, map[string]*planner.Step) {
	steps := map[string]*planner.Step{
		"db":   {ID: "start/db", Verb: planner.Start, Action: &planner.StartService{Replica: "db"}, Reason: planner.Reasons{{Code: planner.ReasonDisabled, Args: []string{"it does not run"}}}},
		"lint": {ID: "task/lint", Verb: planner.Run, Action: &planner.RunHost{Task: &hclspec.Task{Name: "lint"}}, Reason: planner.Reasons{{Code: planner.ReasonNeededBy, Args: []string{"task test"}}}},
		"long": {ID: "task/long", Verb: planner.Run, Action: &planner.RunHost{Task: &hclspec.Task{Name: "long"}}},
		"late": {ID: "task/late", Verb: planner.Run, Action: &planner.RunHost{Task: &hclspec.Task{Name: "late"}}},
		"turn": {ID: "task/turn", Verb: planner.Run, Action: &planner.RunHost{Task: &hclspec.Task{Name: "turn"}}},
		"slow": {ID: "task/slow", Verb: planner.Run, Action: &planner.RunHost{Task: &hclspec.Task{Name: "slow"}}},
		"test": {ID: "task/test", Verb: planner.Run, Action: &planner.RunHost{Task: &hclspec.Task{Name: "test"}}, Reason: planner.Reasons{{Code: planner.ReasonDisabled, Args: []string{"asked for s3cret"}}},
			Needs: []planner.Need{{Step: "task/lint"}}},
	}
	return &planner.Plan{Project: "shop", Steps: []*planner.Step{steps["db"], steps["lint"], steps["test"]}}, steps
}

// recordSampleRun records a sample run, and returns the three files.
func recordSampleRun(t *testing.T) (events, trace, junit string) {
	t.Helper()
	dir := t.TempDir()
	files := record.Files{Events: filepath.Join(dir, "e"), Trace: filepath.Join(dir, "t"), JUnit: filepath.Join(dir, "j")}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r, err := record.Start(t.Context(), t.Context(), files, func(s string) string { return strings.ReplaceAll(s, "s3cret", "***") }, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	p, steps := samplePlan()
	later := func(d time.Duration) { now = now.Add(d) }
	r.Begin(p)
	o := r.Observe(noopObserver{})
	o.Notice(executor.Notice{Kind: executor.Started, Step: steps["db"], Verb: planner.Start})
	o.Notice(executor.Notice{Kind: executor.Started, Step: steps["lint"], Verb: planner.Run})
	o.Notice(executor.Notice{Kind: executor.Started, Step: steps["long"], Verb: planner.Run})
	later(50 * time.Millisecond)
	o.Notice(executor.Notice{Kind: executor.Failed, Step: steps["db"], Verb: planner.Start, Err: errors.New("no s3cret"), Elapsed: 50 * time.Millisecond})
	later(50 * time.Millisecond)
	o.Notice(executor.Notice{Kind: executor.Failed, Step: steps["lint"], Verb: planner.Run, Code: 3, Elapsed: 100 * time.Millisecond})
	o.Notice(executor.Notice{Kind: executor.Skipped, Step: steps["test"], Cause: steps["lint"]})
	o.Notice(executor.Notice{Kind: executor.Skipped, Step: steps["late"], Cause: steps["db"], Err: errors.New("no s3cret")})
	o.Notice(executor.Notice{Kind: executor.Skipped, Step: steps["turn"]})
	o.Notice(executor.Notice{Kind: executor.Failed, Step: steps["slow"], Verb: planner.Run, Code: 124, Err: errors.New("it took too long"), Elapsed: 1})
	o.Notice(executor.Notice{Kind: executor.Warned, Text: "something"})
	o.Notice(executor.Notice{Kind: executor.Interrupted, Text: "interrupt"})
	if err := errors.Join(r.End(executor.Result{Code: 3, Elapsed: 100 * time.Millisecond}), r.Close()); err != nil {
		t.Fatal(err)
	}
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return read(files.Events), read(files.Trace), read(files.JUnit)
}

var update = flag.Bool("update", false, "rewrite the files of testdata")

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", name, diff)
	}
}

// TestRetriedCommands checks that a late success differs from an immediate success and from a failure.
func TestRetriedCommands(t *testing.T) {
	dir := t.TempDir()
	files := record.Files{Events: filepath.Join(dir, "e"), JUnit: filepath.Join(dir, "j")}
	r, err := record.Start(t.Context(), t.Context(), files, func(s string) string { return s }, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	p, steps := samplePlan()
	r.Begin(p)
	o := r.Observe(noopObserver{})
	o.Notice(executor.Notice{Kind: executor.Done, Step: steps["lint"], Verb: planner.Run, Elapsed: 1, FailedAttempts: []string{"exit code 1", "exit code 2"}})
	o.Notice(executor.Notice{Kind: executor.Failed, Step: steps["long"], Verb: planner.Run, Code: 3, Elapsed: 1, FailedAttempts: []string{"exit code 4"}})
	o.Notice(executor.Notice{Kind: executor.Done, Step: steps["test"], Verb: planner.Run, Elapsed: 1})
	if err := errors.Join(r.End(executor.Result{Code: 3}), r.Close()); err != nil {
		t.Fatal(err)
	}
	junit, _ := os.ReadFile(files.JUnit)
	for _, want := range []string{
		`failures="1" errors="0"`,
		`name="lint" time="0.000">
    <flakyFailure message="exit code 1" type="attempt"></flakyFailure>
    <flakyFailure message="exit code 2" type="attempt"></flakyFailure>
  </testcase>`,
		`<failure message="exit code 3"></failure>
    <rerunFailure message="exit code 4" type="attempt"></rerunFailure>`,
		`name="test" time="0.000"></testcase>`,
	} {
		if !strings.Contains(string(junit), want) {
			t.Errorf("the results lack\n%s\nthey are\n%s", want, junit)
		}
	}
	if events, _ := os.ReadFile(files.Events); !strings.Contains(string(events), `"retried":["exit code 1","exit code 2"]`) {
		t.Errorf("the events are\n%s", events)
	}
}

func TestFiles(t *testing.T) {
	events, trace, junit := recordSampleRun(t)
	compareGolden(t, "events.ndjson", events)
	compareGolden(t, "trace.json", trace)
	compareGolden(t, "junit.xml", junit)
	var spans []map[string]any
	if err := json.Unmarshal([]byte(trace), &spans); err != nil {
		t.Error(err)
	}
	for text := range strings.Lines(events) {
		if !json.Valid([]byte(text)) {
			t.Errorf("no JSON: %s", text)
		}
	}
}

func TestUnwritableFile(t *testing.T) {
	for flag, files := range map[string]record.Files{
		"--events": {Events: t.TempDir()}, "--trace": {Trace: t.TempDir()}, "--junit": {JUnit: t.TempDir()},
	} {
		if _, err := record.Start(t.Context(), t.Context(), files, nil, time.Now); err == nil || !strings.HasPrefix(err.Error(), flag+": ") {
			t.Errorf("%s: error %v", flag, err)
		}
	}
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("SKIPPED, NOT TESTED: the system has no /dev/full")
	}
	r, err := record.Start(t.Context(), t.Context(), record.Files{Events: "/dev/full"}, func(s string) string { return s }, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := samplePlan()
	r.Begin(p)
	if err := r.End(executor.Result{}); err == nil {
		t.Error("a failed write gave no error")
	}
}

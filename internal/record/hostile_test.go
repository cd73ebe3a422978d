package record_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/internal/record"
	"tasks/planner"
)

// TestHostileTextKeepsTheFormats: control characters and bytes outside of UTF-8 leave the recordings valid.
func TestHostileTextKeepsTheFormats(t *testing.T) {
	const hostile = "x\x1b[2J\x00\x7f\u009b\u202e\ufffe\xff\r\n]]>FORGED"
	dir := t.TempDir()
	files := record.Files{Events: filepath.Join(dir, "e"), Trace: filepath.Join(dir, "t"), JUnit: filepath.Join(dir, "j")}
	r, err := record.Start(t.Context(), t.Context(), files, func(s string) string { return s }, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	step := &planner.Step{
		ID: "task/" + hostile, Verb: planner.Run, Action: &planner.RunHost{Task: &hclspec.Task{Name: hostile}},
		Reason: planner.Reasons{{Code: planner.ReasonNeededBy, Args: []string{hostile}}},
	}
	r.Begin(&planner.Plan{Project: hostile, Steps: []*planner.Step{step}})
	o := r.Observe(noopObserver{})
	for _, kind := range []executor.NoticeKind{executor.Started, executor.Progressed, executor.Warned, executor.Failed} {
		o.Notice(executor.Notice{Kind: kind, Step: step, Verb: planner.Run, Text: hostile, Err: errors.New(hostile)})
	}
	if err := errors.Join(r.End(executor.Result{Code: 1}), r.Close()); err != nil {
		t.Fatal(err)
	}
	events, trace, junit := readText(t, files.Events), readText(t, files.Trace), readText(t, files.JUnit)
	for line := range strings.Lines(events) {
		if !json.Valid([]byte(line)) {
			t.Errorf("events: %q", line)
		}
	}
	if !json.Valid([]byte(trace)) {
		t.Errorf("trace: %q", trace)
	}
	decoder := xml.NewDecoder(strings.NewReader(junit))
	for err = nil; err == nil; {
		_, err = decoder.Token()
	}
	if !errors.Is(err, io.EOF) || !strings.Contains(junit, "FORGED") {
		t.Errorf("junit: %v in %q", err, junit)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

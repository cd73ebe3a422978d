package record_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tasks/internal/record"
	"tasks/internal/testing/schema"
)

// The events of a watch come between its runs, with masked texts. Other recordings have no such events.
func TestWatchEvents(t *testing.T) {
	dir := t.TempDir()
	files := record.Files{Events: filepath.Join(dir, "e"), Trace: filepath.Join(dir, "t")}
	mask := func(text string) string { return strings.ReplaceAll(text, "s3cret", "***") }
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r, err := record.Start(t.Context(), t.Context(), files, mask, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	code := 3
	for _, e := range []record.WatchEvent{
		{Kind: record.WatchWaiting, ExitCode: &code},
		{Kind: record.WatchChanged, Files: []string{"a", "s3cret"}, Tasks: []string{"lint"}},
		{Kind: record.WatchError, Err: errors.New("no s3cret")},
		{Kind: record.WatchExplained, Files: []string{"a"}, Text: "counts: s3cret"},
	} {
		r.Watch(e)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(files.Events)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"event":"watch_waiting","time":"2026-01-02T03:04:05Z","exit_code":3}
{"event":"watch_changed","time":"2026-01-02T03:04:05Z","files":["a","***"],"tasks":["lint"]}
{"event":"watch_error","time":"2026-01-02T03:04:05Z","error":"no ***"}
{"event":"watch_explained","time":"2026-01-02T03:04:05Z","text":"counts: ***","files":["a"]}
`
	if string(text) != want {
		t.Errorf("events\n%s\nwant\n%s", text, want)
	}
	for line := range strings.Lines(string(text)) {
		schema.Validate(t, "event", line)
	}
	if trace, err := os.ReadFile(files.Trace); err != nil || len(trace) > 0 {
		t.Errorf("trace %q (%v)", trace, err)
	}
}

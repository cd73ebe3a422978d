//go:build unix

package record_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/internal/record"
	"tasks/planner"
)

func newPipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func noMask(text string) string { return text }

// A signal ends the wait for the reader of a pipe.
func TestPipeWithoutAReader(t *testing.T) {
	path := newPipe(t)
	for flag, files := range map[string]record.Files{"--events": {Events: path}, "--trace": {Trace: path}, "--junit": {JUnit: path}} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(20*time.Millisecond, func() { cancel(errors.New("interrupt")) })
		_, err := record.Start(ctx, t.Context(), files, noMask, time.Now)
		if err == nil || !strings.HasPrefix(err.Error(), flag+": waiting for the reader of the pipe "+path+": interrupt") {
			t.Errorf("%s: %v", flag, err)
		}
	}
}

func TestPipeWithALateReader(t *testing.T) {
	path := newPipe(t)
	read := make(chan string, 1)
	time.AfterFunc(20*time.Millisecond, func() {
		text, _ := os.ReadFile(path)
		read <- string(text)
	})
	r, err := record.Start(t.Context(), t.Context(), record.Files{Events: path}, noMask, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	r.Begin(&planner.Plan{Project: "shop"})
	if err := errors.Join(r.End(executor.Result{}), r.Close()); err != nil {
		t.Error(err)
	}
	if got := <-read; !strings.Contains(got, `"event":"run_ended"`) {
		t.Errorf("read %q", got)
	}
}

// After the second signal, no write waits for a reader that stands still.
func TestPipeWithAStuckReader(t *testing.T) {
	path := newPipe(t)
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	hurry, secondSignal := context.WithCancel(t.Context())
	r, err := record.Start(t.Context(), hurry, record.Files{Events: path}, noMask, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	r.Begin(&planner.Plan{Project: "shop"})
	time.AfterFunc(20*time.Millisecond, secondSignal)
	observer := r.Observe(noopObserver{})
	for range 100 {
		observer.Notice(executor.Notice{Kind: executor.Warned, Text: strings.Repeat("x", 4096)})
	}
	if err := r.End(executor.Result{}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the failed write is told as %v", err)
	}
	_ = r.Close()
	if text, _ := io.ReadAll(io.LimitReader(reader, 10)); len(text) == 0 {
		t.Error("nothing was written")
	}
}

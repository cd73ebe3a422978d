package view

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"tasks/hclspec"
)

func logOf(name, stdout, stderr string, err error) Log {
	return Log{Name: name, Read: func(_ context.Context, out, errs io.Writer) error {
		io.WriteString(out, stdout)
		io.WriteString(errs, stderr)
		return err
	}}
}

func TestWriteLogsInTheOrderOfTheirTimes(t *testing.T) {
	var out, errs bytes.Buffer
	err := LogWriter{Stdout: &out, Stderr: &errs}.WriteLogs(t.Context(), []Log{
		logOf(
			"db-1", "2026-01-01T00:00:01.000000000Z one\n2026-01-01T00:00:03.000000000Z three\n",
			"2026-01-01T00:00:04.000000000Z oh\n", nil,
		),
		logOf("web-1-a", "2026-01-01T00:00:02.000000000Z two\r\n2026-01-01T00:00:05.000000000Z without end", "", nil),
	})
	if err != nil {
		t.Error(err)
	}
	want := "db-1     | one\nweb-1-a  | two\r\ndb-1     | three\nweb-1-a  | without end\n"
	if out.String() != want || errs.String() != "db-1     | oh\n" {
		t.Errorf("stdout\n%swant\n%sstderr\n%s", out.String(), want, errs.String())
	}
}

func TestLogErrors(t *testing.T) {
	failure := errors.New("the engine has gone")
	for name, write := range map[string]func(LogWriter, context.Context, []Log) error{
		"once": LogWriter.WriteLogs, "followed": followAll,
	} {
		var out bytes.Buffer
		w := LogWriter{Stdout: &out, Stderr: &out}
		err := write(w, t.Context(), []Log{logOf("a", "1 x\n", "", nil), logOf("b", "2 y\n", "", failure)})
		if !errors.Is(err, failure) || strings.Count(out.String(), "\n") != 2 {
			t.Errorf("%s: error %v, output %q", name, err, out.String())
		}
	}
}

// followAll follows a fixed list of logs.
func followAll(w LogWriter, ctx context.Context, logs []Log) error {
	return w.FollowLogs(ctx, logs, func(_ context.Context, add func(Log)) error {
		for _, log := range logs {
			add(log)
		}
		return nil
	})
}

// TestFollowedLogsEndTogether: a lost reader ends the logs that have nothing to write, and the look for more logs.
func TestFollowedLogsEndTogether(t *testing.T) {
	closed, writer := io.Pipe()
	closed.Close()
	silent := Log{Name: "silent", Read: func(ctx context.Context, _, _ io.Writer) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}}
	err := LogWriter{Stdout: writer, Stderr: writer}.FollowLogs(t.Context(), nil, func(ctx context.Context, add func(Log)) error {
		add(silent)
		add(logOf("a", "1 x\n", "", nil))
		<-ctx.Done()
		return nil
	})
	if !errors.Is(err, io.ErrClosedPipe) || errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestLogTimestamps(t *testing.T) {
	var out bytes.Buffer
	err := LogWriter{Stdout: &out, Stderr: &out, Timestamps: true}.WriteLogs(t.Context(), []Log{logOf("a", "2026-01 x\n", "", nil)})
	if want := "a  | 2026-01 x\n"; out.String() != want || err != nil {
		t.Errorf("%q, %v; want %q", out.String(), err, want)
	}
}

func TestLogsStopWithContext(t *testing.T) {
	closed, writer := io.Pipe()
	closed.Close()
	ended := make(chan struct{})
	endless := Log{Name: "a", Read: func(_ context.Context, out, _ io.Writer) error {
		defer close(ended)
		for {
			if _, err := io.WriteString(out, "1 x\n"); err != nil {
				return err
			}
		}
	}}
	if err := (LogWriter{Stdout: writer, Stderr: writer}).WriteLogs(t.Context(), []Log{endless}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
	<-ended // or the test never ends: a reader that nobody hears is told
}

// TestLogsAreMasked: the texts of the lines are masked, the times are not.
func TestLogsAreMasked(t *testing.T) {
	log := logOf("a", "2026-01 the s3cret\n2026-02 s3c\n", "2026-03 2026 s3cret s3cre", nil)
	log.Secrets = hclspec.Secrets{"s3cret", "2026"}
	var out bytes.Buffer
	if err := (LogWriter{Stdout: &out, Stderr: &out}).WriteLogs(t.Context(), []Log{log}); err != nil {
		t.Error(err)
	}
	if want := "a  | the ***\na  | s3c\na  | *** *** s3cre\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// TestLogsSplitLongLines: the start of an endless line appears early, in the order of time.
func TestLogsSplitLongLines(t *testing.T) {
	endless := Log{Name: "a", Read: func(_ context.Context, out, _ io.Writer) error {
		_, _ = io.WriteString(out, "1 ")
		for range 3 * maxOpenLine / 1024 {
			_, _ = io.WriteString(out, strings.Repeat("x", 1024))
		}
		_, err := io.WriteString(out, "\n3 z\n")
		return err
	}}
	var out bytes.Buffer
	if err := (LogWriter{Stdout: &out, Stderr: &out}).WriteLogs(t.Context(), []Log{endless, logOf("b", "2 y\n", "", nil)}); err != nil {
		t.Error(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 6 || lines[3] != "b  | y" || lines[4] != "a  | z" {
		t.Fatalf("%d lines: %.40q", len(lines), lines)
	}
	for _, line := range lines[:3] {
		if len(line) > maxOpenLine+1024+len("a  | ") {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if n := strings.Count(out.String(), "x"); n != 3*maxOpenLine {
		t.Errorf("%d characters are shown of %d", n, 3*maxOpenLine)
	}
}

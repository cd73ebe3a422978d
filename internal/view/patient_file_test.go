package view

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/hclspec"
)

// fullPipe returns a pipe without room, and its unread content.
func fullPipe(t *testing.T) (r, w *os.File, content int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	_ = w.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	for {
		n, err := w.Write(make([]byte, 4096))
		content += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
	}
	_ = w.SetWriteDeadline(time.Time{})
	return r, w, content
}

// blocking returns a pipe as the process gets one from its parent: without deadlines.
func blocking(t *testing.T, w *os.File) *os.File {
	t.Helper()
	w.Fd() // makes the file blocking
	return w
}

func TestBlockedWritesEndAfterTheSecondSignal(t *testing.T) {
	_, w, _ := fullPipe(t)
	p := NewPrinter(os.Stdin, blocking(t, w), os.Stderr)
	hurry, secondSignal := context.WithCancel(t.Context())
	HurryAfter(hurry, p)
	output := p.NewOutput(&hclspec.Spec{Targets: []string{"a"}, Tasks: map[string]*hclspec.Task{"a": {Name: "a"}}}, OutputOptions{})
	streams := output.StreamsOf(&hclspec.Task{Name: "a", OutputStyle: hclspec.StylePrefix})
	ended := make(chan error, 2)
	write := func() {
		_, err := io.WriteString(streams.Out, "more\n")
		ended <- err
	}
	go write()
	for start := time.Now(); len(stuckReaders(p)) == 0; time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the write is not taken for blocked")
		}
	}
	if text := output.noticeText(executor.Notice{Kind: executor.Interrupted, Text: "interrupt", Requests: 1, Waiting: []string{"task a"}}); text != "Interrupted: stopping, then cleaning up… waiting for the reader of stdout, task a (Ctrl-C again to kill)" {
		t.Error(text)
	}
	secondSignal()
	began := time.Now()
	go write() // waits for its turn behind the first
	for range 2 {
		if err := <-ended; !errors.Is(err, command.ErrOutputAbandoned) {
			t.Errorf("a write ended with %v", err)
		}
	}
	streams.Close()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %s", took)
	}
	if err := p.PrintText("late"); !errors.Is(err, command.ErrOutputAbandoned) || p.OutputError() != nil {
		t.Errorf("a late write: %v, recorded %v", err, p.OutputError())
	}
}

// A reader that reads gets everything, also after the second signal.
func TestHurryLosesNothingOfAReader(t *testing.T) {
	r, w, content := fullPipe(t)
	p := NewPrinter(os.Stdin, blocking(t, w), os.Stderr)
	hurry, secondSignal := context.WithCancel(t.Context())
	HurryAfter(hurry, p)
	secondSignal()
	go func() {
		_ = p.PrintText("the end")
		_ = w.Close()
	}()
	_ = r.SetReadDeadline(time.Now().Add(10 * time.Second))
	got := make([]byte, content+len("the end"))
	if _, err := io.ReadFull(r, got); err != nil || string(got[content:]) != "the end" {
		t.Errorf("%q, %v", got[content:], err)
	}
}

func TestInterruptTexts(t *testing.T) {
	for want, n := range map[string]executor.Notice{
		"": {Text: "interrupt", Requests: 1}, // nothing has to end
		"Terminated: stopping, then cleaning up… waiting for task a (Ctrl-C again to kill)":                      {Text: "terminated", Requests: 1, Waiting: []string{"task a"}},
		"Hung up: killing, then ending within 5 s… waiting for a, b, c and 2 more (Ctrl-C again to end at once)": {Text: "hangup", Requests: 2, Waiting: strings.Split("a b c d e", " ")},
		"Quit: cleaning up… waiting for container x (Ctrl-C again to end within 5 s)":                            {Text: "quit", Requests: 1, Waiting: []string{"container x"}, IsCleanup: true},
		"Interrupted: killing, then ending within 5 s… waiting for container x (Ctrl-C again to end at once)":    {Text: "interrupt", Requests: 2, Waiting: []string{"container x"}, IsCleanup: true},
	} {
		n.Kind = executor.Interrupted
		p := NewNoticePrinter(io.Discard, NoticeOptions{}, nil)
		if got := p.noticeText(n); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestForcedEndNamesTheCommands(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	PrintForcedEnd(NewPrinter(os.Stdin, os.Stdout, w), []string{"docker rm --force --volumes app-web-run-1"})
	_ = w.Close()
	text, _ := io.ReadAll(r)
	const want = "warning: ended before the cleanup was done; the next command of the project removes what is left\n" +
		"warning: could not be removed; to finish: docker rm --force --volumes app-web-run-1\n"
	if string(text) != want {
		t.Errorf("%q", text)
	}
}

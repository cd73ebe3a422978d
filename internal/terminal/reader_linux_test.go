package terminal_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tasks/internal/terminal"
)

func newReader(t *testing.T, in *os.File) *terminal.Reader {
	t.Helper()
	r, err := terminal.New(in, os.Stdout).Reader()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

type result struct {
	text string
	err  error
}

// readOnce reads in the background.
func readOnce(r io.Reader) <-chan result {
	done := make(chan result, 1)
	go func() {
		buf := make([]byte, 100)
		n, err := r.Read(buf)
		done <- result{string(buf[:n]), err}
	}()
	return done
}

// waitBlocked waits until a Read waits for input, as far as a test can observe.
func waitBlocked(t *testing.T, read <-chan result) {
	t.Helper()
	for range 100 {
		runtime.Gosched()
	}
	select {
	case got := <-read:
		t.Fatalf("the read has not waited: %q, %v", got.text, got.err)
	case <-time.After(20 * time.Millisecond):
	}
}

func TestReadTerminalAndPipe(t *testing.T) {
	keyboard, tty := openPty(t)
	pipe, w := openPipe(t)
	for name, test := range map[string]struct{ in, typed *os.File }{"terminal": {tty, keyboard}, "pipe": {pipe, w}} {
		t.Run(name, func(t *testing.T) {
			read := readOnce(newReader(t, test.in))
			waitBlocked(t, read)
			if _, err := test.typed.WriteString("hello\n"); err != nil {
				t.Fatal(err)
			}
			if got, _ := receive(t, read); got.text != "hello\n" || got.err != nil {
				t.Errorf("read %q, %v", got.text, got.err)
			}
		})
	}
}

// The next reader gets all input after Cancel.
func TestCancelKeepsInput(t *testing.T) {
	keyboard, tty := openPty(t)
	for range 10 {
		first := newReader(t, tty)
		read := readOnce(first)
		waitBlocked(t, read)
		first.Cancel()
		first.Cancel()
		if got, _ := receive(t, read); !errors.Is(got.err, terminal.ErrCanceled) || got.text != "" {
			t.Fatalf("after Cancel: %q, %v", got.text, got.err)
		}
		if _, err := keyboard.WriteString("next\n"); err != nil {
			t.Fatal(err)
		}
		if got, _ := receive(t, readOnce(first)); !errors.Is(got.err, terminal.ErrCanceled) {
			t.Fatalf("a cancelled reader read %q, %v", got.text, got.err)
		}
		if got, _ := receive(t, readOnce(newReader(t, tty))); got.text != "next\n" {
			t.Fatalf("the next reader read %q, %v", got.text, got.err)
		}
	}
}

func TestCloseEndsRead(t *testing.T) {
	_, tty := openPty(t)
	r := newReader(t, tty)
	read := readOnce(r)
	waitBlocked(t, read)
	for range 2 {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if got, _ := receive(t, read); !errors.Is(got.err, terminal.ErrCanceled) {
		t.Errorf("read %q, %v", got.text, got.err)
	}
	if got, _ := receive(t, readOnce(r)); !errors.Is(got.err, terminal.ErrCanceled) {
		t.Errorf("a closed reader read %q, %v", got.text, got.err)
	}
	if _, err := tty.Stat(); err != nil {
		t.Errorf("the input was closed: %v", err)
	}
}

func TestEndOfInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 250)), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(newReader(t, f))
	if err != nil || len(content) != 250 {
		t.Errorf("%d bytes of a file, %v", len(content), err)
	}

	r, w := openPipe(t)
	read := readOnce(newReader(t, r))
	waitBlocked(t, read)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, _ := receive(t, read); got.err != io.EOF {
		t.Errorf("the end of a pipe: %q, %v", got.text, got.err)
	}
}

func TestReadEndsOnHangup(t *testing.T) {
	keyboard, tty := openPty(t)
	read := readOnce(newReader(t, tty))
	waitBlocked(t, read)
	if err := keyboard.Close(); err != nil {
		t.Fatal(err)
	}
	if got, _ := receive(t, read); got.err == nil || got.text != "" {
		t.Errorf("a lost terminal: %q, %v", got.text, got.err)
	}
}

func TestReadersLeaveNoFilesOpen(t *testing.T) {
	_, tty := openPty(t)
	before := openFiles(t)
	for range 50 {
		if err := newReader(t, tty).Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after := openFiles(t); after > before+5 {
		t.Errorf("%d open files, before %d", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

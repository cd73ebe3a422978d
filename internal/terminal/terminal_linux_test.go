package terminal_test

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"tasks/internal/terminal"
)

// openPty returns both sides of a terminal.
func openPty(t *testing.T) (keyboard, tty *os.File) {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = tty.Close()
		_ = keyboard.Close()
	})
	return keyboard, tty
}

func openPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.Close()
		_ = w.Close()
	})
	return r, w
}

func TestIsTerminal(t *testing.T) {
	_, tty := openPty(t)
	r, w := openPipe(t)
	for _, test := range []struct {
		name            string
		in, out         *os.File
		both, input, ou bool
	}{
		{"terminal", tty, tty, true, true, true},
		{"piped input", r, tty, false, false, true},
		{"piped output", tty, w, false, true, false},
		{"pipes", r, w, false, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			term := terminal.New(test.in, test.out)
			if term.IsTerminal() != test.both || term.IsInput() != test.input || term.IsOutput() != test.ou {
				t.Errorf("both %v, input %v, output %v", term.IsTerminal(), term.IsInput(), term.IsOutput())
			}
		})
	}
}

func TestSize(t *testing.T) {
	_, tty := openPty(t)
	r, w := openPipe(t)
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 17, Cols: 99}); err != nil {
		t.Fatal(err)
	}
	for name, term := range map[string]*terminal.Terminal{
		"both":   terminal.New(tty, tty),
		"output": terminal.New(r, tty),
		"input":  terminal.New(tty, w),
	} {
		rows, columns, err := term.Size()
		if err != nil || rows != 17 || columns != 99 {
			t.Errorf("%s: %d rows, %d columns, %v", name, rows, columns, err)
		}
	}
	_, _, err := terminal.New(r, w).Size()
	if err == nil || !strings.Contains(err.Error(), "has no size") {
		t.Errorf("the size of pipes: %v", err)
	}
}

func TestMakeRaw(t *testing.T) {
	_, tty := openPty(t)
	before := terminalMode(t, tty)
	restore, err := terminal.New(tty, tty).MakeRaw()
	if err != nil {
		t.Fatal(err)
	}
	if terminalMode(t, tty) == before {
		t.Error("the mode has not changed")
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if terminalMode(t, tty) != before {
		t.Error("the mode has not come back")
	}

	// A second restore does nothing, because another program may have set the mode since.
	if _, err := term.MakeRaw(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if terminalMode(t, tty) == before {
		t.Error("the second restore changed the mode")
	}
}

func terminalMode(t *testing.T, f *os.File) term.State {
	t.Helper()
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return *state
}

func TestMakeRawWithoutTerminal(t *testing.T) {
	r, w := openPipe(t)
	if _, err := terminal.New(r, w).MakeRaw(); err == nil || !strings.Contains(err.Error(), "cannot make |0 raw") {
		t.Errorf("error %v", err)
	}
}

func TestRestoreOfLostTerminal(t *testing.T) {
	keyboard, tty := openPty(t)
	restore, err := terminal.New(tty, tty).MakeRaw()
	if err != nil {
		t.Fatal(err)
	}
	if err := keyboard.Close(); err != nil {
		t.Fatal(err)
	}
	first := restore()
	if first == nil || !strings.Contains(first.Error(), "stty sane") {
		t.Errorf("error %v", first)
	}
	if second := restore(); second == nil || second.Error() != first.Error() {
		t.Errorf("the second time: %v", second)
	}
}

func TestResizes(t *testing.T) {
	_, tty := openPty(t)
	ctx, cancel := context.WithCancel(t.Context())
	resizes := terminal.New(tty, tty).Resizes(ctx)
	for range 3 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
			t.Fatal(err)
		}
		if _, open := receive(t, resizes); !open {
			t.Fatal("the channel is closed")
		}
	}
	cancel()
	for open := true; open; {
		_, open = receive(t, resizes)
	}
}

// Without a receiver, changes count once, and the channel is still closed.
func TestResizesWithoutReceiver(t *testing.T) {
	_, tty := openPty(t)
	ctx, cancel := context.WithCancel(t.Context())
	resizes := terminal.New(tty, tty).Resizes(ctx)
	for range 100 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
			t.Fatal(err)
		}
	}
	if _, open := receive(t, resizes); !open {
		t.Fatal("the channel is closed")
	}
	cancel()
	for open := true; open; {
		_, open = receive(t, resizes)
	}
}

func receive[T any](t *testing.T, c <-chan T) (value T, open bool) {
	t.Helper()
	select {
	case value, open = <-c:
		return value, open
	case <-time.After(10 * time.Second):
		t.Fatal("nothing within 10 s")
		return value, false
	}
}

package terminal_test

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"tasks/internal/terminal"
)

// TestLineEditor: editing keys, history, completion, Ctrl-C and Ctrl-D. Keys are typed before the line is read.
func TestLineEditor(t *testing.T) {
	keyboard, tty := openPty(t)
	names := []string{"upper(", "var.one", "var.other"}
	editor := terminal.NewLineEditor(terminal.New(tty, tty), func(word string) []string {
		var found []string
		for _, name := range names {
			if strings.HasPrefix(name, word) {
				found = append(found, name)
			}
		}
		return found
	})
	go func() { _, _ = io.Copy(io.Discard, keyboard) }()
	for _, test := range []struct {
		keys, want string
		err        error
	}{
		{"ab\x1b[Dx\r", "axb", nil},
		{"first\r", "first", nil},
		{"\x1b[A\x1b[A\r", "axb", nil},
		{"up\tvar.on\t)\r", "upper(var.one)", nil},
		{"v\t\r", "var.o", nil},
		{"lost\x03", "", terminal.ErrLineDropped},
		{"kept\r", "kept", nil},
		{"\x04", "", io.EOF},
	} {
		typed := make(chan error, 1)
		started := make(chan struct{})
		go func() {
			<-started
			_, err := keyboard.WriteString(test.keys)
			typed <- err
		}()
		type answer struct {
			line string
			err  error
		}
		answers := make(chan answer, 1)
		go func() {
			line, err := editor.ReadLine("> ")
			answers <- answer{line, err}
		}()
		waitRaw(t, tty)
		close(started)
		got := <-answers
		if err := <-typed; err != nil {
			t.Fatal(err)
		}
		if got.line != test.want || !errors.Is(got.err, test.err) {
			t.Errorf("%q: %q, %v; want %q, %v", test.keys, got.line, got.err, test.want, test.err)
		}
	}
}

// waitRaw waits until the terminal is raw: keys before that would be echoed and edited by the kernel.
func waitRaw(t *testing.T, tty *os.File) {
	t.Helper()
	for {
		mode, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if mode.Lflag&unix.ICANON == 0 {
			return
		}
		runtime.Gosched()
	}
}

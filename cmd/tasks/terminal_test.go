package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/toolbox"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// seat is a process at a terminal, where the test is the person who types and reads.
type seat struct {
	*process
	master *os.File
}

// atTerminal starts the program at a terminal of 33 rows and 101 columns. redirect may lead some streams elsewhere.
func (a *testApp) atTerminal(redirect func(*exec.Cmd), args ...string) *seat {
	a.t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { master.Close() })
	resize(a.t, master, 33, 101)
	p := &process{t: a.t, cmd: a.command(append([]string{"--color=never"}, args...)...), stdout: &toolbox.Buffer{}, stderr: &toolbox.Buffer{}}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	redirect(p.cmd)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if p.cmd.Stdin != io.Reader(slave) {
		p.cmd.SysProcAttr.Ctty = 2
	}
	if err := p.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	// Our own end stays open until the test ends, so that the terminal's mode can be read after the program.
	a.t.Cleanup(func() { slave.Close() })
	go io.Copy(p.stdout, master)
	return &seat{process: p, master: master}
}

func unredirected(*exec.Cmd) {}

func resize(t *testing.T, master *os.File, rows, columns uint16) {
	t.Helper()
	if err := pty.Setsize(master, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		t.Fatal(err)
	}
}

// keys types.
func (p *seat) keys(keys string) {
	p.t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

const ctrlC = "\x03"

// mode is that of the terminal, in a form that can be compared.
func (p *seat) mode() string {
	p.t.Helper()
	mode, err := unix.IoctlGetTermios(int(p.master.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("%+v", *mode)
}

// raw says whether the terminal hands every key to the program.
func (p *seat) raw() bool {
	p.t.Helper()
	mode, err := unix.IoctlGetTermios(int(p.master.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return mode.Lflag&(unix.ICANON|unix.ISIG|unix.ECHO) == 0
}

func TestContainerHasATerminalWhereBothEndsAreOne(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", words+`
task "never" {
  image   = "@image"
  command = ["tty"]
  tty     = false
}
`)
	for name, test := range map[string]struct {
		redirect func(*exec.Cmd, *toolbox.Buffer)
		args     []string
		want     string
	}{
		"both ends":     {func(*exec.Cmd, *toolbox.Buffer) {}, []string{"run", "x", "tty"}, "/dev/pts/0"},
		"stdout piped":  {func(c *exec.Cmd, to *toolbox.Buffer) { c.Stdout = to }, []string{"run", "x", "tty"}, "not a tty"},
		"stderr piped":  {func(c *exec.Cmd, to *toolbox.Buffer) { c.Stderr = to }, []string{"run", "x", "tty"}, "/dev/pts/0"},
		"stdin is none": {func(c *exec.Cmd, _ *toolbox.Buffer) { c.Stdin = nil }, []string{"run", "x", "tty"}, "not a tty"},
		"tty = false":   {func(*exec.Cmd, *toolbox.Buffer) {}, []string{"run", "never"}, "not a tty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			piped := &toolbox.Buffer{}
			p := a.atTerminal(func(c *exec.Cmd) { test.redirect(c, piped) }, test.args...)
			p.wait()
			said := func() string { return p.stdout.String() + piped.String() }
			eventually(t, test.want, func() bool { return strings.Contains(said(), test.want) }, said)
		})
	}
}

func TestTerminalSizeReachesTheContainer(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", words)
	p := a.atTerminal(unredirected, "run", "x", "sh", "-c", `until [ "$(stty size)" = "44 122" ]; do stty size; sleep 0.1; done; echo seen`)
	p.saw("33 101\r\n")
	resize(t, p.master, 44, 122)
	p.saw("seen\r\n")
	if r := p.wait(); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
}

// With a terminal, Ctrl-C is a key of the command's and nothing more: a second one does not kill.
func TestCtrlCIsTheCommandsKey(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", words)
	p := a.atTerminal(unredirected, "run", "x", "signals")
	before := p.mode()
	p.saw("ready\r\n")
	eventually(t, "the raw mode", p.raw)
	p.keys(ctrlC)
	p.saw("SIGINT 1\r\n")
	p.keys(ctrlC)
	r := p.wait()
	if r.code != 0 || !strings.Contains(r.stdout, "SIGINT 2\r\n") || strings.Contains(r.stdout, "once more") {
		t.Errorf("code %d; want 0\n%s", r.code, r.stdout)
	}
	if after := p.mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
}

func TestTypedLinesReachTheCommand(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", words)
	p := a.atTerminal(unredirected, "run", "x", "sh", "-c", "echo ready; cat; echo end")
	p.saw("ready\r\n")
	p.keys("typed\r")
	p.saw("typed\r\ntyped\r\n") // the container's terminal echoes, ours does not
	p.keys("\x04")
	if r := p.wait(); r.code != 0 || !strings.Contains(r.stdout, "end\r\n") {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
}

func TestTerminalModeIsRestoredAfterASignal(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", words)
	for name, test := range map[string]struct {
		command []string
		signals int
		code    int
	}{"ends": {[]string{"signals"}, 1, 143}, "is killed": {[]string{"ignore", "TERM"}, 2, 137}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.atTerminal(unredirected, append([]string{"run", "x"}, test.command...)...)
			before := p.mode()
			p.saw("ready\r\n")
			eventually(t, "the raw mode", p.raw)
			for range test.signals {
				p.signal(syscall.SIGTERM)
				p.saw("once more to kill")
			}
			if r := p.wait(); r.code != test.code {
				t.Errorf("code %d; want %d\n%s", r.code, test.code, r.stdout)
			}
			if after := p.mode(); after != before {
				t.Errorf("the terminal's mode was %s, is %s", before, after)
			}
		})
	}
}

// Before the command has started the terminal is still tasks' own.
func TestCtrlCBeforeTheCommandStarts(t *testing.T) {
	t.Parallel()
	a := newApp(t, slowStart, slowStartTasks)
	p := a.atTerminal(unredirected, "run", "x")
	before := p.mode()
	p.saw("service slow  started")
	p.keys(ctrlC)
	if r := p.wait(); r.code != 130 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
	if after := p.mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
	a.nothingLeft()
}

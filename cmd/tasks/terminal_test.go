//go:build unix

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

// terminalProcess is a process at a terminal, where the test is the person who types and reads.
type terminalProcess struct {
	*process
	master *os.File
}

// hasTerminalOutput starts the program at a terminal of 33 rows and 101 columns. redirect may lead some streams elsewhere.
func (a *testApp) atTerminal(redirect func(*exec.Cmd), args ...string) *terminalProcess {
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
	return &terminalProcess{process: p, master: master}
}

func noRedirect(*exec.Cmd) {}

func resize(t *testing.T, master *os.File, rows, columns uint16) {
	t.Helper()
	if err := pty.Setsize(master, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		t.Fatal(err)
	}
}

// typeKeys types.
func (p *terminalProcess) typeKeys(keys string) {
	p.t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

const ctrlC = "\x03"

// mode is that of the terminal, in a form that can be compared.
func (p *terminalProcess) mode() string {
	p.t.Helper()
	mode, err := unix.IoctlGetTermios(int(p.master.Fd()), getTermios)
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("%+v", *mode)
}

// isRaw says whether the terminal hands every key to the program.
func (p *terminalProcess) isRaw() bool {
	p.t.Helper()
	mode, err := unix.IoctlGetTermios(int(p.master.Fd()), getTermios)
	if err != nil {
		p.t.Fatal(err)
	}
	return mode.Lflag&(unix.ICANON|unix.ISIG|unix.ECHO) == 0
}

func TestContainerHasATerminalWhereBothEndsAreOne(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask+`
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
	a := newApp(t, "", wordsTask)
	p := a.atTerminal(noRedirect, "run", "x", "sh", "-c", `until [ "$(stty size)" = "44 122" ]; do stty size; sleep 0.1; done; echo seen`)
	p.waitOutput("33 101\r\n")
	resize(t, p.master, 44, 122)
	p.waitOutput("seen\r\n")
	if r := p.wait(); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
}

// With a terminal, Ctrl-C is a key of the command's and nothing more: a second one does not kill.
func TestCtrlCIsTheCommandsKey(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	p := a.atTerminal(noRedirect, "run", "x", "signals")
	before := p.mode()
	p.waitOutput("ready\r\n")
	eventually(t, "the raw mode", p.isRaw)
	p.typeKeys(ctrlC)
	p.waitOutput("SIGINT 1\r\n")
	p.typeKeys(ctrlC)
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
	a := newApp(t, "", wordsTask)
	p := a.atTerminal(noRedirect, "run", "x", "sh", "-c", "echo ready; cat; echo end")
	p.waitOutput("ready\r\n")
	p.typeKeys("typed\r")
	p.waitOutput("typed\r\ntyped\r\n") // the container's terminal echoes, ours does not
	p.typeKeys("\x04")
	if r := p.wait(); r.code != 0 || !strings.Contains(r.stdout, "end\r\n") {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
}

func TestTerminalModeIsRestoredAfterASignal(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	for name, test := range map[string]struct {
		command []string
		signals int
		code    int
	}{"ends": {[]string{"signals"}, 1, 143}, "is killed": {[]string{"ignore", "TERM"}, 2, 137}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.atTerminal(noRedirect, append([]string{"run", "x"}, test.command...)...)
			before := p.mode()
			p.waitOutput("ready\r\n")
			eventually(t, "the raw mode", p.isRaw)
			for range test.signals {
				p.signal(syscall.SIGTERM)
				p.waitOutput("press again to kill")
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
	a := newApp(t, slowStartCompose, slowStartTasks)
	p := a.atTerminal(noRedirect, "run", "x")
	before := p.mode()
	p.waitOutput("service slow  started")
	p.typeKeys(ctrlC)
	if r := p.wait(); r.code != 130 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
	if after := p.mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
	a.expectNothingLeft()
}

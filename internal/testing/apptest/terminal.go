//go:build unix

package apptest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"tasks/internal/toolbox"
)

// terminalProcess is a process at a terminal. The test types and reads.
type terminalProcess struct {
	*Process
	Master, slave *os.File
}

// Drained returns all output after the end of the program.
func (p *terminalProcess) Drained() string {
	p.T.Helper()
	const end = "\x00"
	if _, err := p.slave.WriteString(end); err != nil {
		p.T.Fatal(err)
	}
	p.WaitOutput(end)
	return strings.ReplaceAll(p.Stdout.String(), end, "")
}

// AtTerminal starts the program at a terminal of 33 rows and 101 columns. redirect may change the streams.
func (a *App) AtTerminal(redirect func(*exec.Cmd), args ...string) *terminalProcess {
	a.T.Helper()
	return a.AtTerminalOf(33, 101, redirect, args...)
}

// AtTerminalOf is AtTerminal for a terminal of any size.
func (a *App) AtTerminalOf(rows, columns uint16, redirect func(*exec.Cmd), args ...string) *terminalProcess {
	a.T.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		a.T.Fatal(err)
	}
	a.T.Cleanup(func() { master.Close() })
	Resize(a.T, master, rows, columns)
	p := &Process{T: a.T, Cmd: a.Command(append([]string{"--color=never"}, args...)...), Stdout: &toolbox.Buffer{}, Stderr: &toolbox.Buffer{}}
	p.Cmd.Stdin, p.Cmd.Stdout, p.Cmd.Stderr = slave, slave, slave
	redirect(p.Cmd)
	p.Cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if p.Cmd.Stdin != io.Reader(slave) {
		p.Cmd.SysProcAttr.Ctty = 2
	}
	if err := p.Cmd.Start(); err != nil {
		a.T.Fatal(err)
	}
	// Our own end stays open until the test ends, so that the terminal's mode can be read after the program.
	a.T.Cleanup(func() { slave.Close() })
	go io.Copy(p.Stdout, master)
	return &terminalProcess{Process: p, Master: master, slave: slave}
}

// NoRedirect leaves all streams at the terminal.
func NoRedirect(*exec.Cmd) {}

// Resize changes the size of a terminal.
func Resize(t *testing.T, master *os.File, rows, columns uint16) {
	t.Helper()
	if err := pty.Setsize(master, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		t.Fatal(err)
	}
}

// TypeKeys types keys.
func (p *terminalProcess) TypeKeys(keys string) {
	p.T.Helper()
	if _, err := p.Master.WriteString(keys); err != nil {
		p.T.Fatal(err)
	}
}

// CtrlC is the byte of this key.
const CtrlC = "\x03"

// Mode returns the mode of the terminal, for comparisons.
func (p *terminalProcess) Mode() string {
	p.T.Helper()
	mode, err := unix.IoctlGetTermios(int(p.Master.Fd()), getTermios)
	if err != nil {
		p.T.Fatal(err)
	}
	return fmt.Sprintf("%+v", *mode)
}

// IsRaw reports whether the terminal passes every key to the program.
func (p *terminalProcess) IsRaw() bool {
	p.T.Helper()
	mode, err := unix.IoctlGetTermios(int(p.Master.Fd()), getTermios)
	if err != nil {
		p.T.Fatal(err)
	}
	return mode.Lflag&(unix.ICANON|unix.ISIG|unix.ECHO) == 0
}

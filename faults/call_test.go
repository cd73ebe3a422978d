package faults

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"tasks/internal/toolbox"
)

// shot is what is done to a call of the program at a moment.
type shot struct {
	after time.Duration
	sig   syscall.Signal
	// group: to the whole process group; hangup: no signal, the terminal is closed.
	group, hangup bool
}

func (s shot) String() string {
	what := unix.SignalName(s.sig)
	switch {
	case s.hangup:
		what = "terminal closed"
	case s.group:
		what += " to its group"
	}
	return fmt.Sprintf("%s after %s", what, s.after.Round(time.Millisecond))
}

// patience is how long a call may take at most: longer than a cleanup may (a minute), on a busy machine.
const patience = 100 * time.Second

// ended is how a call has ended.
type ended struct {
	scenario scenario
	shots    []shot
	// code is the exit code, 128+n where signal n ended the program.
	code   int
	killed bool
	hung   bool
	output string
	// terminal says what was wrong with the terminal afterwards.
	terminal string
	took     time.Duration
}

func (e ended) String() string {
	return fmt.Sprintf("tasks %s (%v): code %d after %s\n%s", strings.Join(e.scenario.args, " "), e.shots, e.code, e.took.Round(time.Millisecond), indent(e.output))
}

func indent(text string) string {
	return "    | " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    | ")
}

// running is a call of the program under way.
type running struct {
	cmd      *exec.Cmd
	output   *toolbox.Buffer
	seat     *seat
	scenario scenario
	shots    []shot
	gone     chan struct{}
	err      error
	began    time.Time
}

// seat is the terminal of a call, as the person in front of it has it.
type seat struct {
	master, slave *os.File
	once          sync.Once
	closed        bool
	before        unix.Termios
}

func newSeat() (*seat, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	s := &seat{master: master, slave: slave}
	mode, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err == nil {
		s.before = *mode
	}
	return s, err
}

// hangUp closes the terminal, as a window that is closed does.
func (s *seat) hangUp() {
	s.once.Do(func() {
		s.closed = true
		s.master.Close()
	})
}

// spoiled says what is not as it was.
func (s *seat) spoiled() string {
	if s.closed {
		return ""
	}
	after, err := unix.IoctlGetTermios(int(s.slave.Fd()), unix.TCGETS)
	switch {
	case err != nil:
		return err.Error()
	case *after != s.before:
		return fmt.Sprintf("its mode was %+v, is %+v", s.before, *after)
	}
	return ""
}

// launch starts a call; env is added to the project's.
func (p *project) launch(s scenario, shots []shot, env ...string) *running {
	p.t.Helper()
	r := &running{output: &toolbox.Buffer{}, scenario: s, shots: shots, gone: make(chan struct{})}
	r.cmd = exec.Command(program, s.args...)
	r.cmd.Dir, r.cmd.Env = p.dir, slices.Concat(p.env, s.env, env)
	r.cmd.WaitDelay = 5 * time.Second
	r.cmd.Stdout, r.cmd.Stderr = r.output, r.output
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if s.terminal {
		seat, err := newSeat()
		if err != nil {
			p.t.Fatal(err)
		}
		r.seat = seat
		r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = seat.slave, seat.slave, seat.slave
		r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		go io.Copy(r.output, seat.master)
	}
	if err := r.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	r.began = time.Now()
	go func() {
		r.err = r.cmd.Wait()
		close(r.gone)
	}()
	go r.shoot()
	return r
}

// shoot does to the call what it is to get. An endless one sees a file change, and is ended by Ctrl-C, after a while.
func (r *running) shoot() {
	if r.scenario.endless {
		change := time.AfterFunc(time.Second, func() { _ = os.WriteFile(filepath.Join(r.cmd.Dir, "changed.txt"), nil, 0o644) })
		defer change.Stop()
	}
	for _, s := range r.shots {
		if !r.lives(time.Until(r.began.Add(s.after))) {
			return
		}
		r.hit(s)
	}
	for r.scenario.endless && r.lives(3*time.Second) {
		r.hit(shot{sig: syscall.SIGINT})
	}
}

// lives waits, and says whether the call is still under way then.
func (r *running) lives(wait time.Duration) bool {
	select {
	case <-r.gone:
		return false
	case <-time.After(wait):
		return true
	}
}

func (r *running) hit(s shot) {
	switch {
	case s.hangup && r.seat != nil:
		r.seat.hangUp()
	case s.group:
		_ = syscall.Kill(-r.cmd.Process.Pid, s.sig)
	default:
		_ = r.cmd.Process.Signal(s.sig)
	}
}

// wait waits for the end. A call that takes too long has to tell where it is.
func (r *running) wait() ended {
	hung := !r.endsWithin(patience)
	if hung {
		_ = r.cmd.Process.Signal(syscall.SIGABRT) // prints all goroutines
		if !r.endsWithin(10 * time.Second) {
			_ = r.cmd.Process.Kill()
			<-r.gone
		}
	}
	e := ended{scenario: r.scenario, shots: r.shots, hung: hung, took: time.Since(r.began)}
	status := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	e.code = status.ExitStatus()
	if status.Signaled() {
		e.code, e.killed = 128+int(status.Signal()), status.Signal() == syscall.SIGKILL
	}
	if r.seat != nil {
		if !e.killed {
			e.terminal = r.seat.spoiled()
		}
		r.seat.slave.Close()
		r.seat.hangUp()
	}
	e.output = r.output.String()
	return e
}

func (r *running) endsWithin(d time.Duration) bool {
	select {
	case <-r.gone:
		return true
	case <-time.After(d):
		return false
	}
}

// marked are the processes that have a text in their environment: host commands inherit that of the call.
func marked(text string) map[int]string {
	found := map[int]string{}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, _ := strconv.Atoi(e.Name())
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if pid > 0 && err == nil && bytes.Contains(env, []byte(text)) {
			line, _ := os.ReadFile("/proc/" + e.Name() + "/cmdline")
			found[pid] = string(bytes.ReplaceAll(line, []byte{0}, []byte(" ")))
		}
	}
	return found
}

//go:build linux

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

// plannedSignal is a signal to a call of the program at a given time.
type plannedSignal struct {
	after  time.Duration
	signal syscall.Signal
	// toGroup sends the signal to the whole process group. hangup closes the terminal instead of sending a signal.
	toGroup, isHangup bool
}

// kind names the signal, without the time.
func (s plannedSignal) kind() string {
	switch name := unix.SignalName(s.signal); {
	case s.isHangup:
		return "terminal closed"
	case s.toGroup:
		return name + " to its group"
	default:
		return name
	}
}

func (s plannedSignal) String() string {
	return fmt.Sprintf("%s after %s", s.kind(), s.after.Round(time.Millisecond))
}

// endLimit is the time from the second signal to the end of a call: five seconds, and as many for a busy machine.
const endLimit = 10 * time.Second

// callTimeout limits a call. A cleanup may take a minute, and more on a busy machine.
const callTimeout = 100 * time.Second

// callResult is the end of a call.
type callResult struct {
	scenario scenario
	shots    []plannedSignal
	// code is the exit code, or 128+n after a fatal signal n.
	code     int
	isKilled bool
	isHung   bool
	output   string
	// terminal describes what was wrong with the terminal afterwards.
	terminal string
	duration time.Duration
	// sinceSecond is the time from the second signal to stop to the end; 0: no second signal.
	sinceSecond time.Duration
}

func (e callResult) String() string {
	return fmt.Sprintf("tasks %s (%v): code %d after %s\n%s", strings.Join(e.scenario.args, " "), e.shots, e.code, e.duration.Round(time.Millisecond), indent(e.output))
}

func indent(text string) string {
	return "    | " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    | ")
}

// runningCall is a call of the program under way.
type runningCall struct {
	cmd       *exec.Cmd
	output    *toolbox.Buffer
	seat      *callTerminal
	scenario  scenario
	shots     []plannedSignal
	done      chan struct{}
	err       error
	startedAt time.Time

	mu sync.Mutex
	// stops are the times of the signals to stop. endedAt is the time of the end.
	stops   []time.Time
	endedAt time.Time
}

// callTerminal is the terminal of a call, from the user's side.
type callTerminal struct {
	master, slave *os.File
	once          sync.Once
	isClosed      bool
	initialMode   unix.Termios
}

func newSeat() (*callTerminal, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	s := &callTerminal{master: master, slave: slave}
	mode, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err == nil {
		s.initialMode = *mode
	}
	return s, err
}

// hangup closes the terminal, like closing a window.
func (s *callTerminal) hangup() {
	s.once.Do(func() {
		s.isClosed = true
		s.master.Close()
	})
}

// changedMode describes the changes of the terminal's mode.
func (s *callTerminal) changedMode() string {
	if s.isClosed {
		return ""
	}
	after, err := unix.IoctlGetTermios(int(s.slave.Fd()), unix.TCGETS)
	switch {
	case err != nil:
		return err.Error()
	case *after != s.initialMode:
		return fmt.Sprintf("its mode was %+v, is %+v", s.initialMode, *after)
	}
	return ""
}

// launch starts a call; env is added to the project's environment.
func (p *project) launch(s scenario, shots []plannedSignal, env ...string) *runningCall {
	p.t.Helper()
	return p.launchUnread(s, shots, unreadStreams{}, env...)
}

// launchUnread is launch with readers that stand still.
func (p *project) launchUnread(s scenario, shots []plannedSignal, unread unreadStreams, env ...string) *runningCall {
	p.t.Helper()
	r := &runningCall{output: &toolbox.Buffer{}, scenario: s, shots: shots, done: make(chan struct{})}
	r.cmd = exec.Command(program, s.args...)
	r.cmd.Dir, r.cmd.Env = p.dir, slices.Concat(p.env, s.env, env)
	r.cmd.WaitDelay = 5 * time.Second
	r.cmd.Stdout, r.cmd.Stderr = r.output, r.output
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if unread.stdout {
		full := newFullPipe(p.t)
		defer full.Close()
		r.cmd.Stdout = full
	}
	if unread.stderr {
		full := newFullPipe(p.t)
		defer full.Close()
		r.cmd.Stderr = full
	}
	if s.needsTerminal {
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
	r.startedAt = time.Now()
	go func() {
		r.err = r.cmd.Wait()
		r.endedAt = time.Now()
		close(r.done)
	}()
	go r.sendSignals()
	return r
}

// sendSignals sends the planned signals. An endless call first sees a file change, and is later ended by Ctrl-C.
func (r *runningCall) sendSignals() {
	if r.scenario.isEndless {
		change := time.AfterFunc(time.Second, func() { _ = os.WriteFile(filepath.Join(r.cmd.Dir, "changed.txt"), nil, 0o644) })
		defer change.Stop()
	}
	for _, s := range r.shots {
		if !r.isAliveAfter(time.Until(r.startedAt.Add(s.after))) {
			return
		}
		r.send(s)
	}
	for r.scenario.isEndless && r.isAliveAfter(3*time.Second) {
		r.send(plannedSignal{signal: syscall.SIGINT})
	}
}

// isAliveAfter waits, and reports whether the call is still under way.
func (r *runningCall) isAliveAfter(wait time.Duration) bool {
	select {
	case <-r.done:
		return false
	case <-time.After(wait):
		return true
	}
}

func (r *runningCall) send(s plannedSignal) {
	if s.signal != syscall.SIGKILL {
		r.mu.Lock()
		r.stops = append(r.stops, time.Now())
		r.mu.Unlock()
	}
	switch {
	case s.isHangup && r.seat != nil:
		r.seat.hangup()
	case s.toGroup:
		_ = syscall.Kill(-r.cmd.Process.Pid, s.signal)
	default:
		_ = r.cmd.Process.Signal(s.signal)
	}
}

// wait waits for the end. A call over the limit must print its goroutines.
func (r *runningCall) wait() callResult {
	hung := !r.hasEndedWithin(callTimeout)
	if hung {
		_ = r.cmd.Process.Signal(syscall.SIGABRT) // prints all goroutines
		if !r.hasEndedWithin(10 * time.Second) {
			_ = r.cmd.Process.Kill()
			<-r.done
		}
	}
	e := callResult{scenario: r.scenario, shots: r.shots, isHung: hung, duration: time.Since(r.startedAt), sinceSecond: r.sinceSecond()}
	status := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	e.code = status.ExitStatus()
	if status.Signaled() {
		e.code, e.isKilled = 128+int(status.Signal()), status.Signal() == syscall.SIGKILL
	}
	if r.seat != nil {
		if !e.isKilled {
			e.terminal = r.seat.changedMode()
		}
		r.seat.slave.Close()
		r.seat.hangup()
	}
	e.output = r.output.String()
	return e
}

// sinceSecond returns the time from the second signal to stop to the end. The tasks of finally outlive the signal.
func (r *runningCall) sinceSecond() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.stops) < 2 || r.scenario.name == "closing" {
		return 0
	}
	return r.endedAt.Sub(r.stops[1])
}

func (r *runningCall) hasEndedWithin(d time.Duration) bool {
	select {
	case <-r.done:
		return true
	case <-time.After(d):
		return false
	}
}

// markedProcesses returns the processes with a text in the environment: host commands inherit the call's environment.
func markedProcesses(text string) map[int]string {
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

//go:build linux

package host_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"tasks/executor/host"
)

// playTerminal is a command with the terminal. The command reports its state, changes the mode, and waits for a line.
func playTerminal([]string) int {
	group, _ := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	fmt.Printf("command: foreground=%v tty=%v,%v,%v\n", group == syscall.Getpgrp(),
		term.IsTerminal(0), term.IsTerminal(1), term.IsTerminal(2))
	fmt.Println("command: ready")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if _, rawErr := term.MakeRaw(0); rawErr != nil {
		fmt.Println("command:", rawErr)
	}
	fmt.Printf("command: read %q %v\r\n", line, err)
	return 5
}

// playRunner runs that command with the terminal, like tasks, and reports the state afterwards.
func playRunner([]string) int {
	before, _ := term.GetState(0)
	p, err := host.Start(host.Command{Args: []string{os.Args[0]}, Env: asRole("terminal"), Foreground: os.Stdin})
	if err != nil {
		fmt.Println("runner:", err)
		return 1
	}
	code, err := p.Wait()
	after, _ := term.GetState(0)
	group, _ := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	fmt.Printf("runner: code=%d err=%v foreground=%v mode=%v\n", code, err, group == syscall.Getpgrp(), *before == *after)
	return 0
}

// playUnrunnable runs an invalid program. Only exec finds the error, after the foreground is lent.
func playUnrunnable([]string) int {
	_, err := host.Start(host.Command{Args: []string{os.Getenv("GARBAGE")}, Foreground: os.Stdin})
	start, ok := errors.AsType[*host.StartError](err)
	group, _ := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	fmt.Printf("runner: code=%v foreground=%v\n", ok && start.Code == 126, group == syscall.Getpgrp())
	return 0
}

// playBackgroundRunner starts a command with the terminal from a background group.
func playBackgroundRunner([]string) int {
	runner := exec.Command(os.Args[0])
	runner.Env = asRole("runner")
	runner.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	runner.Stdin, runner.Stdout, runner.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := runner.Start(); err != nil {
		fmt.Println(err)
		return 1
	}
	var status syscall.WaitStatus
	_, err := syscall.Wait4(runner.Process.Pid, &status, syscall.WUNTRACED, nil)
	group, _ := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	fmt.Printf("shell: stopped=%v err=%v foreground=%v\n", status.Stopped(), err, group == syscall.Getpgrp())
	_ = syscall.Kill(-runner.Process.Pid, syscall.SIGKILL)
	return 0
}

// screen is the other side of a terminal, with the whole output.
type screen struct {
	t    *testing.T
	pty  *os.File
	text safeBuffer
	seen int // the position after the last match of shows
	done chan struct{}
}

// onScreen starts a program as the leader of a session on a new terminal.
func onScreen(t *testing.T, cmd *exec.Cmd) *screen {
	t.Helper()
	master, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, pty: master, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			_, _ = s.text.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = master.Close()
		<-s.done
	})
	return s
}

// shows waits until a text is on the screen, after the previous matches.
func (s *screen) shows(text string) {
	s.t.Helper()
	defer s.picture()
	waitFor(s.t, "the screen shows "+text, func() bool {
		at := strings.Index(s.text.String()[s.seen:], text)
		if at >= 0 {
			s.seen += at + len(text)
		}
		return at >= 0
	})
}

// picture logs the screen of a failed test.
func (s *screen) picture() {
	if s.t.Failed() {
		s.t.Logf("the screen:\n%s", s.text.String())
	}
}

// suspends types Ctrl-Z until the shell reports the stop. In every shell, a key during the continuation of a job is
// lost.
func (s *screen) suspends() {
	s.t.Helper()
	defer s.picture()
	var typed time.Time
	waitFor(s.t, "the report of the stop", func() bool {
		if time.Since(typed) > 300*time.Millisecond {
			s.types("\x1a")
			typed = time.Now()
		}
		at := strings.Index(s.text.String()[s.seen:], "topped") // "[1] + Stopped" in dash, "[1]+  Stopped" in bash
		if at >= 0 {
			s.seen += at
		}
		return at >= 0
	})
}

func (s *screen) types(keys string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

func inRole(role string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(asRole(role), env...)
	return cmd
}

func TestForeground(t *testing.T) {
	s := onScreen(t, inRole("runner"))
	s.shows("command: foreground=true tty=true,true,true")
	s.shows("command: ready")
	s.types("hello\n")
	s.shows(`command: read "hello\n" <nil>`)
	s.shows("runner: code=5 err=<nil> foreground=true mode=true")
}

// Ctrl-C is for the command. The runner survives.
func TestInterruptKeyIsTheCommands(t *testing.T) {
	s := onScreen(t, inRole("runner"))
	s.shows("command: ready")
	s.types("\x03")
	s.shows("runner: code=130 err=<nil> foreground=true mode=true")
}

func TestForegroundComesBackWhenExecFails(t *testing.T) {
	garbage := filepath.Join(programs(t), "bin/garbage")
	s := onScreen(t, inRole("unrunnable", "GARBAGE="+garbage))
	s.shows("runner: code=true foreground=true")
}

// Without a shell for the continuation, Ctrl-Z suspends nothing, and the command continues.
func TestSuspendKeyWithoutShell(t *testing.T) {
	s := onScreen(t, inRole("runner"))
	s.shows("command: ready")
	s.types("\x1a")
	s.types("after\n")
	s.shows(`command: read "after\n" <nil>`)
	s.shows("runner: code=5 err=<nil> foreground=true mode=true")
}

// In a shell with job control, Ctrl-Z suspends command and runner, and fg continues both.
func TestSuspendKeyInShell(t *testing.T) {
	shell := exec.Command("/bin/sh", "-i")
	shell.Env = append(os.Environ(), "PS1=prompt> ", "ENV=", "RUNNER="+os.Args[0], helperKey+"=")
	s := onScreen(t, shell)
	s.shows("prompt> ")
	s.types(helperKey + "=runner \"$RUNNER\"\n")
	s.shows("command: ready")
	for i := range 2 {
		s.suspends()
		s.types(fmt.Sprintf("echo in-shell-$((%d+1))\n", i))
		s.shows(fmt.Sprintf("\nin-shell-%d", i+1))
		s.types("fg\n")
		s.shows("fg\r\n")
		s.shows("RUNNER") // the shell has read the line: a suspending key drops unread input
	}
	s.types("at last\n")
	s.shows(`at last\n" <nil>`)
	s.shows("runner: code=5 err=<nil> foreground=true mode=true")
}

// A background runner takes no terminal: a read stops the command, and the runner too.
func TestBackgroundTakesNoTerminal(t *testing.T) {
	s := onScreen(t, inRole("background"))
	s.shows("command: foreground=false")
	s.shows("shell: stopped=true err=<nil> foreground=true")
}

// A terminal other than the controlling terminal is passed as a file.
func TestForeignTerminal(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	before, _ := term.GetState(int(slave.Fd()))
	p := start(t, host.Command{Args: []string{os.Args[0]}, Env: asRole("terminal"), Foreground: slave})
	if _, err := master.WriteString("hi\n"); err != nil {
		t.Fatal(err)
	}
	if code := waitSoon(t, p); code != 5 {
		t.Errorf("exit code %d, want 5", code)
	}
	if after, _ := term.GetState(int(slave.Fd())); *after != *before {
		t.Error("the terminal's mode was not restored")
	}
}

func TestForegroundWantsTerminal(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, err = host.Start(host.Command{Args: []string{"true"}, Env: []string{"PATH=/bin:/usr/bin"}, Foreground: file})
	if err == nil || !strings.Contains(err.Error(), "is not a terminal") {
		t.Errorf("error %v", err)
	}
}

//go:build linux

package host_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helperKey makes the test binary play a command.
const helperKey = "TASKS_HOST_HELPER"

func TestMain(m *testing.M) {
	role := os.Getenv(helperKey)
	if role == "" {
		os.Exit(m.Run()) // with the race detector, a role takes a second to exit
	}
	args := os.Args[1:]
	roles := map[string]func([]string) int{
		"exit":       playExit,
		"kill-self":  playKillSelf,
		"write":      playWrite,
		"cat":        playCat,
		"parent":     playParent,
		"stubborn":   playStubborn,
		"echo-term":  playEchoTerm,
		"terminal":   playTerminal,
		"runner":     playRunner,
		"background": playBackgroundRunner,
		"unrunnable": playUnrunnable,
	}
	os.Exit(roles[role](args))
}

// asRole is an environment for the test binary in a role.
func asRole(role string) []string {
	return append(os.Environ(), helperKey+"="+role)
}

func playExit(args []string) int {
	code, _ := strconv.Atoi(args[0])
	return code
}

func playKillSelf(args []string) int {
	number, _ := strconv.Atoi(args[0])
	_ = syscall.Kill(os.Getpid(), syscall.Signal(number))
	time.Sleep(time.Minute)
	return 0
}

// playWrite writes so many lines alternately to stdout and stderr.
func playWrite(args []string) int {
	lines, _ := strconv.Atoi(args[0])
	out := bufio.NewWriter(os.Stdout)
	for i := range lines {
		if _, err := fmt.Fprintf(out, "line %d of stdout\n", i); err != nil {
			return 1
		}
		if i%100 == 0 {
			fmt.Fprintf(os.Stderr, "line %d of stderr\n", i)
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}

func playCat([]string) int {
	n, _ := io.Copy(os.Stdout, os.Stdin)
	fmt.Fprintf(os.Stderr, "%d bytes\n", n)
	return 0
}

// playParent starts a child in the given role and waits until the child is ready. Then playParent exits with 7, or
// waits for the child.
func playParent(args []string) int {
	child := exec.Command(os.Args[0])
	child.Env = asRole(args[0])
	child.Stderr = os.Stderr
	switch args[1] {
	case "escaped":
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	case "job": // as in a shell with job control
		child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	}
	ready, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	line, _ := bufio.NewReader(ready).ReadString('\n')
	fmt.Printf("child %d %s", child.Process.Pid, line)
	switch args[1] {
	case "wait", "job":
		_ = child.Wait()
	case "stay": // only a signal ends it
		_ = child.Wait()
		time.Sleep(time.Minute)
	}
	return 7
}

// playStubborn ignores stop signals, and holds stderr open.
func playStubborn([]string) int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	fmt.Println("ready")
	time.Sleep(time.Minute)
	return 0
}

// playEchoTerm reports SIGTERM on stderr.
func playEchoTerm([]string) int {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	fmt.Println("ready")
	<-term
	fmt.Fprintln(os.Stderr, "the child got it")
	return 0
}

// alive reports whether a process exists and is no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return os.IsPermission(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatal("not within 10 s: " + what)
}

//go:build linux

package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"
)

// env prints the environment, or runs a program with additional variables: env [K=V…] [PROGRAM ARGS…].
func env(s streams, args []string) int {
	for len(args) > 0 && strings.Contains(args[0], "=") {
		key, value, _ := strings.Cut(args[0], "=")
		os.Setenv(key, value)
		args = args[1:]
	}
	if len(args) > 0 {
		return execProgram(s, args)
	}
	for _, pair := range os.Environ() {
		fmt.Fprintln(s.out, pair)
	}
	return 0
}

// execProgram replaces the process by a program.
func execProgram(s streams, args []string) int {
	path, err := exec.LookPath(args[0])
	if err != nil {
		s.failf("env: %v", err)
		return 127
	}
	s.failf("env: %v", syscall.Exec(path, args, os.Environ()))
	return 126
}

// id prints numbers and names of user and group. -u and -g print only the number, -un and -gn only the name.
func id(s streams, args []string) int {
	uid, gid := strconv.Itoa(os.Getuid()), strconv.Itoa(os.Getgid())
	switch strings.Join(args, " ") {
	case "-u":
		fmt.Fprintln(s.out, uid)
	case "-g":
		fmt.Fprintln(s.out, gid)
	case "-un", "-u -n":
		fmt.Fprintln(s.out, userName(uid))
	case "-gn", "-g -n":
		fmt.Fprintln(s.out, groupName(gid))
	case "":
		fmt.Fprintf(s.out, "uid=%s(%s) gid=%s(%s)\n", uid, userName(uid), gid, groupName(gid))
	default:
		return s.failf("id: unknown option %q", args)
	}
	return 0
}

func userName(uid string) string {
	if u, err := user.LookupId(uid); err == nil {
		return u.Username
	}
	return uid
}

func groupName(gid string) string {
	if g, err := user.LookupGroupId(gid); err == nil {
		return g.Name
	}
	return gid
}

func whoami(s streams, _ []string) int {
	fmt.Fprintln(s.out, userName(strconv.Itoa(os.Getuid())))
	return 0
}

func hostname(s streams, _ []string) int {
	name, err := os.Hostname()
	if err != nil {
		return s.failf("hostname: %v", err)
	}
	fmt.Fprintln(s.out, name)
	return 0
}

func ownerOf(info os.FileInfo) (uid, gid uint32) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return stat.Uid, stat.Gid
}

// kill sends a signal: kill [-TERM|-15|-s TERM] PID….
func kill(s streams, args []string) int {
	sig := syscall.SIGTERM
	if len(args) > 1 && args[0] == "-s" {
		args = append([]string{"-" + args[1]}, args[2:]...)
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		var err error
		if sig, err = signalByName(args[0][1:]); err != nil {
			return s.failf("kill: %v", err)
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return s.failf("kill: no process given")
	}
	for _, arg := range args {
		pid, err := strconv.Atoi(arg)
		if err := cmp.Or(err, syscall.Kill(pid, sig)); err != nil {
			return s.failf("kill: %s: %v", arg, err)
		}
	}
	return 0
}

// sleep waits: a number of seconds, a Go duration, or "infinity".
func sleep(s streams, args []string) int {
	if len(args) != 1 {
		return s.failf("sleep: one duration is wanted: sleep 0.5, sleep 1m, sleep infinity")
	}
	if args[0] == "infinity" {
		select {}
	}
	d, err := duration(args[0])
	if err != nil {
		return s.failf("sleep: %v", err)
	}
	time.Sleep(d)
	return 0
}

func duration(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return time.Duration(seconds * float64(time.Second)), nil
	}
	return time.ParseDuration(text)
}

// now prints the time as nanoseconds since 1970.
func now(s streams, _ []string) int {
	fmt.Fprintln(s.out, time.Now().UnixNano())
	return 0
}

// tty prints the terminal of stdin, or "not a tty" with exit code 1.
func tty(s streams, _ []string) int {
	if !isTerminal(s.in) {
		fmt.Fprintln(s.out, "not a tty")
		return 1
	}
	name, err := os.Readlink("/proc/self/fd/0")
	if err != nil {
		return s.failf("tty: %v", err)
	}
	fmt.Fprintln(s.out, name)
	return 0
}

// stty supports only "stty size": rows and columns of the terminal on stdin.
func stty(s streams, args []string) int {
	if len(args) != 1 || args[0] != "size" {
		return s.failf("stty: only %q is known", "stty size")
	}
	file, ok := s.in.(*os.File)
	if !ok {
		return s.failf("stty: stdin is no terminal")
	}
	columns, rows, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return s.failf("stty: stdin is no terminal: %v", err)
	}
	fmt.Fprintln(s.out, rows, columns)
	return 0
}

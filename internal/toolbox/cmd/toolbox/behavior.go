//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// signalsByName are the signals that tests use.
func signalsByName() map[string]syscall.Signal {
	return map[string]syscall.Signal{
		"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "KILL": syscall.SIGKILL,
		"TERM": syscall.SIGTERM, "USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2, "STOP": syscall.SIGSTOP,
		"CONT": syscall.SIGCONT, "WINCH": syscall.SIGWINCH,
	}
}

// signalByName parses TERM, SIGTERM and 15.
func signalByName(name string) (syscall.Signal, error) {
	if n, err := strconv.Atoi(name); err == nil {
		return syscall.Signal(n), nil
	}
	if sig, ok := signalsByName()[strings.TrimPrefix(name, "SIG")]; ok {
		return sig, nil
	}
	return 0, fmt.Errorf("unknown signal %q", name)
}

func signalName(sig os.Signal) string {
	for name, known := range signalsByName() {
		if known == sig {
			return "SIG" + name
		}
	}
	return sig.String()
}

// signals prints "ready", then every signal with a count. The second SIGINT ends the program with 0, SIGTERM with 143.
func signals(s streams, _ []string) int {
	c := make(chan os.Signal, 32)
	signal.Notify(c, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1,
		syscall.SIGUSR2, syscall.SIGWINCH)
	fmt.Fprintln(s.out, "ready")
	count := map[os.Signal]int{}
	for sig := range c {
		count[sig]++
		fmt.Fprintln(s.out, signalName(sig), count[sig])
		switch {
		case sig == syscall.SIGINT && count[sig] == 2:
			return 0
		case sig == syscall.SIGTERM:
			return 128 + number(sig)
		}
	}
	return 0
}

// ignore ignores the named signals, prints "ready", and sleeps until another signal or the kernel ends the process.
func ignore(s streams, args []string) int {
	for _, name := range args {
		sig, err := signalByName(name)
		if err != nil {
			return s.failf("ignore: %v", err)
		}
		signal.Ignore(sig)
	}
	c := make(chan os.Signal, 1)
	for _, sig := range stopSignals() {
		if !signal.Ignored(sig) {
			signal.Notify(c, sig)
		}
	}
	fmt.Fprintln(s.out, "ready")
	return 128 + number(<-c)
}

// exit ends with the given code, after printing the following words to stderr.
func exit(s streams, args []string) int {
	if len(args) == 0 {
		return 0
	}
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return s.failf("exit: %v", err)
	}
	if len(args) > 1 {
		fmt.Fprintln(s.err, strings.Join(args[1:], " "))
	}
	return code
}

// flaky FILE N ends with 1 in the first N calls with that file, and with 0 from then on.
func flaky(s streams, args []string) int {
	if len(args) != 2 {
		return s.failf("flaky: FILE and N are wanted")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return s.failf("flaky: %v", err)
	}
	f, err := os.OpenFile(args[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return s.failf("flaky: %v", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s.failf("flaky: %v", err)
	}
	if info.Size() >= n {
		return 0
	}
	fmt.Fprint(f, ".")
	return s.failf("flaky: call %d of %d that fail", info.Size()+1, n)
}

// seq prints the numbers [FIRST] LAST, each on a line.
func seq(s streams, args []string) int {
	var numbers []int
	for _, arg := range args {
		n, err := strconv.Atoi(arg)
		if err != nil {
			return s.failf("seq: %v", err)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 1 {
		numbers = []int{1, numbers[0]}
	}
	if len(numbers) != 2 {
		return s.failf("seq: [FIRST] LAST is wanted")
	}
	for n := numbers[0]; n <= numbers[1]; n++ {
		fmt.Fprintln(s.out, n)
	}
	return 0
}

// yes prints a word until the reader closes the pipe.
func yes(s streams, args []string) int {
	word := strings.Join(args, " ")
	if word == "" {
		word = "y"
	}
	for {
		if _, err := fmt.Fprintln(s.out, word); err != nil {
			return 1
		}
	}
}

// gen prints exactly N bytes: equal lines of 64 bytes.
func gen(s streams, args []string) int {
	if len(args) != 1 {
		return s.failf("gen: a number of bytes is wanted")
	}
	n, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return s.failf("gen: %v", err)
	}
	if _, err := io.CopyN(s.out, pattern{}, n); err != nil {
		return s.failf("gen: %v", err)
	}
	return 0
}

// pattern is an endless sequence of equal lines. Every Read starts a line.
type pattern struct{}

const patternLine = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n"

func (pattern) Read(p []byte) (int, error) {
	n := 0
	for n+len(patternLine) <= len(p) {
		n += copy(p[n:], patternLine)
	}
	if n == 0 {
		n = copy(p, patternLine)
	}
	return n, nil
}

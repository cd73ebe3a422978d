//go:build linux

// Command toolbox is the only program in the test images: a POSIX-like shell, a few coreutils, and small programs with
// good or bad behaviour on purpose. The name of the call, or the first argument, selects an applet.
//
// On a signal, toolbox ends with 128+n even as process 1 of a container, where the kernel ignores signals without a
// handler. So a test needs no init for a quick stop of the container. The applet "ignore" does the opposite.
package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// streams are the input and outputs of an applet.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// failf reports an applet's failure and returns the exit code.
func (s streams) failf(format string, args ...any) int {
	fmt.Fprintf(s.err, format+"\n", args...)
	return 1
}

// applet is a program of the box: a function of the arguments without the name, with an exit code as the result.
type applet func(s streams, args []string) int

// applets returns all programs by name. The shell runs its built-ins, so built-ins behave alike inside and outside of a
// script.
func applets() map[string]applet {
	all := map[string]applet{
		"sh": shell, "cat": cat, "ls": list, "mkdir": mkdir, "touch": touch, "rm": remove, "wc": wc, "head": head,
		"grep": grep, "env": env, "id": id, "whoami": whoami, "hostname": hostname, "kill": kill, "sleep": sleep,
		"tty": tty, "stty": stty, "now": now,
		"seq": seq, "yes": yes, "gen": gen, "exit": exit, "flaky": flaky,
		"signals": signals, "ignore": ignore,
		"serve": serve, "probe": probe, "dial": dial,
	}
	for _, name := range []string{"true", "false", "echo", "printf", "pwd", "test", "["} {
		all[name] = builtin(name)
	}
	return all
}

func main() {
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	if name == "toolbox" && len(args) > 0 {
		name, args = args[0], args[1:]
	}
	os.Exit(run(name, streams{os.Stdin, os.Stdout, os.Stderr}, args))
}

// run finds the applet and runs it.
func run(name string, s streams, args []string) int {
	all := applets()
	if name == "--list" {
		fmt.Fprintln(s.out, strings.Join(slices.Sorted(maps.Keys(all)), "\n"))
		return 0
	}
	app, ok := all[name]
	if !ok {
		s.failf("toolbox: no program %q; toolbox --list names them", name)
		return 127
	}
	if !handlesSignals(name) { // for process 1, the kernel drops signals without a handler
		c := make(chan os.Signal, 1)
		signal.Notify(c, stopSignals()...)
		go func() { os.Exit(128 + number(<-c)) }()
	}
	return app(s, args)
}

// handlesSignals reports whether the applet handles signals on its own.
func handlesSignals(name string) bool {
	return slices.Contains([]string{"sh", "signals", "ignore", "env"}, name)
}

// stopSignals are signals that end a process by default.
func stopSignals() []os.Signal {
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
}

func number(sig os.Signal) int {
	return int(sig.(syscall.Signal))
}

//go:build linux

// Command toolbox is the one program in the test images: a POSIX-like shell, a few coreutils, and small programs that behave
// well or badly on purpose. It is chosen by the name it is called by, or by its first argument.
//
// Unlike most programs it ends with 128+n on a signal even as process 1 of a container, where the kernel would ignore the
// signal: a test then needs no init to see its container stop at once. The program "ignore" is for the opposite.
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

// streams are what an applet reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// failf reports an applet's failure and returns its exit code.
func (s streams) failf(format string, args ...any) int {
	fmt.Fprintf(s.err, format+"\n", args...)
	return 1
}

// applet is one program of the box. It gets its arguments without its name and returns an exit code.
type applet func(s streams, args []string) int

// applets are all programs by name. Those that the shell has as built-ins are run by it, so that they behave alike
// inside and outside of a script.
func applets() map[string]applet {
	all := map[string]applet{
		"sh": shell, "cat": cat, "ls": list, "mkdir": mkdir, "touch": touch, "rm": remove, "wc": wc, "head": head, "grep": grep,
		"env": env, "id": id, "whoami": whoami, "hostname": hostname, "kill": kill, "sleep": sleep, "tty": tty, "stty": stty, "now": now,
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
	if !handlesSignals(name) { // the kernel would let a signal pass that process 1 does not ask for
		c := make(chan os.Signal, 1)
		signal.Notify(c, stopSignals()...)
		go func() { os.Exit(128 + number(<-c)) }()
	}
	return app(s, args)
}

// handlesSignals tells the applets that have their own idea of a signal.
func handlesSignals(name string) bool {
	return slices.Contains([]string{"sh", "signals", "ignore", "env"}, name)
}

// stopSignals are the signals that end a process which does not care.
func stopSignals() []os.Signal {
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
}

func number(sig os.Signal) int {
	return int(sig.(syscall.Signal))
}

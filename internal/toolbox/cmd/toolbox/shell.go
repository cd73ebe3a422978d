//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/term"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// shellArgs is a parsed command line of the shell.
type shellArgs struct {
	options    []string // -e, -u, -x …, one letter each
	hasCommand bool
	command    string
	file       string
	name       string // $0
	params     []string
}

// parseShellArgs reads `[-eux] [-c TEXT [NAME ARGS…]]` or `[-eux] [FILE ARGS…]`. Letters may stand together, as in
// -euc.
func parseShellArgs(args []string) shellArgs {
	a := shellArgs{name: "sh"}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		for _, letter := range args[0][1:] {
			switch letter {
			case 'c':
				a.hasCommand = true
			case 'i', 'l', 's': // without a text or file, the shell is interactive on a terminal, and has no profile
			default:
				a.options = append(a.options, "-"+string(letter))
			}
		}
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if a.hasCommand && len(args) > 0 {
		a.command, args = args[0], args[1:]
	} else if len(args) > 0 {
		a.file = args[0]
	}
	if len(args) > 0 {
		a.name, a.params = args[0], args[1:]
	}
	return a
}

// shell runs a command text, a file, or stdin.
func shell(s streams, args []string) int {
	a := parseShellArgs(args)
	children := &children{running: map[*os.Process]bool{}, terminal: isTerminal(s.in)}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, stopSignals()...)
	go children.forward(signals)
	runner, err := newRunner(s, a, children)
	if err != nil {
		s.failf("sh: %v", err)
		return 2
	}
	switch {
	case a.hasCommand:
		return runScript(s, runner, strings.NewReader(a.command), a.name)
	case a.file != "":
		f, err := os.Open(a.file)
		if err != nil {
			s.failf("sh: %v", err)
			return 127
		}
		defer f.Close()
		return runScript(s, runner, f, a.name)
	case isTerminal(s.in):
		return runInteractive(s, runner)
	default:
		return runScript(s, runner, s.in, a.name)
	}
}

func newRunner(s streams, a shellArgs, c *children) (*interp.Runner, error) {
	params := append(slices.Clone(a.options), "--")
	return interp.New(
		interp.StdIO(s.in, s.out, s.err),
		interp.Params(append(params, a.params...)...),
		interp.CallHandler(externalKill),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return c.exec }),
	)
}

// externalKill runs the applet for kill: the interpreter has the name but not the command.
func externalKill(ctx context.Context, args []string) ([]string, error) {
	if args[0] != "kill" {
		return args, nil
	}
	hc := interp.HandlerCtx(ctx)
	path, err := interp.LookPathDir(hc.Dir, hc.Env, "kill")
	if err != nil {
		return args, nil // the interpreter reports an unsupported built-in
	}
	return append([]string{path}, args[1:]...), nil
}

func runScript(s streams, runner *interp.Runner, text io.Reader, name string) int {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(text, name)
	if err != nil {
		s.failf("%v", err)
		return 2
	}
	return status(s, runner.Run(context.Background(), file))
}

// runInteractive reads line by line, and continues after a failed command.
func runInteractive(s streams, runner *interp.Runner) int {
	parser, code := syntax.NewParser(), 0
	fmt.Fprint(s.out, "$ ")
	for stmts, err := range parser.InteractiveSeq(s.in) {
		if err != nil {
			return status(s, err)
		}
		if parser.Incomplete() {
			fmt.Fprint(s.out, "> ")
			continue
		}
		for _, stmt := range stmts {
			code = status(s, runner.Run(context.Background(), stmt))
			if runner.Exited() {
				return code
			}
		}
		fmt.Fprint(s.out, "$ ")
	}
	return code
}

// status turns the interpreter's error into an exit code.
func status(s streams, err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[interp.ExitStatus](err); ok {
		return int(exit)
	}
	return s.failf("sh: %v", err)
}

// builtin runs a built-in of the shell as a program.
func builtin(name string) applet {
	return func(s streams, args []string) int {
		params := interp.Params(append([]string{"--", name}, args...)...)
		runner, err := interp.New(interp.StdIO(s.in, s.out, s.err), params)
		if err != nil {
			return s.failf("%s: %v", name, err)
		}
		return runScript(s, runner, strings.NewReader(`"$@"`), name)
	}
}

// children are the running programs that the shell has started.
type children struct {
	mu       sync.Mutex
	running  map[*os.Process]bool
	terminal bool
}

// exec runs a program in PATH. The exit code is 127 for a missing program, and 126 for a program that cannot be
// executed.
func (c *children) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	path, err := interp.LookPathDir(hc.Dir, hc.Env, args[0])
	if err != nil {
		return notFound(hc, args[0])
	}
	cmd := exec.Cmd{
		Path: path, Args: args, Env: exported(hc.Env), Dir: hc.Dir,
		Stdin: hc.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr,
	}
	if err := c.start(&cmd); err != nil {
		fmt.Fprintf(hc.Stderr, "sh: %v\n", err)
		return interp.ExitStatus(126)
	}
	err = cmd.Wait()
	c.forget(cmd.Process)
	return exitStatus(err)
}

// notFound separates a file that cannot be executed from a missing file.
func notFound(hc interp.HandlerContext, name string) error {
	if path := name; strings.Contains(name, "/") {
		if !filepath.IsAbs(path) {
			path = filepath.Join(hc.Dir, path)
		}
		if _, err := os.Stat(path); err == nil {
			fmt.Fprintf(hc.Stderr, "sh: %s: permission denied\n", name)
			return interp.ExitStatus(126)
		}
	}
	fmt.Fprintf(hc.Stderr, "sh: %s: not found\n", name)
	return interp.ExitStatus(127)
}

func exported(vars expand.Environ) []string {
	var list []string
	for name, v := range vars.Each {
		if v.Exported && v.IsSet() {
			list = append(list, name+"="+v.String())
		}
	}
	return list
}

func exitStatus(err error) error {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return err
	}
	if ws := exit.Sys().(syscall.WaitStatus); ws.Signaled() {
		return interp.ExitStatus(128 + int(ws.Signal()))
	}
	return interp.ExitStatus(exit.ExitCode())
}

// start holds the lock during the start of the program, so a signal arrives before the start or at the program.
func (c *children) start(cmd *exec.Cmd) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	c.running[cmd.Process] = true
	return nil
}

func (c *children) forget(p *os.Process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, p)
}

// forward passes each signal to the running programs, and their exit codes decide. Without a running program, the shell
// ends. At a terminal, the kernel has already sent SIGINT and SIGQUIT to the programs.
func (c *children) forward(signals <-chan os.Signal) {
	for sig := range signals {
		c.mu.Lock()
		if len(c.running) == 0 && !c.terminal {
			os.Exit(128 + number(sig))
		}
		if byTerminal := sig == syscall.SIGINT || sig == syscall.SIGQUIT; !c.terminal || !byTerminal {
			for p := range c.running {
				p.Signal(sig) // the program may have just ended
			}
		}
		c.mu.Unlock()
	}
}

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

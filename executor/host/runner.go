package host

import (
	"errors"
	"io"
	"os"

	"tasks/executor/command"
	"tasks/executor/step"
)

// Runner runs the host commands of a session.
type Runner struct {
	// Terminal is the stdin of `tasks` where that is a terminal; else nil.
	Terminal *os.File
	// OnStart is told of each command's process, as soon as it runs; ended is called when nothing of it does. Nil: nobody is.
	OnStart func(pid int) (ended func())
}

var _ command.Host = Runner{}

// Start starts a command. A command that is not there or not executable is an [step.CodedError].
func (r Runner) Start(c command.HostCommand) (command.HostProcess, error) {
	cmd := Command{Args: c.Args, Dir: c.Dir, Env: c.Env, Stdin: r.input(c), Stdout: c.Streams.Out, Stderr: c.Streams.Err}
	if c.Foreground {
		cmd.Foreground = r.Terminal
	}
	process, err := Start(cmd)
	if err == nil {
		return r.track(process), nil
	}
	if failed, ok := errors.AsType[*StartError](err); ok && failed.Code != codeNotRun {
		return nil, &step.CodedError{Code: failed.Code, Err: err}
	}
	return nil, err
}

// track tells of a command, and of its end.
func (r Runner) track(p *Process) command.HostProcess {
	if r.OnStart == nil {
		return p
	}
	return &trackedProcess{Process: p, onEnd: r.OnStart(p.Pid())}
}

type trackedProcess struct {
	*Process
	onEnd func()
}

// Wait implements [command.HostProcess].
func (p *trackedProcess) Wait() (int, error) {
	code, err := p.Process.Wait()
	p.onEnd()
	return code, err
}

// input keeps the terminal from a command that is not in its foreground: reading would suspend it.
func (r Runner) input(c command.HostCommand) io.Reader {
	if file, ok := c.Streams.In.(*os.File); ok && file == r.Terminal && !c.Foreground {
		return nil
	}
	return c.Streams.In
}

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
	// Terminal is the stdin of `tasks` if stdin is a terminal, and else nil.
	Terminal *os.File
	// OnStart is called with each command's process id after the start. ended is called after the end of all the
	// command's processes. OnStart may be nil.
	OnStart func(pid int) (ended func())
}

var _ command.Host = Runner{}

// Start starts a command. For a missing or non-executable command, the error is an [step.CodedError].
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

// track reports a command's start and end to OnStart.
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

// input withholds the terminal from a background command: a read would suspend the command.
func (r Runner) input(c command.HostCommand) io.Reader {
	if file, ok := c.Streams.In.(*os.File); ok && file == r.Terminal && !c.Foreground {
		return nil
	}
	return c.Streams.In
}

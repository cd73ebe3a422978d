//go:build unix

package host

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// osProcess is the leader of a process group.
type osProcess struct {
	leader   int
	terminal *terminal // nil: the command has no terminal
	exit     *exit
}

// exit is the exit status of the leader, if the query for the status has reaped the leader.
type exit struct {
	status   syscall.WaitStatus
	isReaped bool
}

func startProcess(cmd *exec.Cmd, tty *os.File) (osProcess, error) {
	terminal, err := openTerminal(tty)
	if err != nil {
		return osProcess{}, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if err := terminal.startForeground(cmd.SysProcAttr, cmd.Start); err != nil {
		return osProcess{}, err
	}
	leader := cmd.Process.Pid
	// Package os must not wait for the process. This package must kill the group before the id is free, and must see
	// stops.
	_ = cmd.Process.Release()
	return osProcess{leader: leader, terminal: terminal, exit: &exit{}}, nil
}

func (p osProcess) pid() int { return p.leader }

func (p osProcess) signal(sig os.Signal) error {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return &os.SyscallError{Syscall: "kill", Err: syscall.EINVAL}
	}
	err := syscall.Kill(-p.leader, number)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return os.NewSyscallError("kill", err)
}

// awaitEnd waits until the leader has ended. Whenever the leader is stopped at the terminal, tasks is suspended too.
func (p osProcess) awaitEnd() error {
	for {
		stopped, err := awaitChange(p.leader, p.exit)
		if err != nil || !stopped {
			return err
		}
		if p.terminal != nil {
			p.terminal.suspend(p.leader)
		}
	}
}

// reap kills the rest of the group, takes the terminal back and returns the leader's exit code.
func (p osProcess) reap(waitErr error) (int, error) {
	_ = syscall.Kill(-p.leader, syscall.SIGKILL) // the only error: the group is empty
	if waitErr == nil {
		waitErr = p.exit.reap(p.leader)
	}
	termErr := p.terminal.restore()
	if waitErr != nil {
		return codeNotRun, os.NewSyscallError("wait", waitErr)
	}
	return exitCode(p.exit.status), termErr
}

func (e *exit) reap(pid int) error {
	if e.isReaped {
		return nil
	}
	e.isReaped = true
	return ignoringInterrupts(func() error {
		_, err := syscall.Wait4(pid, &e.status, 0, nil)
		return err
	})
}

func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

func ignoringInterrupts(call func() error) error {
	for {
		if err := call(); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// startError explains the error of exec for an existing file that looks executable.
func startError(name, path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		err := errors.New(path + " is no program for this machine; a script needs a first line such as #!/bin/sh")
		return notExecutable(name, err)
	case errors.Is(err, syscall.EACCES):
		return notExecutable(name, errors.New("the system does not let us execute "+path))
	case errors.Is(err, fs.ErrNotExist):
		return notExecutable(name, errors.New("the interpreter that "+path+" asks for does not exist"))
	}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return &StartError{Code: codeNotRun, Name: name, Reason: "cannot start " + path, Err: err}
}

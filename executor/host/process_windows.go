package host

import (
	"os"
	"os/exec"
)

// osProcess is a process. Windows has no groups.
type osProcess struct {
	process *os.Process
	exit    *exit
}

// exit is the exit state of the process.
type exit struct{ state *os.ProcessState }

// startProcess ignores the terminal, because the files are enough.
func startProcess(cmd *exec.Cmd, _ *os.File) (osProcess, error) {
	if err := cmd.Start(); err != nil {
		return osProcess{}, err
	}
	return osProcess{process: cmd.Process, exit: &exit{}}, nil
}

func (p osProcess) pid() int { return p.process.Pid }

func (p osProcess) signal(sig os.Signal) error {
	if sig == os.Kill {
		return p.process.Kill()
	}
	return p.process.Signal(sig)
}

func (p osProcess) awaitEnd() (err error) {
	p.exit.state, err = p.process.Wait()
	return err
}

func (p osProcess) reap(waitErr error) (int, error) {
	if waitErr != nil {
		return codeNotRun, waitErr
	}
	return p.exit.state.ExitCode(), nil
}

func startError(name, path string, err error) error {
	return &StartError{Code: codeNotRun, Name: name, Reason: "cannot start " + path, Err: err}
}

package host

import (
	"os"
	"sync"
)

// Process is a command that was started. Its methods may be called from several goroutines at once.
type Process struct {
	os      osProcess
	streams *streams

	mu          sync.Mutex
	hasEnded    bool // no signal may be sent any more: the process id may be somebody else's
	isSignalled bool // a signal was sent: nothing of the command is to stay
	done        chan struct{}
	code        int
	result      error
}

// Start starts a command. A failure is a [*StartError].
//
// The caller need not call Wait for the command's group to be killed and the terminal to be taken back when it ends.
func Start(c Command) (*Process, error) {
	cmd, err := c.execCmd()
	if err != nil {
		return nil, err
	}
	s := &streams{}
	if err := s.connect(cmd, c); err != nil {
		s.abort()
		return nil, &StartError{Code: codeNotRun, Name: c.Args[0], Reason: "cannot make its streams", Err: err}
	}
	child, err := startProcess(cmd, c.Foreground)
	if err != nil {
		s.abort()
		return nil, startError(c.Args[0], cmd.Path, err)
	}
	s.startCopying()
	p := &Process{os: child, streams: s, done: make(chan struct{})}
	go p.waitEnd()
	return p, nil
}

// Pid is the process id of the command, on Unix also the id of its group.
func (p *Process) Pid() int { return p.os.pid() }

// Signal sends a signal to the command's whole group. After the command has ended it returns [os.ErrProcessDone].
func (p *Process) Signal(sig os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hasEnded {
		return os.ErrProcessDone
	}
	p.isSignalled = true
	return p.os.signal(sig)
}

// Kill kills the command's whole group. After the command has ended it returns [os.ErrProcessDone].
func (p *Process) Kill() error { return p.Signal(os.Kill) }

// Wait waits until the command has ended, the rest of its group is killed and its output is complete. It returns the
// exit code, 128+n for a command that signal n ended, and with it the first error of a writer or of the terminal. It
// may be called more than once.
func (p *Process) Wait() (exitCode int, err error) {
	<-p.done
	return p.code, p.result
}

// waitEnd follows the command to its end.
func (p *Process) waitEnd() {
	defer close(p.done)
	err := p.os.awaitEnd()
	p.mu.Lock()
	p.hasEnded = true
	if p.isSignalled {
		p.os.killSession()
	}
	p.code, p.result = p.os.reap(err)
	p.mu.Unlock()
	if err := p.streams.finish(); err != nil && p.result == nil {
		p.result = err
	}
}

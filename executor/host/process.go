package host

import (
	"os"
	"sync"
)

// Process is a started command. Its methods are safe for concurrent use.
type Process struct {
	os      osProcess
	streams *streams

	mu          sync.Mutex
	hasEnded    bool // no more signals: the process id may belong to another process
	isSignalled bool // a signal was sent: no process of the command may stay
	done        chan struct{}
	code        int
	result      error
}

// Start starts a command. A failure is a [*StartError].
//
// Even without a call of Wait, the end of the command kills the command's group and returns the terminal.
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

// Pid returns the process id of the command. On Unix, the id is also the id of the command's group.
func (p *Process) Pid() int { return p.os.pid() }

// Signal sends a signal to the command's whole group. After the end of the command, Signal returns [os.ErrProcessDone].
func (p *Process) Signal(sig os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hasEnded {
		return os.ErrProcessDone
	}
	p.isSignalled = true
	return p.os.signal(sig)
}

// Kill kills the command's whole group. After the end of the command, Kill returns [os.ErrProcessDone].
func (p *Process) Kill() error { return p.Signal(os.Kill) }

// Wait waits until the command has ended, the rest of its group is killed and its output is complete. Wait returns the
// exit code, or 128+n after signal n, with the first error of a writer or of the terminal. Wait may be called several
// times.
func (p *Process) Wait() (exitCode int, err error) {
	<-p.done
	return p.code, p.result
}

// waitEnd waits for the end of the command, and cleans up.
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

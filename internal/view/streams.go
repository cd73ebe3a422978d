package view

import (
	"bytes"
	"io"
	"os"
	"slices"
	"sync"

	"tasks/executor"
	"tasks/hclspec"
)

// Console gives each task its streams. stdout belongs to the tasks named on the command line, dependency tasks write to
// stderr; stdin and the terminal belong to a single named task. One writer streams, of several each line gets the name of
// its task. Safe for use by several goroutines.
type Console struct {
	*Plain
	// Wanted are the tasks that stdout belongs to: those named on the command line, and members of a named group.
	Wanted []string
	// In is the stdin of `tasks`; nil: commands get none.
	In       io.Reader
	Out, Err *os.File
	// Terminal is set where stdin and stdout are one terminal.
	Terminal executor.Terminal
	// Secrets gives what is masked in what commands write. A command on the host whose output is masked sees no terminal.
	Secrets func() hclspec.Secrets

	outLock, errLock sync.Mutex
}

// StreamsOf gives the streams of a task's command.
func (c *Console) StreamsOf(task *hclspec.Task) executor.Streams {
	secrets := task.Secrets
	if secrets == nil && c.Secrets != nil {
		secrets = c.Secrets()
	}
	streams := c.openStreams(task, secrets.Mask(task.Name))
	out, endOut := mask(streams.Out, secrets)
	err, endErr := mask(streams.Err, secrets)
	return executor.Streams{In: streams.In, Out: out, Err: err, Close: func() { endOut(); endErr(); streams.Close() }}
}

// openStreams are the streams of a task's command, with nothing masked in what it writes. The name is how its lines begin,
// where others write too: a matrix may have put a secret into it.
func (c *Console) openStreams(task *hclspec.Task, name string) executor.Streams {
	named := slices.Contains(c.Wanted, task.Name)
	if named && len(c.Wanted) == 1 {
		return executor.Streams{In: c.In, Out: c.Out, Err: c.Err, Close: func() {}}
	}
	outFile, outLock := c.Err, &c.errLock
	if named {
		outFile, outLock = c.Out, &c.outLock
	}
	out := &prefixed{to: outFile, lock: outLock, prefix: name + " | "}
	err := &prefixed{to: c.Err, lock: &c.errLock, prefix: name + " | "}
	return executor.Streams{Out: out, Err: err, Close: func() { out.flush(); err.flush() }}
}

// TerminalOf gives the terminal to a single named task.
func (c *Console) TerminalOf(task *hclspec.Task) executor.Terminal {
	if len(c.Wanted) == 1 && c.Wanted[0] == task.Name {
		return c.Terminal
	}
	return nil
}

// prefixed writes whole lines, each behind the name of its task. The lock is shared by all that write to one file.
type prefixed struct {
	to     io.Writer
	lock   *sync.Mutex
	prefix string
	line   []byte
}

func (p *prefixed) Write(b []byte) (int, error) {
	p.line = append(p.line, b...)
	end := bytes.LastIndexByte(p.line, '\n') + 1
	if end == 0 {
		return len(b), nil
	}
	whole := p.line[:end]
	p.line = slices.Clone(p.line[end:])
	return len(b), p.print(whole)
}

func (p *prefixed) flush() {
	if len(p.line) > 0 {
		_ = p.print(append(p.line, '\n'))
		p.line = nil
	}
}

func (p *prefixed) print(lines []byte) error {
	var text bytes.Buffer
	for line := range bytes.Lines(lines) {
		text.WriteString(p.prefix)
		text.Write(line)
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	_, err := p.to.Write(text.Bytes())
	return err
}

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
// stderr; stdin and the terminal belong to a single named task. How what they write is shown, their [Console.styleOf] says.
// Safe for use by several goroutines.
type Console struct {
	*Plain
	// Wanted are the tasks that stdout belongs to: those named on the command line, and members of a named group.
	Wanted []string
	// Style is what the command line says of how output is shown, Default what the files say for all tasks; empty: nothing.
	Style, Default hclspec.OutputStyle
	// In is the stdin of `tasks`; nil: commands get none.
	In       io.Reader
	Out, Err *os.File
	// Terminal is set where stdin and stdout are one terminal.
	Terminal executor.Terminal
	// Secrets gives what is masked in what commands write. A command on the host whose output is masked sees no terminal.
	Secrets func() hclspec.Secrets

	outLock, errLock sync.Mutex
	heard            heard
	held             held
	times            times
	// failed are the tasks that have, in order.
	failed []string
}

// StreamsOf gives the streams of a task's command.
func (c *Console) StreamsOf(task *hclspec.Task) executor.Streams {
	secrets := task.Secrets
	if secrets == nil && c.Secrets != nil {
		secrets = c.Secrets()
	}
	streams := c.openStreams(task, secrets.Mask(task.Name))
	ended := c.writes()
	out, endOut := mask(streams.Out, secrets)
	err, endErr := mask(streams.Err, secrets)
	return executor.Streams{In: streams.In, Out: out, Err: err, Close: func() { endOut(); endErr(); streams.Close(); ended() }}
}

// openStreams are the streams of a task's command, with nothing masked in what it writes. The name is what it is called
// where others write too: a matrix may have put a secret into it.
func (c *Console) openStreams(task *hclspec.Task, name string) executor.Streams {
	var in io.Reader
	if c.alone(task) {
		in = c.In
	}
	outFile, outLock := c.Err, &c.errLock
	if slices.Contains(c.Wanted, task.Name) {
		outFile, outLock = c.Out, &c.outLock
	}
	style := c.styleOf(task)
	switch style {
	case hclspec.StyleStream:
		return executor.Streams{In: in, Out: outFile, Err: c.Err, Close: func() {}}
	case hclspec.StyleGroup, hclspec.StyleQuiet:
		return c.gather(task, style, gathering{console: c, name: name, out: outFile}, in)
	}
	last := c.heard.of(task.Name, name)
	out := &prefixed{to: outFile, lock: outLock, prefix: name + " | ", last: last}
	err := &prefixed{to: c.Err, lock: &c.errLock, prefix: name + " | ", last: last}
	return executor.Streams{In: in, Out: out, Err: err, Close: func() { out.flush(); err.flush() }}
}

// alone says that stdin and a terminal are the task's.
func (c *Console) alone(task *hclspec.Task) bool {
	return len(c.Wanted) == 1 && c.Wanted[0] == task.Name
}

// styleOf says how the output of a task is shown. What has a terminal or detaches has no choice: it streams where it is
// alone. Else the command line beats the task, and the task what the files say for all, which in turn leaves a single task
// its terminal.
func (c *Console) styleOf(task *hclspec.Task) hclspec.OutputStyle {
	usual := hclspec.StylePrefix
	if c.alone(task) {
		usual = hclspec.StyleStream
	}
	switch {
	case task.Detach || task.TTY == hclspec.TTYAlways:
		return usual
	case c.Style != "":
		return c.Style
	case task.OutputStyle != "":
		return task.OutputStyle
	case c.Default == "" || c.alone(task) && c.Terminal != nil:
		return usual
	}
	return c.Default
}

// TerminalOf gives the terminal to a single named task, unless its output is to be shown in another way than as it comes.
func (c *Console) TerminalOf(task *hclspec.Task) executor.Terminal {
	if c.alone(task) && c.styleOf(task) == hclspec.StyleStream {
		return c.Terminal
	}
	return nil
}

// prefixed writes whole lines, each behind the name of its task. The lock is shared by all that write to one file.
type prefixed struct {
	to     io.Writer
	lock   *sync.Mutex
	prefix string
	lines  lineBuffer
	// last hears each line.
	last *lastLines
}

func (p *prefixed) Write(b []byte) (int, error) {
	return len(b), p.print(p.lines.take(b))
}

func (p *prefixed) flush() { _ = p.print(p.lines.rest()) }

func (p *prefixed) print(lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	var text bytes.Buffer
	for line := range bytes.Lines(lines) {
		text.WriteString(p.prefix)
		text.Write(line)
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	_, err := p.to.Write(text.Bytes())
	p.last.add(lines)
	return err
}

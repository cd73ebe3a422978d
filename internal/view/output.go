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

// Output gives each task its streams. stdout belongs to the tasks named on the command line, dependency tasks write to
// stderr; stdin and the terminal belong to a single named task. How what they write is shown, their [Console.styleOf] says.
// Safe for use by several goroutines.
type Output struct {
	*NoticePrinter
	// Targets are the tasks that stdout belongs to: those named on the command line, and members of a named group.
	Targets []string
	// Style is what the command line says of how output is shown, Default what the files say for all tasks; empty: nothing.
	Style, DefaultStyle hclspec.OutputStyle
	// In is the stdin of `tasks`; nil: commands get none.
	In       io.Reader
	Out, Err *os.File
	// Terminal is set where stdin and stdout are one terminal.
	Terminal executor.Terminal
	// Secrets gives what is masked in what commands write. A command on the host whose output is masked sees no terminal.
	Secrets func() hclspec.Secrets

	outLock, errLock sync.Mutex
	tails            outputTails
	pending          pendingOutputs
	times            times
	// failed are the tasks that have, in order.
	failedTasks []string
}

// StreamsOf gives the streams of a task's command.
func (c *Output) StreamsOf(task *hclspec.Task) executor.Streams {
	secrets := task.Secrets
	if secrets == nil && c.Secrets != nil {
		secrets = c.Secrets()
	}
	streams := c.openStreams(task, secrets.Mask(task.Name))
	resumeLive := c.suspendLive()
	out, flushOut := newMaskWriter(streams.Out, secrets)
	err, flushErr := newMaskWriter(streams.Err, secrets)
	return executor.Streams{In: streams.In, Out: out, Err: err, Close: func() { flushOut(); flushErr(); streams.Close(); resumeLive() }}
}

// openStreams are the streams of a task's command, with nothing masked in what it writes. The name is what it is called
// where others write too: a matrix may have put a secret into it.
func (c *Output) openStreams(task *hclspec.Task, name string) executor.Streams {
	var in io.Reader
	if c.isOnlyTarget(task) {
		in = c.In
	}
	outFile, outLock := c.Err, &c.errLock
	if slices.Contains(c.Targets, task.Name) {
		outFile, outLock = c.Out, &c.outLock
	}
	style := c.styleOf(task)
	switch style {
	case hclspec.StyleStream:
		return executor.Streams{In: in, Out: outFile, Err: c.Err, Close: func() {}}
	case hclspec.StyleGroup, hclspec.StyleQuiet:
		return c.bufferedStreams(task, style, bufferTarget{console: c, name: name, out: outFile}, in)
	}
	tail := c.tails.tailOf(task.Name, name)
	out := &prefixWriter{w: outFile, lock: outLock, prefix: name + " | ", tail: tail}
	err := &prefixWriter{w: c.Err, lock: &c.errLock, prefix: name + " | ", tail: tail}
	return executor.Streams{In: in, Out: out, Err: err, Close: func() { out.flush(); err.flush() }}
}

// isOnlyTarget says that stdin and a terminal are the task's.
func (c *Output) isOnlyTarget(task *hclspec.Task) bool {
	return len(c.Targets) == 1 && c.Targets[0] == task.Name
}

// styleOf says how the output of a task is shown. What has a terminal or detaches has no choice: it streams where it is
// alone. Else the command line beats the task, and the task what the files say for all, which in turn leaves a single task
// its terminal.
func (c *Output) styleOf(task *hclspec.Task) hclspec.OutputStyle {
	fallback := hclspec.StylePrefix
	if c.isOnlyTarget(task) {
		fallback = hclspec.StyleStream
	}
	switch {
	case task.Detach || task.TTY == hclspec.TTYAlways:
		return fallback
	case c.Style != "":
		return c.Style
	case task.OutputStyle != "":
		return task.OutputStyle
	case c.DefaultStyle == "" || c.isOnlyTarget(task) && c.Terminal != nil:
		return fallback
	}
	return c.DefaultStyle
}

// TerminalOf gives the terminal to a single named task, unless its output is to be shown in another way than as it comes.
func (c *Output) TerminalOf(task *hclspec.Task) executor.Terminal {
	if c.isOnlyTarget(task) && c.styleOf(task) == hclspec.StyleStream {
		return c.Terminal
	}
	return nil
}

// prefixWriter writes whole lines, each behind the name of its task. The lock is shared by all that write to one file.
type prefixWriter struct {
	w      io.Writer
	lock   *sync.Mutex
	prefix string
	lines  lineBuffer
	// tail hears each line.
	tail *outputTail
}

func (p *prefixWriter) Write(b []byte) (int, error) {
	return len(b), p.writeLines(p.lines.push(b))
}

func (p *prefixWriter) flush() { _ = p.writeLines(p.lines.flush()) }

func (p *prefixWriter) writeLines(lines []byte) error {
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
	_, err := p.w.Write(text.Bytes())
	p.tail.add(lines)
	return err
}

// stdoutTasks are the tasks with stdout: the named tasks, and the members of named groups.
func stdoutTasks(spec *hclspec.Spec) []string {
	names := slices.Clone(spec.Targets)
	for i := 0; i < len(names); i++ {
		if task := spec.Tasks[names[i]]; task.Kind == hclspec.GroupTask {
			for _, dep := range task.DependsOn {
				if dep.Task != "" && !slices.Contains(names, dep.Task) {
					names = append(names, dep.Task)
				}
			}
		}
	}
	return names
}

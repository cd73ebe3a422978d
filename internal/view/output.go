package view

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"slices"
	"sync"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/planner"
)

// Output gives each task the streams of the process. stdout belongs to the tasks of the command line; dependencies
// write to stderr. stdin and the terminal belong to a single named task. [Output.styleOf] decides the style. Safe for
// concurrent use.
type Output struct {
	*NoticePrinter
	// Targets are the tasks with stdout: the named tasks, and members of a named group.
	Targets []string
	// Style is the style of the command line, DefaultStyle the style of the files for all tasks; empty: none.
	Style, DefaultStyle hclspec.OutputStyle
	// In is the stdin of `tasks`; nil: commands get none.
	In       io.Reader
	Out, Err *os.File
	// Printer hears of failed writes to Out; nil: nothing does.
	Printer *Printer
	// Terminal is set if stdin and stdout are the same terminal.
	Terminal command.Terminal
	// Secrets returns the values to mask in the output of commands. A host command with masked output gets no terminal.
	Secrets func() hclspec.Secrets

	outLock, errLock sync.Mutex
	tails            outputTails
	pending          pendingOutputs
	times            times
	prefixes         prefixes
	// tap hears the output of commands; nil: nothing does.
	tap OutputTap
	// plan is the current plan.
	plan *planner.Plan
	// shardEnds has the last notice of each shard.
	shardEnds map[planner.StepID]executor.Notice
	// failedTasks are the failed tasks, in order of failure.
	failedTasks []failedTask
	// isOutTerminal and isErrTerminal report whether Out and Err are the terminal with the live display.
	isOutTerminal, isErrTerminal bool
	// isReaderGone reports whether a command has failed for the lack of a reader. Such an end has no message.
	isReaderGone bool
	// foldCount counts the folds for a CI server. outLock and errLock guard the field.
	foldCount int
}

// StreamsOf returns the streams of a task's command.
func (c *Output) StreamsOf(task *hclspec.Task) command.Streams {
	secrets := task.Secrets
	if secrets == nil && c.Secrets != nil {
		secrets = c.Secrets()
	}
	c.startCommand(task, secrets)
	resumeLive := func() {}
	if c.styleOf(task) == hclspec.StyleStream {
		resumeLive = c.suspendLive()
	}
	streams := c.openStreams(task, plaintext.Escape(secrets.Mask(task.Name)))
	streams.Out, streams.Err = c.tapped(task, false, streams.Out), c.tapped(task, true, streams.Err)
	if task.IsStdoutHidden {
		streams.Out = &hiddenWriter{w: streams.Out}
	}
	out, flushOut := newMaskWriter(streams.Out, secrets)
	err, flushErr := newMaskWriter(streams.Err, secrets)
	closeAll := func() error {
		defer resumeLive()
		return cmp.Or(flushOut(), flushErr(), streams.Close())
	}
	return command.Streams{In: streams.In, Out: out, Err: err, Close: closeAll}
}

// hiddenWriter shows a note in place of all text.
type hiddenWriter struct {
	w       io.Writer
	isNoted bool
}

func (h *hiddenWriter) Write(b []byte) (int, error) {
	if h.isNoted || len(b) == 0 {
		return len(b), nil
	}
	h.isNoted = true
	_, err := io.WriteString(h.w, "(stdout is not shown: another task uses it as a sensitive value)\n")
	return len(b), err
}

// openStreams returns the streams of a task's command without masking. name is the masked and escaped display name: a
// matrix may put a secret or a control character into the name of a task.
func (c *Output) openStreams(task *hclspec.Task, name string) command.Streams {
	var in io.Reader
	if c.isOnlyTarget(task) {
		in = c.In
	}
	errOut := c.destinationOf(c.Err, &c.errLock)
	out := errOut
	if slices.Contains(c.Targets, task.Name) {
		out = c.destinationOf(c.Out, &c.outLock)
	}
	style := c.styleOf(task)
	switch style {
	case hclspec.StyleStream:
		return command.Streams{In: in, Out: out.w, Err: errOut.w, Close: func() error { return nil }}
	case hclspec.StyleGroup, hclspec.StyleQuiet:
		target := bufferTarget{output: c, name: name, out: out, err: errOut, startedAt: c.now()}
		return c.bufferedStreams(task, style, target, in)
	}
	tail := c.tails.tailOf(task.Name, name)
	lines := &prefixWriter{output: c, to: out, prefix: c.prefixOf(task, name, out.file), tail: tail}
	errLines := &prefixWriter{output: c, to: errOut, prefix: c.prefixOf(task, name, errOut.file), tail: tail}
	flush := func() error { return cmp.Or(lines.flush(), errLines.flush()) }
	return command.Streams{In: in, Out: lines, Err: errLines, Close: flush}
}

// destination is the file for the output of a command. w writes to the file. All writers of the file share the lock.
type destination struct {
	file *os.File
	w    io.Writer
	lock *sync.Mutex
}

func (c *Output) destinationOf(file *os.File, lock *sync.Mutex) destination {
	return destination{file, writerTo(c.Printer, file), lock}
}

// isOnlyTarget reports whether stdin and the terminal belong to the task.
func (c *Output) isOnlyTarget(task *hclspec.Task) bool {
	return len(c.Targets) == 1 && c.Targets[0] == task.Name
}

// styleOf returns the output style of a task. Tasks with a terminal and detached tasks have no choice. Otherwise the
// command line has priority, then the task, then the default of the files. A single named task keeps the terminal
// despite the default.
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

// TerminalOf returns the terminal for a single named task with style stream.
func (c *Output) TerminalOf(task *hclspec.Task) command.Terminal {
	if c.isOnlyTarget(task) && c.styleOf(task) == hclspec.StyleStream {
		return c.Terminal
	}
	return nil
}

// prefixWriter writes whole lines, each after the name of the task.
type prefixWriter struct {
	output *Output
	to     destination
	prefix string
	lines  lineBuffer
	// tail hears each line.
	tail *outputTail
}

func (p *prefixWriter) Write(b []byte) (int, error) {
	return len(b), p.writeLines(p.lines.push(b))
}

func (p *prefixWriter) flush() error { return p.writeLines(p.lines.flush()) }

func (p *prefixWriter) writeLines(lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	var text bytes.Buffer
	for line := range bytes.Lines(lines) {
		text.WriteString(p.prefix)
		text.Write(line)
	}
	p.to.lock.Lock()
	defer p.to.lock.Unlock()
	var err error
	p.output.writeTo(p.to.file, func() { _, err = p.to.w.Write(text.Bytes()) })
	p.tail.add(lines)
	return err
}

// writeTo calls a function that writes to a file, above the live display of a terminal. A write to another file may
// block, and must not block the display.
func (c *Output) writeTo(file *os.File, write func()) {
	switch {
	case c.NoticePrinter == nil:
		write()
	case c.isTerminal(file):
		c.writeAbove(write)
	default:
		c.textCount.Add(1)
		write()
	}
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

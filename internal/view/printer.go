package view

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/internal/terminal"
	"tasks/internal/view/annotations"
)

// Printer writes all text and documents of this program to stdout and stderr, with every secret masked, and then with
// control characters spelled out. Only commands write past the printer, by the streams of [Output]. Each write arrives
// at once. Safe for concurrent use.
type Printer struct {
	stdin, stdout, stderr *os.File
	// out and errOut write to stdout and stderr.
	out, errOut *patientFile
	// terminal is the terminal of the current run, if any.
	terminal atomic.Pointer[terminal.Terminal]
	secrets  atomic.Pointer[hclspec.Secrets]
	// notices has the live display of the current run, if a run has begun.
	notices atomic.Pointer[NoticePrinter]
	// outputError is the first failed write of output: to stdout, or of a task's output.
	outputError atomic.Pointer[OutputError]
	// verdict is the last line of a run. With holdsVerdict, a watch prints the line after its own.
	verdict      atomic.Pointer[string]
	holdsVerdict atomic.Bool
	hasColor     atomic.Bool
	// server is the CI server with the log of stderr; nil: none.
	server atomic.Pointer[annotations.Server]
}

// NewPrinter returns the printer for the standard streams of the process.
func NewPrinter(stdin, stdout, stderr *os.File) *Printer {
	return &Printer{
		stdin: stdin, stdout: stdout, stderr: stderr, out: &patientFile{file: stdout}, errOut: &patientFile{file: stderr},
	}
}

// WithStderr returns a printer without secrets for the same stdout and another stderr.
func (p *Printer) WithStderr(stderr *os.File) *Printer { return NewPrinter(p.stdin, p.stdout, stderr) }

// SetSecrets masks these values from now on, instead of earlier values.
func (p *Printer) SetSecrets(secrets hclspec.Secrets) { p.secrets.Store(&secrets) }

// Secrets returns the values to mask.
func (p *Printer) Secrets() hclspec.Secrets {
	if secrets := p.secrets.Load(); secrets != nil {
		return *secrets
	}
	return nil
}

// Mask replaces the secrets in a text.
func (p *Printer) Mask(text string) string { return p.Secrets().Mask(text) }

// Stdout returns stdout with masking and without control characters, for libraries with a writer as argument.
func (p *Printer) Stdout() io.Writer { return stdoutWriter(p, plaintext.EscapeLines) }

// Stderr returns stderr with masking and without control characters, for libraries with a writer as argument.
func (p *Printer) Stderr() io.Writer { return stderrWriter(p, plaintext.EscapeLines) }

// maskedWriter masks the secrets within each write. A writer must not split a secret over two writes.
type maskedWriter struct {
	printer *Printer
	w       io.Writer
}

func (w maskedWriter) Write(text []byte) (int, error) {
	secrets := w.printer.Secrets()
	if len(secrets) == 0 {
		return w.w.Write(text)
	}
	_, err := io.WriteString(w.w, secrets.Mask(string(text)))
	return len(text), err
}

// PrintText writes a text to stdout.
func (p *Printer) PrintText(text string) error {
	_, err := io.WriteString(styledStdout(p), text)
	return err
}

// PrintLine writes a line to stdout.
func (p *Printer) PrintLine(line string) { fmt.Fprintln(p.Stdout(), line) }

// PrintError writes the error of a command to stderr.
func (p *Printer) PrintError(err error) {
	p.printErrLine("tasks: " + plaintext.Message(err.Error()))
	annotate(p, annotations.Annotation{Title: "tasks", Message: err.Error()})
}

// PrintWarning writes a warning to stderr.
func (p *Printer) PrintWarning(text string) {
	p.printErrLine(paintText(p.hasColor.Load(), yellow, "warning: "+plaintext.Message(text)))
}

// UseColor gives warnings a colour.
func (p *Printer) UseColor(hasColor bool) { p.hasColor.Store(hasColor) }

// PrintWaiting writes the name of another process to stderr, before this process waits for that process.
func (p *Printer) PrintWaiting(holder string) {
	p.printErrLine("waiting for " + plaintext.Escape(holder))
}

// PrintRemoved writes the removal of a resource to stderr. The reason may be empty.
func (p *Printer) PrintRemoved(kind, name, reason string) {
	if reason != "" {
		reason = ": " + reason
	}
	p.printErrLine(kind + " " + plaintext.Escape(name) + "  removed" + plaintext.Escape(reason))
}

// PrintNothingToRemove reports on stderr a project without resources on the engine.
func (p *Printer) PrintNothingToRemove(project string) {
	p.printErrLine("project " + plaintext.Escape(project) + ": nothing to remove")
}

// PrintNoMatch reports on stderr that no task has the words of a filter.
func (p *Printer) PrintNoMatch(words []string) {
	p.printErrLine("no task matches " + plaintext.Escape(strings.Join(words, " ")) + ": `tasks list` shows all")
}

// PrintEndedCommands writes to stderr how many host commands of killed runs were ended.
func (p *Printer) PrintEndedCommands(count int) {
	p.printErrLine(fmt.Sprintf("host commands ended, as the runs that they belonged to were killed: %d", count))
}

// printErrLine writes a line to stderr, above the live display.
func (p *Printer) printErrLine(line string) {
	if notices := p.notices.Load(); notices != nil {
		notices.PrintLine(line)
		return
	}
	fmt.Fprintln(styledStderr(p), line)
}

// Terminal returns the terminal for questions: stdin and stderr.
func (p *Printer) Terminal() *terminal.Terminal { return terminal.New(p.stdin, p.stderr) }

// CanAsk reports whether a person sees questions on stderr and can answer on stdin.
func (p *Printer) CanAsk() bool { return terminal.New(p.stdin, p.stderr).IsTerminal() }

// Prompt writes the text before an answer to stderr. The cursor stays on the line.
func (p *Printer) Prompt(text string) { fmt.Fprint(p.Stderr(), text) }

// PromptYesNo writes a question to stderr, with the possible answers.
func (p *Printer) PromptYesNo(question string) { p.Prompt(plaintext.Message(question) + " [y/N] ") }

// EndPrompt ends the line of a prompt without an answer.
func (p *Printer) EndPrompt() { p.Prompt("\n") }

// HasTerminalStderr reports whether stderr is a terminal.
func (p *Printer) HasTerminalStderr() bool { return terminal.New(p.stdin, p.stderr).IsOutput() }

// HasTerminalStdout reports whether stdout is a terminal.
func (p *Printer) HasTerminalStdout() bool { return terminal.New(p.stdin, p.stdout).IsOutput() }

// OutputOptions configure the output of a run.
type OutputOptions struct {
	NoticeOptions
	// Style is the style of the command line; empty: none.
	Style hclspec.OutputStyle
	// IsLive enables the live display.
	IsLive bool
	// IsStdoutTaken reports whether a recording goes to stdout. Then the output of tasks goes to stderr.
	IsStdoutTaken bool
	// FailureText renders the error of a failed step.
	FailureText func(error) string
}

// NewOutput returns the output of a run on the streams of the process. Lines of the printer appear above the live
// display.
func (p *Printer) NewOutput(spec *hclspec.Spec, o OutputOptions) *Output {
	output := &Output{
		NoticePrinter: NewNoticePrinter(styledStderr(p), o.NoticeOptions, o.FailureText), Secrets: p.Secrets,
		Targets: stdoutTasks(spec), Style: o.Style, DefaultStyle: spec.OutputStyle,
		In: p.stdin, Out: p.stdout, Err: p.stderr, Printer: p,
	}
	output.stuckReaders = func() []string { return stuckReaders(p) }
	if o.IsStdoutTaken {
		output.Out = p.stderr
	} else if t := terminal.New(p.stdin, p.stdout); t.IsTerminal() {
		output.Terminal = t
		p.terminal.Store(t)
	}
	if o.IsLive && !o.Quiet {
		enableLive(p, output.NoticePrinter)
		output.isOutTerminal, output.isErrTerminal = terminal.New(p.stdin, p.stdout).IsOutput(), true
	} else if !o.Quiet {
		output.EnableReminders(p.Secrets)
		output.live.holdsReminder = func() bool { return holdsReminder(p) }
	}
	p.notices.Store(output.NoticePrinter)
	return output
}

// enableLive shows the steps under way at the terminal of stderr.
func enableLive(p *Printer, notices *NoticePrinter) {
	notices.EnableLive(func() (rows, columns int) { return terminalSize(p.stderr) }, p.Secrets)
	notices.live.picture.out, notices.live.disarm = RawStderr(p), serverOf(p).Disarm
	terminal.OnSuspend(notices.beginSuspension, notices.endSuspension)
}

// EndDisplay removes the live display for good, before the end of the program.
func (p *Printer) EndDisplay() {
	if notices := p.notices.Load(); notices.hasPicture() {
		notices.suspendLive()
	}
}

// SetSpec takes over the tasks of a new plan, for the next run of a watch.
func (c *Output) SetSpec(spec *hclspec.Spec) {
	c.Targets, c.DefaultStyle = stdoutTasks(spec), spec.OutputStyle
}

// StdoutWidth returns the columns of the terminal of stdout, or 0 without a terminal.
func (p *Printer) StdoutWidth() int {
	_, columns := terminalSize(p.stdout)
	return columns
}

// terminalSize returns the rows and columns of a terminal, or 0 without a terminal.
func terminalSize(file *os.File) (rows, columns int) {
	r, c, err := terminal.New(file, file).Size()
	if err != nil {
		return 0, 0
	}
	return int(r), int(c)
}

package view

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"tasks/executor"
	"tasks/internal/plaintext"
)

// Text from outside (names, descriptions, messages of the engine, lines of files) is spelled out by
// [plaintext.Escape] or [plaintext.Message] where the view puts the text into a line. The writers here are the second
// check of all output but that of commands: what the view has forgotten is spelled out too, except newlines.

// stdoutWriter returns stdout with masking, and then with an escape function; nil: none.
func stdoutWriter(p *Printer, escape func(string) string) io.Writer {
	return checkedWriter(p, streamWriter{p.out, p.recordOutputError}, escape)
}

// stderrWriter returns stderr with masking, and then with an escape function; nil: none. With an escape function, a CI
// server finds no commands in the text.
func stderrWriter(p *Printer, escape func(string) string) io.Writer {
	if escape != nil {
		plain := escape
		escape = func(text string) string { return serverOf(p).Disarm(plain(text)) }
	}
	return checkedWriter(p, streamWriter{w: rawLineWriter{p}}, escape)
}

// checkedWriter masks first: an escaped secret would look different.
func checkedWriter(p *Printer, w io.Writer, escape func(string) string) io.Writer {
	if escape != nil {
		w = escapeWriter{w, escape}
	}
	return maskedWriter{p, w}
}

// styledStdout is [Printer.Stdout] for lines with colours of the view.
func styledStdout(p *Printer) io.Writer { return stdoutWriter(p, escapeStyled) }

// styledStderr is [Printer.Stderr] for lines with colours of the view.
func styledStderr(p *Printer) io.Writer { return stderrWriter(p, escapeStyled) }

// RawStdout returns stdout with masking alone, for the output of commands.
func RawStdout(p *Printer) io.Writer { return stdoutWriter(p, nil) }

// RawStderr returns stderr with masking alone, for the output of commands and for the view's own control sequences.
func RawStderr(p *Printer) io.Writer { return stderrWriter(p, nil) }

// OutputFiles returns the files of stdout and stderr: a watch leaves its own output out.
func OutputFiles(p *Printer) []*os.File { return []*os.File{p.stdout, p.stderr} }

// ProtocolStdout returns stdout byte for byte, for a protocol that counts bytes: a mask would change the count. The
// caller writes no secret.
func ProtocolStdout(p *Printer) io.Writer { return streamWriter{p.out, p.recordOutputError} }

// printCommands writes lines for a CI server to stderr, above the live display.
func printCommands(p *Printer, lines string) {
	notices := p.notices.Load()
	switch {
	case lines == "":
	case notices == nil:
		io.WriteString(RawStderr(p), lines)
	default:
		notices.printAbove(executor.Notice{}, func() {
			if notices.hasPicture() {
				notices.live.picture.erase()
			}
			io.WriteString(RawStderr(p), lines)
		})
	}
}

// PrintSource writes the source of a file to stdout, byte for byte.
func PrintSource(p *Printer, source []byte) error {
	_, err := RawStdout(p).Write(source)
	return err
}

// PrintFileName writes the name of a file to stdout, on a line.
func PrintFileName(p *Printer, name string) { p.PrintLine(plaintext.Escape(name)) }

// PrintRefusal writes to stderr why an answer was refused, before the next prompt.
func PrintRefusal(p *Printer, err error) { p.Prompt(plaintext.Message(err.Error()) + "\n") }

// escapeWriter spells out control characters in each write. A writer must not split a character over two writes.
type escapeWriter struct {
	w      io.Writer
	escape func(string) string
}

func (w escapeWriter) Write(text []byte) (int, error) {
	_, err := io.WriteString(w.w, w.escape(string(text)))
	return len(text), err
}

// ownStyles are the colours of the view: bold, dim and the foreground colours.
var ownStyles = regexp.MustCompile(`\x1b\[(?:0|1|2|(?:1;)?[39][1-6])m`)

// escapeStyled is [plaintext.EscapeLines] for lines with colours of the view.
func escapeStyled(text string) string {
	if !strings.Contains(text, "\x1b") {
		return plaintext.EscapeLines(text)
	}
	var out strings.Builder
	done := 0
	for _, style := range ownStyles.FindAllStringIndex(text, -1) {
		out.WriteString(plaintext.EscapeLines(text[done:style[0]]) + text[style[0]:style[1]])
		done = style[1]
	}
	return out.String() + plaintext.EscapeLines(text[done:])
}

// escapeJSON spells the characters that act on a terminal as JSON does, \u009b. JSON has them in strings only, so the
// values stay the same. The encoder has spelled the other control characters already.
func escapeJSON(text string) string {
	if plaintext.EscapeLines(text) == text {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if char := string(r); r != '\n' && !plaintext.IsPlain(char) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

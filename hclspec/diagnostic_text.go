package hclspec

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
	"golang.org/x/text/width"

	"tasks/hclspec/internal/diag"
)

// RenderOptions say how diagnostics are rendered.
type RenderOptions struct {
	// Width is the number of columns that the text is wrapped at; 0 leaves it unwrapped.
	Width int
	// Color adds ANSI colours. The underline is there without them too.
	Color bool
}

// WriteDiagnostics renders diagnostics for people: where, what, the source line with the place underlined, and what to
// do. Files are the sources by name, as [File.Files] gives them. The error is that of the writer.
func WriteDiagnostics(w io.Writer, files map[string]*hcl.File, diags hcl.Diagnostics, opts RenderOptions) error {
	var out bytes.Buffer
	for i, d := range diags {
		if i > 0 {
			out.WriteByte('\n')
		}
		r := diagnosticRenderer{out: &out, files: files, opts: opts}
		r.diagnostic(d)
	}
	_, err := w.Write(out.Bytes())
	return err
}

type diagnosticRenderer struct {
	out   *bytes.Buffer
	files map[string]*hcl.File
	opts  RenderOptions
}

const (
	styleBold   = "1"
	styleError  = "1;31"
	styleWarn   = "1;33"
	styleGutter = "2"
)

func (r diagnosticRenderer) style(code, text string) string {
	if !r.opts.Color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (r diagnosticRenderer) diagnostic(d *hcl.Diagnostic) {
	severity, code := "error", styleError
	if d.Severity == hcl.DiagWarning {
		severity, code = "warning", styleWarn
	}
	if d.Subject != nil {
		r.out.WriteString(r.style(styleBold, diag.PosText(*d.Subject)+":") + " ")
	}
	fmt.Fprintf(r.out, "%s %s\n", r.style(code, severity+":"), r.style(styleBold, diag.LowerFirst(d.Summary)))
	if d.Subject != nil {
		r.snippet(*d.Subject, code)
	}
	for _, line := range wrap(d.Detail, r.opts.Width-2) {
		r.out.WriteString(strings.TrimRight("  "+line, " ") + "\n")
	}
}

// snippet shows the line that a range begins on, with what it covers underlined.
func (r diagnosticRenderer) snippet(at hcl.Range, code string) {
	file := r.files[at.Filename]
	if file == nil || at.Start.Byte > len(file.Bytes) {
		return
	}
	start := bytes.LastIndexByte(file.Bytes[:at.Start.Byte], '\n') + 1
	line := file.Bytes[start:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	line = bytes.TrimRight(line, "\r")
	from := min(at.Start.Byte-start, len(line))
	to := min(max(at.End.Byte-start, from), len(line))

	text, before := printableCells(line[:from], 0)
	covered, width := printableCells(line[from:to], before)
	rest, _ := printableCells(line[to:], before+width)
	number := fmt.Sprint(at.Start.Line)
	pad := strings.Repeat(" ", len(number))
	fmt.Fprintf(r.out, "  %s %s\n", r.style(styleGutter, number+" |"), text+covered+rest)
	fmt.Fprintf(r.out, "  %s %s%s\n", r.style(styleGutter, pad+" |"), strings.Repeat(" ", before), r.style(code, strings.Repeat("^", max(width, 1))))
}

// tabStop is the distance of tab stops in snippets.
const tabStop = 4

// printableCells makes text printable, tabs becoming spaces, and counts the columns that a terminal gives it from a column on.
func printableCells(text []byte, column int) (string, int) {
	var out strings.Builder
	begin := column
	for len(text) > 0 {
		advance, cluster, err := textseg.ScanGraphemeClusters(text, true)
		if err != nil || advance == 0 {
			break
		}
		text = text[advance:]
		printed, columns := printableCell(cluster, column)
		out.WriteString(printed)
		column += columns
	}
	return out.String(), column - begin
}

// printableCell renders one character as a reader sees it. Control characters must not reach a terminal.
func printableCell(cluster []byte, column int) (string, int) {
	first, _ := utf8.DecodeRune(cluster)
	switch {
	case first == '\t':
		n := tabStop - column%tabStop
		return strings.Repeat(" ", n), n
	case first == utf8.RuneError, unicode.IsControl(first):
		return "�", 1
	}
	switch width.LookupRune(first).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return string(cluster), 2
	}
	return string(cluster), 1
}

// wrap breaks text at spaces so that no line is wider than so many columns, and keeps the newlines it has.
func wrap(text string, columns int) []string {
	if text == "" {
		return nil
	}
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if columns <= 0 {
			lines = append(lines, paragraph)
			continue
		}
		lines = append(lines, wrapParagraph(paragraph, columns)...)
	}
	return lines
}

func wrapParagraph(paragraph string, columns int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(paragraph, " ") {
		_, wide := printableCells([]byte(word), 0)
		if line != "" && used+1+wide > columns {
			lines = append(lines, line)
			line, used = "", 0
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+wide
	}
	return append(lines, line)
}

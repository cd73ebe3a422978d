package diagnostics

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

	"tasks/internal/plaintext"
)

// TextOptions are the options of the text.
type TextOptions struct {
	// Width is the number of columns of a line; 0: no wrapping.
	Width int
	// Color adds ANSI colours. The underline does not need colours.
	Color bool
}

// WriteText renders diagnostics for people: the place, the summary, the source line with an underline, and the detail.
// Files are the sources by name. The only errors come from the writer.
func WriteText(w io.Writer, files map[string]*hcl.File, diags hcl.Diagnostics, opts TextOptions) error {
	var out bytes.Buffer
	hidden := map[string][]byteSpan{}
	for i, d := range diags {
		if i > 0 {
			out.WriteByte('\n')
		}
		r := renderer{out: &out, files: files, hidden: hidden, opts: opts}
		r.diagnostic(d)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// renderer renders one diagnostic.
type renderer struct {
	out   *bytes.Buffer
	files map[string]*hcl.File
	// hidden are the literals of the files that are not shown, by the name of the file.
	hidden map[string][]byteSpan
	opts   TextOptions
}

// hiddenLiterals returns the literals of a file that are not shown.
func (r renderer) hiddenLiterals(name string) []byteSpan {
	if _, known := r.hidden[name]; !known {
		r.hidden[name] = secretLiterals(r.files[name].Bytes)
	}
	return r.hidden[name]
}

const (
	styleBold   = "1"
	styleError  = "1;31"
	styleWarn   = "1;33"
	styleGutter = "2"
)

func (r renderer) style(code, text string) string {
	if !r.opts.Color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (r renderer) diagnostic(d *hcl.Diagnostic) {
	severity, code := "error", styleError
	if d.Severity == hcl.DiagWarning {
		severity, code = "warning", styleWarn
	}
	if d.Subject != nil {
		r.out.WriteString(r.style(styleBold, startText(*d.Subject)+":") + " ")
	}
	fmt.Fprintf(r.out, "%s %s\n", r.style(code, severity+":"), r.style(styleBold, plaintext.Escape(lowerFirst(d.Summary))))
	if d.Subject != nil {
		r.snippet(*d.Subject, code)
	}
	for _, line := range wrap(plaintext.EscapeLines(d.Detail), r.opts.Width-2) {
		r.out.WriteString(strings.TrimRight("  "+line, " ") + "\n")
	}
}

// snippet shows the first line of a range, with an underline below the range.
func (r renderer) snippet(at hcl.Range, code string) {
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

	shown := sourceLine{text: line, start: start, hidden: r.hiddenLiterals(at.Filename)}
	text, before := shown.cells(0, from, 0)
	covered, width := shown.cells(from, to, before)
	rest, _ := shown.cells(to, len(line), before+width)
	number := fmt.Sprint(at.Start.Line)
	pad := strings.Repeat(" ", len(number))
	fmt.Fprintf(r.out, "  %s %s\n", r.style(styleGutter, number+" |"), text+covered+rest)
	underline := r.style(code, strings.Repeat("^", max(width, 1)))
	fmt.Fprintf(r.out, "  %s %s%s\n", r.style(styleGutter, pad+" |"), strings.Repeat(" ", before), underline)
}

// sourceLine is a line of a source, from an offset on. The hidden literals are not shown.
type sourceLine struct {
	text   []byte
	start  int
	hidden []byteSpan
}

// cells is [printableCells] for a part of the line.
func (l sourceLine) cells(from, to, column int) (string, int) {
	var out strings.Builder
	begin := column
	add := func(text []byte) {
		printed, columns := printableCells(text, column)
		out.WriteString(printed)
		column += columns
	}
	for _, h := range l.hidden {
		start, end := max(h.start-l.start, from), min(h.end-l.start, to)
		if start >= end {
			continue
		}
		add(l.text[from:start])
		add([]byte(hiddenText))
		from = end
	}
	add(l.text[from:to])
	return out.String(), column - begin
}

// tabStop is the distance of tab stops in snippets.
const tabStop = 4

// printableCells makes text printable, with spaces for tabs, and counts the columns on a terminal after a start column.
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

// printableCell renders one visible character. Control characters must not reach a terminal.
func printableCell(cluster []byte, column int) (string, int) {
	first, _ := utf8.DecodeRune(cluster)
	if first == '\t' {
		n := tabStop - column%tabStop
		return strings.Repeat(" ", n), n
	}
	if escaped := plaintext.Escape(string(cluster)); escaped != string(cluster) {
		return escaped, utf8.RuneCountInString(escaped)
	}
	switch width.LookupRune(first).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return string(cluster), 2
	}
	return string(cluster), 1
}

// wrap breaks text at spaces into lines of at most this many columns, and keeps newlines.
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

// startText renders the start of a range as file:line:column.
func startText(r hcl.Range) string {
	return fmt.Sprintf("%s:%d:%d", plaintext.Escape(r.Filename), r.Start.Line, r.Start.Column)
}

// lowerFirst makes the summaries of HCL start in lower case like ours, unless the first word is all capitals.
func lowerFirst(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	if unicode.IsUpper(second) {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}

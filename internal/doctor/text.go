package doctor

import (
	"strconv"
	"strings"

	"tasks/internal/plaintext"
	"tasks/internal/view"
)

// Document is the document of `tasks doctor --json`.
type Document struct {
	FormatVersion int `json:"format_version"`
	// OK reports whether no finding is a problem.
	OK       bool      `json:"ok"`
	Findings []Finding `json:"findings"`
}

// Print writes the report to stdout, as a table or as a document.
func (r Report) Print(p *view.Printer, isJSON bool) error {
	if isJSON {
		return view.PrintJSON(p, Document{FormatVersion: view.FormatVersion, OK: !r.HasProblem(), Findings: r.Findings})
	}
	return p.PrintText(r.text(p.StdoutWidth()))
}

// defaultWidth is the width outside of a terminal.
const defaultWidth = 100

// text returns the report for a terminal with this number of columns; 0: no terminal.
func (r Report) text(width int) string {
	if width == 0 {
		width = defaultWidth
	}
	const column = 15
	marks := map[Status]string{OK: "✓ ", Warning: "! ", Problem: "✗ "}
	var b strings.Builder
	problems := 0
	for _, f := range r.Findings {
		fact := f.Fact
		if f.Node != "" {
			fact = f.Node + ": " + fact
		}
		b.WriteString(view.HangingText(marks[f.Status]+f.Check, column, plaintext.Message(fact), width))
		if f.Remedy != "" {
			b.WriteString(view.HangingText("", column, "→ "+plaintext.Message(f.Remedy), width))
		}
		if f.Status == Problem {
			problems++
		}
	}
	switch problems {
	case 0:
		b.WriteString("no problem found\n")
	case 1:
		b.WriteString("1 problem found\n")
	default:
		b.WriteString(strconv.Itoa(problems) + " problems found\n")
	}
	return b.String()
}

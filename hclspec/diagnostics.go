package hclspec

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// ProjectError is the Extra of the diagnostic that reports a compose project which could not be loaded.
type ProjectError struct {
	// Err is the error of [Inputs].Project, complete as it is.
	Err error
}

// errorAt makes an error at a place. The detail is a format.
func errorAt(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary,
		Detail: fmt.Sprintf(detail, args...), Subject: &at,
	}
}

// warningAt makes a warning at a place.
func warningAt(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	d := errorAt(at, summary, detail, args...)
	d.Severity = hcl.DiagWarning
	return d
}

// errorNoRange makes an error that has no place in a file, such as one about the command line.
func errorNoRange(summary, detail string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

// place renders the start of a range as file:line:column.
func posText(r hcl.Range) string {
	return fmt.Sprintf("%s:%d:%d", r.Filename, r.Start.Line, r.Start.Column)
}

// cycleExtra is the Extra of the diagnostic about a cycle.
type cycleExtra struct{}

// sortDiagnostics orders by file, then by position, those without a place first, and drops repetitions: a local that
// several tasks use is wrong once. Cycles come after all that: what is amiss in one place is mended before what is spread over
// several, and may be why there is a cycle.
func sortDiagnostics(diags hcl.Diagnostics, order map[string]int) hcl.Diagnostics {
	slices.SortStableFunc(diags, func(a, b *hcl.Diagnostic) int {
		switch {
		case a.Subject == nil && b.Subject == nil:
			return 0
		case a.Subject == nil:
			return -1
		case b.Subject == nil:
			return 1
		}
		return cmp.Or(
			cmp.Compare(cycleRank(a), cycleRank(b)),
			cmp.Compare(order[a.Subject.Filename], order[b.Subject.Filename]),
			cmp.Compare(a.Subject.Filename, b.Subject.Filename),
			cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte),
		)
	})
	return slices.CompactFunc(diags, isSameDiagnostic)
}

// cycleRank is 1 for cycles, and 0 for everything else.
func cycleRank(d *hcl.Diagnostic) int {
	if d.Extra == (cycleExtra{}) {
		return 1
	}
	return 0
}

func isSameDiagnostic(a, b *hcl.Diagnostic) bool {
	if a.Summary != b.Summary || a.Detail != b.Detail || (a.Subject == nil) != (b.Subject == nil) {
		return false
	}
	return a.Subject == nil || *a.Subject == *b.Subject
}

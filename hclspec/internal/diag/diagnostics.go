package diag

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// ErrorAt makes an error at a place. The detail is a format.
func ErrorAt(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary,
		Detail: fmt.Sprintf(detail, args...), Subject: &at,
	}
}

// WarningAt makes a warning at a place.
func WarningAt(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	d := ErrorAt(at, summary, detail, args...)
	d.Severity = hcl.DiagWarning
	return d
}

// Error makes an error that has no place in a file, such as one about the command line.
func Error(summary, detail string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

// place renders the start of a range as file:line:column.
func PosText(r hcl.Range) string {
	return fmt.Sprintf("%s:%d:%d", r.Filename, r.Start.Line, r.Start.Column)
}

// Sort orders by file, then by position, those without a place first, and drops repetitions: a local that
// several tasks use is wrong once. Cycles come after all that: what is amiss in one place is mended before what is spread over
// several, and may be why there is a cycle.
func Sort(diags hcl.Diagnostics, order map[string]int) hcl.Diagnostics {
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
	return slices.CompactFunc(diags, isSame)
}

// cycleRank is 1 for cycles, and 0 for everything else.
func cycleRank(d *hcl.Diagnostic) int {
	if d.Extra == (Cycle{}) {
		return 1
	}
	return 0
}

func isSame(a, b *hcl.Diagnostic) bool {
	if a.Summary != b.Summary || a.Detail != b.Detail || (a.Subject == nil) != (b.Subject == nil) {
		return false
	}
	return a.Subject == nil || *a.Subject == *b.Subject
}

func FirstError(diags hcl.Diagnostics) *hcl.Diagnostic {
	var first *hcl.Diagnostic
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if first == nil || d.Subject != nil && first.Subject != nil && d.Subject.Start.Byte < first.Subject.Start.Byte {
			first = d
		}
	}
	return first
}

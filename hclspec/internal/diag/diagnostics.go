package diag

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// ErrorAt makes an error at a place. The detail is a format. Its arguments of type [Text] give the data for programs.
func ErrorAt(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	d := Error(summary, detail, args...)
	d.Subject = &at
	return d
}

// WarningAt makes a warning at a place.
func WarningAt(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	d := ErrorAt(at, summary, detail, args...)
	d.Severity = hcl.DiagWarning
	return d
}

// Error makes an error without a place in a file, such as an error about the command line.
func Error(summary, detail string, args ...any) *hcl.Diagnostic {
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary}
	SetDetail(d, Textf(detail, args...))
	return d
}

// SetDetail replaces the detail of a diagnostic, and the data for programs with it.
func SetDetail(d *hcl.Diagnostic, detail Text) {
	d.Detail = detail.words
	kind := ExtraOf(d).Kind
	if detail.suggestion == "" && len(detail.related) == 0 {
		d.Extra = kind
		return
	}
	d.Extra = Extra{Suggestion: detail.suggestion, Related: detail.related, Kind: kind}
}

// AddData gives a diagnostic the data of a text. The detail already has the words.
func AddData(d *hcl.Diagnostic, part Text) {
	AppendDetail(d, Text{suggestion: part.suggestion, related: part.related})
}

// AppendDetail adds a text to the detail of a diagnostic.
func AppendDetail(d *hcl.Diagnostic, more Text) {
	extra := ExtraOf(d)
	detail := Text{words: d.Detail + more.words, suggestion: extra.Suggestion, related: extra.Related}
	detail.addData(more)
	SetDetail(d, detail)
}

// Sort orders diagnostics by file and position. Diagnostics without a place come first. Equal diagnostics are
// dropped: a wrong local may have several users. Cycles come last, because another mistake may be their cause.
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

// cycleRank returns 1 for cycles, else 0.
func cycleRank(d *hcl.Diagnostic) int {
	if IsKind[Cycle](d) {
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

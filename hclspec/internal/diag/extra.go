package diag

import "github.com/hashicorp/hcl/v2"

// Extra is the Extra of a diagnostic with data for programs.
type Extra struct {
	// Suggestion is the name or command that the author probably meant; empty without one.
	Suggestion string
	// Related are other places that the detail names, in the order of the detail.
	Related []hcl.Range
	// Kind is a value of another type of Extra, or nil.
	Kind any
}

// UnwrapDiagnosticExtra lets [hcl.DiagnosticExtra] find the kind.
func (e Extra) UnwrapDiagnosticExtra() any { return e.Kind }

// DiagnosticData returns the suggestion and the related places, for the views.
func (e Extra) DiagnosticData() (suggestion string, related []hcl.Range) {
	return e.Suggestion, e.Related
}

// ExtraOf returns the data of a diagnostic. A diagnostic without data has the zero value.
func ExtraOf(d *hcl.Diagnostic) Extra {
	extra, ok := d.Extra.(Extra)
	if !ok {
		extra.Kind = d.Extra
	}
	return extra
}

// SetKind gives a diagnostic a kind. Suggestions and places stay.
func SetKind(d *hcl.Diagnostic, kind any) {
	extra, ok := d.Extra.(Extra)
	if !ok {
		d.Extra = kind
		return
	}
	extra.Kind = kind
	d.Extra = extra
}

// IsKind reports whether a diagnostic has a kind of a type.
func IsKind[T any](d *hcl.Diagnostic) bool {
	_, is := hcl.DiagnosticExtra[T](d)
	return is
}

// FollowUp is the kind of a mistake that follows from a reported mistake. It is not reported.
type FollowUp struct{}

// Cycle is the kind of the diagnostic about a cycle.
type Cycle struct{}

// NonFatal is the kind of a mistake that takes nothing away. An unknown name is left out, and the rest of the file
// stands.
type NonFatal struct{}

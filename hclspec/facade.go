package hclspec

import (
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
	"tasks/hclspec/internal/shellwords"
	"tasks/internal/suggest"
)

// Secrets are texts that no output may show. The value is immutable.
type Secrets = secret.Secrets

// Masked stands in place of a secret.
const Masked = secret.Masked

// AddRelated gives a diagnostic other places that its detail names, for programs. A range without a file is none.
func AddRelated(d *hcl.Diagnostic, places ...hcl.Range) {
	for _, place := range places {
		if place.Filename != "" {
			diag.AddData(d, diag.Place(place))
		}
	}
}

// QuoteWords writes words so that a POSIX shell reads the same words.
func QuoteWords(words []string) string { return shellwords.Quote(words) }

// Nearest returns the candidate that a name probably means, or "".
func Nearest(name string, candidates []string) string { return suggest.Nearest(name, candidates) }

// DidYouMean renders the nearest candidate as the end of a message: ` Did you mean "x"?`, or nothing.
func DidYouMean(name string, candidates []string) string { return suggest.DidYouMean(name, candidates) }

package hclspec

import (
	"tasks/hclspec/internal/secret"
	"tasks/hclspec/internal/shellwords"
	"tasks/internal/suggest"
)

// Secrets are texts that no output may show. The value is immutable.
type Secrets = secret.Secrets

// Masked stands in place of a secret.
const Masked = secret.Masked

// QuoteWords writes words so that a POSIX shell reads the same words.
func QuoteWords(words []string) string { return shellwords.Quote(words) }

// Nearest returns the candidate that a name probably means, or "".
func Nearest(name string, candidates []string) string { return suggest.Nearest(name, candidates) }

// DidYouMean renders the nearest candidate as the end of a message: ` Did you mean "x"?`, or nothing.
func DidYouMean(name string, candidates []string) string { return suggest.DidYouMean(name, candidates) }

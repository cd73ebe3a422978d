package secret

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// Secrets are texts that no output may show, longest first: sensitive values, the results of expressions with
// them, and other spellings. The value is immutable.
type Secrets []string

// Masked stands in place of a secret.
const Masked = "***"

// minLength is the least number of characters of a secret. A shorter text appears in too many other words.
const minLength = 4

// Mask replaces every occurrence of a secret in a text. Occurrences that overlap become one mask, so that no part of a
// secret stays. A secret that was cut, as in "top...", is masked too.
func (s Secrets) Mask(text string) string {
	var found []span
	for _, secret := range s {
		for from := 0; ; {
			at := strings.Index(text[from:], secret)
			if at < 0 || secret == "" {
				break
			}
			found = append(found, span{from + at, from + at + len(secret)})
			from += at + 1
		}
	}
	for _, mark := range cutMarks {
		for from := 0; ; {
			at := strings.Index(text[from:], mark)
			if at < 0 {
				break
			}
			found = s.appendCut(found, text, from+at, from+at+len(mark))
			from += at + 1
		}
	}
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	var masked strings.Builder
	shown := 0 // the end of the text that is written or masked
	for i := 0; i < len(found); {
		start, end := found[i].start, found[i].end
		for i++; i < len(found) && found[i].start < end; i++ {
			end = max(end, found[i].end)
		}
		masked.WriteString(text[shown:start])
		masked.WriteString(Masked)
		shown = end
	}
	masked.WriteString(text[shown:])
	return masked.String()
}

// cutMarks stand where a text was cut.
var cutMarks = []string{"...", "…"}

// appendCut adds the beginning of a secret before a mark, and the end of a secret after the mark.
func (s Secrets) appendCut(found []span, text string, start, end int) []span {
	for _, secret := range s {
		if start >= minLength && strings.Contains(secret, text[start-minLength:start]) {
			for length := len(secret) - 1; length >= minLength; length-- {
				if strings.HasSuffix(text[:start], secret[:length]) {
					found = append(found, span{start - length, start})
					break
				}
			}
		}
		if len(text) >= end+minLength && strings.Contains(secret, text[end:end+minLength]) {
			for length := len(secret) - 1; length >= minLength; length-- {
				if strings.HasPrefix(text[end:], secret[len(secret)-length:]) {
					found = append(found, span{end, end + length})
					break
				}
			}
		}
	}
	return found
}

// span is a part of a text.
type span struct{ start, end int }

// Diagnostics returns copies of diagnostics with masked texts.
func (s Secrets) Diagnostics(diags hcl.Diagnostics) hcl.Diagnostics {
	if len(s) == 0 {
		return diags
	}
	masked := make(hcl.Diagnostics, len(diags))
	for i, d := range diags {
		copied := *d
		copied.Summary, copied.Detail = s.Mask(d.Summary), s.Mask(d.Detail)
		if extra := diag.ExtraOf(d); extra.Suggestion != "" {
			extra.Suggestion = s.Mask(extra.Suggestion)
			copied.Extra = extra
		}
		masked[i] = &copied
	}
	return masked
}

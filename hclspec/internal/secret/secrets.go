package secret

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/diag"
	"tasks/internal/plaintext"
)

// Secrets are texts that no output may show, longest first: sensitive values, the results of expressions with
// them, and other spellings. The value is immutable.
type Secrets []string

// Masked stands in place of a secret.
const Masked = "***"

// minLength is the least number of characters of a secret. A shorter text appears in too many other words.
const minLength = 4

// Mask replaces every secret in a text.
func (s Secrets) Mask(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, Masked)
	}
	return text
}

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

// Set collects secrets during an evaluation.
type Set struct {
	texts map[string]bool
	// exempted are texts that the author declares to be no secrets.
	exempted map[string]bool
}

func NewSet() *Set {
	return &Set{texts: map[string]bool{}, exempted: map[string]bool{}}
}

func (c *Set) Clone() *Set {
	return &Set{texts: maps.Clone(c.texts), exempted: maps.Clone(c.exempted)}
}

// Secrets returns the collected texts with their spellings. Output may show text line by line, so each line counts
// too.
func (c *Set) Secrets() Secrets {
	all := map[string]bool{}
	for text := range c.texts {
		if c.exempted[text] {
			continue
		}
		for line := range strings.Lines(text) {
			addVariants(all, strings.TrimSpace(line))
		}
		addVariants(all, strings.TrimRight(text, "\r\n"))
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
}

// addVariants adds a secret as is, and in the quoted spellings of JSON, of Go and of a shell.
func addVariants(into map[string]bool, text string) {
	if utf8.RuneCountInString(text) < minLength {
		return
	}
	into[text] = true
	into[strings.ReplaceAll(text, "'", `'\''`)] = true
	into[plaintext.Escape(text)] = true // where text is escaped before it is masked
	quoted := strconv.Quote(text)
	into[quoted[1:len(quoted)-1]] = true
	if encoded, err := json.Marshal(text); err == nil {
		into[string(encoded[1:len(encoded)-1])] = true
	}
}

// Mark is the cty mark of sensitive values.
type Mark struct{}

// Add adds the texts and numbers in a value. Bools are no secrets: a masked "true" would tell more.
func (c *Set) Add(v cty.Value) {
	eachText(v, func(text string) { c.texts[text] = true })
}

// Exempt takes the texts and numbers in a value out of the secrets.
func (c *Set) Exempt(v cty.Value) {
	eachText(v, func(text string) { c.exempted[text] = true })
}

// eachText passes the texts in a value, and the numbers as text. The value has no marks.
func eachText(v cty.Value, do func(text string)) {
	// The callback returns no error.
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsNull() || !v.IsKnown() || v.Type() != cty.String && v.Type() != cty.Number {
			return true, nil
		}
		if text, err := convert.Convert(v, cty.String); err == nil {
			do(text.AsString())
		}
		return true, nil
	})
}

// Unmark removes the marks from a value for use, and adds the marked parts.
func (c *Set) Unmark(v cty.Value) cty.Value {
	if v == cty.NilVal || !v.ContainsMarked() {
		return v
	}
	plain, marked := v.UnmarkDeepWithPaths()
	for _, m := range marked {
		part, err := m.Path.Apply(plain)
		if err != nil {
			part = plain // an element of a set
		}
		c.Add(part)
	}
	return plain
}

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
)

// Secrets are texts that must not be shown, the longest first: sensitive values, what expressions have made of them, and
// other spellings of both. It is immutable.
type Secrets []string

// Masked is what is shown in place of a secret.
const Masked = "***"

// minLength is the number of characters from which on a value is masked: a shorter one is found in too much else.
const minLength = 4

// Mask replaces every secret in a text.
func (s Secrets) Mask(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, Masked)
	}
	return text
}

// Diagnostics gives the same mistakes without the secrets that they quote.
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

// Set gathers secrets while expressions are evaluated.
type Set struct {
	texts map[string]bool
	// shown are the texts that the author says are none.
	exempted map[string]bool
}

func NewSet() *Set {
	return &Set{texts: map[string]bool{}, exempted: map[string]bool{}}
}

func (c *Set) Clone() *Set {
	return &Set{texts: maps.Clone(c.texts), exempted: maps.Clone(c.exempted)}
}

// Secrets are the texts that were gathered, each with its spellings. Of text of several lines, which may be shown line by
// line, each line is one as well.
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

// addVariants adds a secret as it is, and as it looks inside the quotes of JSON, of Go and of a shell.
func addVariants(into map[string]bool, text string) {
	if utf8.RuneCountInString(text) < minLength {
		return
	}
	into[text] = true
	into[strings.ReplaceAll(text, "'", `'\''`)] = true
	quoted := strconv.Quote(text)
	into[quoted[1:len(quoted)-1]] = true
	if encoded, err := json.Marshal(text); err == nil {
		into[string(encoded[1:len(encoded)-1])] = true
	}
}

// Mark is the mark of values that must not be shown.
type Mark struct{}

// Add remembers the texts and numbers in a value. Bools are no secrets: masking every "true" would tell more.
func (c *Set) Add(v cty.Value) {
	eachText(v, func(text string) { c.texts[text] = true })
}

// Exempt takes the texts and numbers in a value out of the secrets.
func (c *Set) Exempt(v cty.Value) {
	eachText(v, func(text string) { c.exempted[text] = true })
}

// eachText gives the texts, and the numbers as text, in a value without marks.
func eachText(v cty.Value, do func(text string)) {
	// The callback gives no error.
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

// Unmark takes the marks off a value that is going to be used, and remembers what was marked.
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

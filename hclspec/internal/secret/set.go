package secret

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/internal/plaintext"
)

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

// addVariants adds a secret as is, and in the spellings of a shell, of Go, of JSON and of HCL.
func addVariants(into map[string]bool, text string) {
	if utf8.RuneCountInString(text) < minLength {
		return
	}
	into[text] = true
	into[strings.ReplaceAll(text, "'", `'\''`)] = true
	into[plaintext.Escape(text)] = true // where text is escaped before it is masked
	quoted := strconv.Quote(text)
	quoted = quoted[1 : len(quoted)-1]
	into[quoted] = true
	into[strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quoted)] = true
	for _, escapesHTML := range []bool{true, false} {
		into[jsonSpelling(text, escapesHTML)] = true
	}
}

// jsonSpelling returns a text as in a JSON document, without the quotes.
func jsonSpelling(text string, escapesHTML bool) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(escapesHTML)
	_ = encoder.Encode(text) // a string has no errors, and a buffer neither
	quoted := strings.TrimSuffix(out.String(), "\n")
	return quoted[1 : len(quoted)-1]
}

// Mark is the cty mark of sensitive values.
type Mark struct {
	// IsWord reports that the value is an argument of a task. Arguments are words, and lose the mark of their value. The
	// name of the task's run shows a text that is made of such a value, with the secret in the text masked.
	IsWord bool
}

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

// Unmark removes the marks from a value for use, and adds the marked parts. A text with an argument in the text is
// added only if the text contains no secret.
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
		if _, isSensitive := m.Marks[Mark{}]; isSensitive {
			c.Add(part)
		} else {
			c.AddDerived(part)
		}
	}
	return plain
}

// AddDerived adds the texts of a value that was made of sensitive values. Texts that contain a known secret are left
// out: masking the secret in such a text is enough. Plain values give the other texts to leave out.
func (c *Set) AddDerived(v cty.Value, plain ...cty.Value) {
	known := map[string]bool{}
	for _, p := range plain {
		eachText(p, func(text string) { known[text] = true })
	}
	v, _ = v.UnmarkDeep()
	var derived []string
	eachText(v, func(text string) {
		if !known[text] && !c.Contains(text) {
			derived = append(derived, text)
		}
	})
	for _, text := range derived {
		c.texts[text] = true
	}
}

// Contains reports whether a text contains a secret.
func (c *Set) Contains(text string) bool {
	if c.texts[text] {
		return !c.exempted[text]
	}
	for secret := range c.texts {
		if len(secret) < len(text) && !c.exempted[secret] && utf8.RuneCountInString(secret) >= minLength &&
			strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

// MarkKnown returns a value with the mark if one of its texts is a secret. Words of a command line lose their marks.
func (c *Set) MarkKnown(v cty.Value) cty.Value {
	if len(c.texts) == 0 || v == cty.NilVal || v.ContainsMarked() {
		return v
	}
	isSecret := false
	eachText(v, func(text string) {
		isSecret = isSecret || c.texts[text] && !c.exempted[text] && utf8.RuneCountInString(text) >= minLength
	})
	if isSecret {
		return v.Mark(Mark{IsWord: true})
	}
	return v
}

// AddWords adds the words of a text that is a secret as a whole, and not by another secret in the text.
func (c *Set) AddWords(text string) {
	if !c.texts[text] || c.exempted[text] {
		return
	}
	for secret := range c.texts {
		if secret != text && utf8.RuneCountInString(secret) >= minLength && strings.Contains(text, secret) {
			return
		}
	}
	for _, word := range strings.Fields(text) {
		c.texts[word] = true
	}
}

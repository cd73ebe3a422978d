package hclspec

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
	"github.com/zclconf/go-cty/cty/function"
)

// Secrets are texts that must not be shown, the longest first: sensitive values, what expressions have made of them, and
// other spellings of both. It is immutable.
type Secrets []string

// Masked is what is shown in place of a secret.
const Masked = "***"

// shortestSecret is the number of characters from which on a value is masked: a shorter one is found in too much else.
const shortestSecret = 4

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
		masked[i] = &copied
	}
	return masked
}

// concealed gathers secrets while expressions are evaluated.
type concealed struct {
	texts map[string]bool
	// shown are the texts that the author says are none.
	shown map[string]bool
}

func newConcealed() *concealed {
	return &concealed{texts: map[string]bool{}, shown: map[string]bool{}}
}

func (c *concealed) clone() *concealed {
	return &concealed{texts: maps.Clone(c.texts), shown: maps.Clone(c.shown)}
}

// secrets are the texts that were gathered, each with its spellings. Of text of several lines, which may be shown line by
// line, each line is one as well.
func (c *concealed) secrets() Secrets {
	all := map[string]bool{}
	for text := range c.texts {
		if c.shown[text] {
			continue
		}
		for line := range strings.Lines(text) {
			spell(all, strings.TrimSpace(line))
		}
		spell(all, strings.TrimRight(text, "\r\n"))
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
}

// spell adds a secret as it is, and as it looks inside the quotes of JSON, of Go and of a shell.
func spell(into map[string]bool, text string) {
	if utf8.RuneCountInString(text) < shortestSecret {
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

// sensitive is the mark of values that must not be shown.
type sensitive struct{}

// conceal remembers the texts and numbers in a value. Bools are no secrets: masking every "true" would tell more.
func (c *concealed) conceal(v cty.Value) {
	each(v, func(text string) { c.texts[text] = true })
}

// each gives the texts, and the numbers as text, in a value without marks.
func each(v cty.Value, do func(text string)) {
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

// reveal takes the marks off a value that is going to be used, and remembers what was marked.
func (c *concealed) reveal(v cty.Value) cty.Value {
	if v == cty.NilVal || !v.ContainsMarked() {
		return v
	}
	plain, marked := v.UnmarkDeepWithPaths()
	for _, m := range marked {
		part, err := m.Path.Apply(plain)
		if err != nil {
			part = plain // an element of a set
		}
		c.conceal(part)
	}
	return plain
}

func secrecyFunctions() []Function {
	return []Function{
		{Name: "nonsensitive", Doc: "a value that may be shown, though it was made of sensitive ones", Example: `nonsensitive(sensitive("a"))`, Result: `"a"`, make: nonsensitiveFunc},
		{Name: "sensitive", Doc: "a value that is masked in all that is printed", Example: `sensitive("a")`, Result: `sensitive("a")`, make: fixed(sensitiveFunc())},
	}
}

// passing is the parameter of a function that looks through marks.
func passing() []function.Parameter {
	return []function.Parameter{{
		Name: "value", Type: cty.DynamicPseudoType,
		AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}}
}

func sensitiveFunc() function.Function {
	return function.New(&function.Spec{
		Params: passing(),
		Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0].Mark(sensitive{}), nil },
	})
}

func nonsensitiveFunc(h host) function.Function {
	return function.New(&function.Spec{
		Params: passing(),
		Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			plain, _ := args[0].UnmarkDeep()
			if h.concealed != nil {
				each(plain, func(text string) { h.concealed.shown[text] = true })
			}
			return plain, nil
		},
	})
}

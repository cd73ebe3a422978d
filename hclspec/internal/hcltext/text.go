package hcltext

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// The output equals the output of hclwrite. The package does not import hclwrite, because its tests' comparison
// library has package variables, and each start of the program would pay for them.

// Assignment is a line of a block or an object: a name and its value as HCL.
type Assignment struct{ Name, Value string }

// WriteAssignments writes lines with aligned equals signs. A value of several lines ends the alignment.
func WriteAssignments(b *strings.Builder, indent string, list []Assignment) {
	for len(list) > 0 {
		n := slices.IndexFunc(list, func(a Assignment) bool { return strings.Contains(a.Value, "\n") })
		if n < 0 {
			n = len(list)
		}
		width := 0
		for _, a := range list[:n] {
			width = max(width, diag.CountGraphemes([]byte(a.Name)))
		}
		for _, a := range list[:n] {
			padding := strings.Repeat(" ", width-diag.CountGraphemes([]byte(a.Name)))
			fmt.Fprintf(b, "%s%s%s = %s\n", indent, a.Name, padding, a.Value)
		}
		if list = list[n:]; len(list) > 0 {
			value := strings.ReplaceAll(list[0].Value, "\n", "\n"+indent)
			fmt.Fprintf(b, "%s%s = %s\n", indent, list[0].Name, value)
			list = list[1:]
		}
	}
}

func Tuple(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = Quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Object writes a non-empty object with a line for each entry.
func Object(entries map[string]string) string {
	var list []Assignment
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		list = append(list, Assignment{keyText(key), Quote(entries[key])})
	}
	var b strings.Builder
	WriteAssignments(&b, "  ", list)
	return "{\n" + b.String() + "}"
}

// Quote quotes a string. Template sequences are escaped.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range text {
		switch {
		case (r == '$' || r == '%') && strings.HasPrefix(text[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(escapeText(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

func escapeText(r rune) string {
	switch r {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// keyText returns a key of an object, quoted if the key is no identifier.
func keyText(key string) string {
	if key == "for" || !hclsyntax.ValidIdentifier(key) { // a first `for` would begin an expression
		return Quote(key)
	}
	return key
}

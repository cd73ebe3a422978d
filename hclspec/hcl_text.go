package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// This is what hclwrite would write, which is not used here: for its own tests it brings along a comparison library, whose
// package variables each start of the program would pay for.

// assignment is a line of a block or an object: a name and its value as HCL.
type assignment struct{ name, value string }

// writeAssignments writes lines with their equals signs below each other, where they follow one another; a value of
// several lines stands on its own.
func writeAssignments(b *strings.Builder, indent string, list []assignment) {
	for len(list) > 0 {
		n := slices.IndexFunc(list, func(a assignment) bool { return strings.Contains(a.value, "\n") })
		if n < 0 {
			n = len(list)
		}
		width := 0
		for _, a := range list[:n] {
			width = max(width, countGraphemes([]byte(a.name)))
		}
		for _, a := range list[:n] {
			padding := strings.Repeat(" ", width-countGraphemes([]byte(a.name)))
			fmt.Fprintf(b, "%s%s%s = %s\n", indent, a.name, padding, a.value)
		}
		if list = list[n:]; len(list) > 0 {
			value := strings.ReplaceAll(list[0].value, "\n", "\n"+indent)
			fmt.Fprintf(b, "%s%s = %s\n", indent, list[0].name, value)
			list = list[1:]
		}
	}
}

func tupleText(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = stringText(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// objectText writes an object that is not empty, a line for each entry.
func objectText(entries map[string]string) string {
	var list []assignment
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		list = append(list, assignment{keyText(key), stringText(entries[key])})
	}
	var b strings.Builder
	writeAssignments(&b, "  ", list)
	return "{\n" + b.String() + "}"
}

// stringText quotes a string so that nothing in it is a template.
func stringText(text string) string {
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

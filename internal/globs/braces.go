package globs

import "strings"

// maxAlternatives is the largest number of globs that the braces of a glob stand for.
const maxAlternatives = 1000

// expandBraces returns the globs without braces for a valid glob: a{b,c} is ab and ac.
func expandBraces(text string) []string {
	open := indexUnescaped(text, 0, '{')
	if open < 0 {
		return []string{text}
	}
	choices, end := choicesAt(text, open)
	if end < 0 {
		return []string{text}
	}
	var all []string
	for _, rest := range expandBraces(text[end:]) {
		for _, choice := range choices {
			for _, middle := range expandBraces(choice) {
				if all = append(all, text[:open]+middle+rest); len(all) > maxAlternatives {
					return all
				}
			}
		}
	}
	return all
}

// choicesAt returns the texts between the commas of a brace, and the index after the closing brace or -1.
func choicesAt(text string, open int) (choices []string, end int) {
	depth, start := 0, open+1
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			i = skipClass(text, i)
		case '{':
			depth++
		case ',':
			if depth == 1 {
				choices, start = append(choices, text[start:i]), i+1
			}
		case '}':
			if depth--; depth == 0 {
				return append(choices, text[start:i]), i + 1
			}
		}
	}
	return nil, -1
}

// indexUnescaped returns the index of a character outside of escapes and character classes, or -1.
func indexUnescaped(text string, from int, wanted byte) int {
	for i := from; i < len(text); i++ {
		switch text[i] {
		case wanted:
			return i
		case '\\':
			i++
		case '[':
			i = skipClass(text, i)
		}
	}
	return -1
}

// skipClass returns the index of the last character of a class like [a-z], or of the text.
func skipClass(text string, open int) int {
	for i := open + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ']':
			return i
		}
	}
	return len(text)
}

// hasWildcard reports whether a name has an unescaped wildcard.
func hasWildcard(name string) bool {
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case '*', '?', '[':
			return true
		}
	}
	return false
}

// unescape removes the escapes of a name without wildcards.
func unescape(name string) string {
	if !strings.Contains(name, `\`) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '\\' && i+1 < len(name) {
			i++
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

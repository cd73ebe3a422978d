package starter

import (
	"regexp"
	"strings"
)

// makeLine is a logical line of a Makefile: lines with a backslash at the end are one.
type makeLine struct {
	number int
	text   string
	// isRecipe reports a line that begins with a tab.
	isRecipe bool
}

// makeLines splits a Makefile into logical lines. Bodies of `define` are left out. Lines inside of conditionals have a
// mark.
func makeLines(content string) []makeLine {
	var lines []makeLine
	physical := strings.Split(content, "\n")
	depth, isDefine := 0, false
	for i := 0; i < len(physical); i++ {
		line := makeLine{number: i + 1, text: physical[i], isRecipe: strings.HasPrefix(physical[i], "\t")}
		i = line.addContinuations(physical, i)
		word := firstWord(line.text)
		if !line.isRecipe {
			switch word {
			case "ifeq", "ifneq", "ifdef", "ifndef", "define":
				if depth++; depth == 1 {
					lines = append(lines, line)
					isDefine = word == "define"
				}
				continue
			case "endif", "endef":
				depth = max(0, depth-1)
				continue
			}
		}
		switch {
		case depth > 0 && !isDefine:
			lines = append(lines, makeLine{number: line.number, text: conditionalMark + line.text})
		case depth == 0:
			lines = append(lines, line)
		}
	}
	return lines
}

// addContinuations adds the lines behind a backslash at the end, and returns the index of the last line.
func (l *makeLine) addContinuations(physical []string, i int) int {
	if !hasContinuation(physical[i]) {
		return i
	}
	var b strings.Builder
	for ; hasContinuation(physical[i]) && i+1 < len(physical); i++ {
		if l.isRecipe {
			b.WriteString(strings.TrimPrefix(physical[i], "\t") + "\n")
		} else {
			b.WriteString(strings.TrimSpace(strings.TrimSuffix(physical[i], `\`)) + " ")
		}
	}
	if l.isRecipe {
		l.text = "\t" + b.String() + strings.TrimPrefix(physical[i], "\t")
	} else {
		l.text = b.String() + strings.TrimSpace(physical[i])
	}
	return i
}

// hasContinuation reports whether a line ends with an odd number of backslashes.
func hasContinuation(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// conditionalMark begins a line inside of a conditional.
const conditionalMark = "\x01"

func firstWord(s string) string {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return ""
	}
	return fields[0]
}

// assignmentPattern matches a variable assignment.
func assignmentPattern() *regexp.Regexp {
	return regexp.MustCompile(`^\s*((?:export|override|private|unexport)\s+)*([\w.-]+)\s*(\?=|:::?=|:=|\+=|!=|=)\s*(.*)$`)
}

// splitComment splits a line at the comment. `\#` is no comment.
func splitComment(s string) (before, comment string) {
	for i := 0; i < len(s); i++ {
		if s[i] == '#' && (i == 0 || s[i-1] != '\\') {
			return strings.TrimRight(s[:i], " \t"), s[i:]
		}
	}
	return s, ""
}

// ruleColon returns the place of the colon of a rule; -1, where the line is no rule. Colons inside of references do not
// count.
func ruleColon(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case '=':
			if depth == 0 {
				return -1
			}
		case ':':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// docComment returns the text of a comment for people: `## text` beside a rule, or the comment lines above.
func docComment(lines []string) string {
	var words []string
	for _, line := range lines {
		line = strings.TrimSpace(strings.TrimLeft(line, "#"))
		line = strings.TrimPrefix(line, "@ ")
		if strings.Trim(line, "-=*#~_ ") != "" {
			words = append(words, line)
		} else {
			words = nil
		}
	}
	if len(words) > maxDocLines {
		return ""
	}
	return strings.Join(words, " ")
}

// maxDocLines is the number of comment lines above a rule that are a description. More lines are no description.
const maxDocLines = 2

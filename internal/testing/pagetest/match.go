package pagetest

import (
	"os"
	"regexp"
	"slices"
	"strings"
)

// Block is a fenced block of a page.
type Block struct {
	Language, Text string
	// File is the name of the file that the text before the block names: Write `NAME`.
	File string
	// AnyOrder reports whether the lines of output may come in any order, with any lines between: the line before the
	// block is <!-- any order -->.
	AnyOrder bool
}

var (
	fence    = regexp.MustCompile("(?s)(.*?)\n```([a-z]+)\n(.*?)\n```\n")
	fileName = regexp.MustCompile("(?s)[Ww]rite\\s`([^`]+)`")
	// duration is a quoted duration.
	duration = regexp.MustCompile(`([0-9]+ m )?[0-9]+(\\\.[0-9]+)? m?s\b`)
)

const anyOrder = "<!-- any order -->"

// Read returns the fenced blocks of a page.
func Read(page string) ([]Block, error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	var blocks []Block
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		b := Block{Language: m[2], Text: m[3], AnyOrder: strings.HasSuffix(m[1], anyOrder)}
		if names := fileName.FindAllStringSubmatch(m[1], -1); len(names) > 0 {
			b.File = names[len(names)-1][1]
		}
		blocks = append(blocks, b)
	}
	return blocks, nil
}

// Matches reports whether a text has the wanted lines and no others. "..." stands for any lines, or for the rest of a
// line. Durations may differ.
func Matches(want, got string) bool {
	var pattern strings.Builder
	for _, line := range strings.Split(want, "\n") {
		if line == "..." {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		pattern.WriteString(linePattern(line) + `\n`)
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(strings.TrimRight(got, "\n") + "\n")
}

// ContainsLines reports whether a text has the wanted lines, in any order.
func ContainsLines(want, got string) bool {
	return !slices.ContainsFunc(strings.Split(want, "\n"), func(line string) bool {
		return line != "..." && !regexp.MustCompile("(?m)^"+linePattern(line)+"$").MatchString(got)
	})
}

// linePattern is the regular expression of a line.
func linePattern(line string) string {
	quoted := duration.ReplaceAllString(regexp.QuoteMeta(line), `[0-9m. ]+ m?s`)
	if rest, isCut := strings.CutSuffix(quoted, `\.\.\.`); isCut {
		quoted = strings.TrimSuffix(rest, " ") + ".*"
	}
	return quoted
}

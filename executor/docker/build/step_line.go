package build

import (
	"bytes"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stepLine finds a step, "[2/3] RUN make", in the Dockerfile. Engines before 23.0 report the failed step without the
// line. The result is zero if several lines fit, or no line. The name of a step has the values of variables, so a line
// may not fit.
func (p *buildPlan) stepLine(step string) int {
	parsed, err := parser.Parse(bytes.NewReader(p.dockerfileText))
	if err != nil {
		return 0
	}
	if strings.HasPrefix(step, "[") {
		_, step, _ = strings.Cut(step, "] ")
	}
	found, wanted := 0, instruction(step)
	for _, node := range parsed.AST.Children {
		switch {
		case instruction(node.Original) != wanted:
		case found > 0:
			return 0
		default:
			found = node.StartLine
		}
	}
	return found
}

// instruction normalizes an instruction for a comparison. BuildKit writes the first word in capitals, and blanks
// unchanged.
func instruction(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	words[0] = strings.ToUpper(words[0])
	return strings.Join(words, " ")
}

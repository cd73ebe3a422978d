package build

import (
	"bytes"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stepLine finds a step, "[2/3] RUN make", in the Dockerfile: engines before 23.0 tell what failed and not where. Zero: it may
// be in several lines, or in none, because the name of a step has its variables put in.
func (p *buildPlan) stepLine(step string) int {
	content, err := p.readDockerfile()
	if err != nil {
		return 0
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
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

func (p *buildPlan) readDockerfile() ([]byte, error) {
	if inline := p.request.Config.DockerfileInline; inline != "" {
		return []byte(inline), nil
	}
	return os.ReadFile(p.dockerfile)
}

// instruction is how an instruction can be compared: BuildKit writes its first word large, and blanks as they come.
func instruction(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	words[0] = strings.ToUpper(words[0])
	return strings.Join(words, " ")
}

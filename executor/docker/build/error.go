package build

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	bkerrdefs "github.com/moby/buildkit/solver/errdefs"
)

// Error is a failed build.
type Error struct {
	// Step is the failing step, "[2/3] RUN make", or empty before the first step.
	Step string
	// File and Line are the place in the Dockerfile. Line is 0 if unknown.
	File string
	Line int
	// Log has the last lines of the step.
	Log []string
	Err error
}

func (e *Error) Error() string {
	var text strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&text, "%s:%d: ", e.File, e.Line)
	}
	text.WriteString(e.fact())
	if len(e.Log) > 0 {
		text.WriteString("\nthe step's last lines:\n  " + strings.Join(e.Log, "\n  "))
	}
	return text.String()
}

func (e *Error) Unwrap() error { return e.Err }

// maxInstruction is the number of characters of an instruction in the first line of an error. The rest is in the
// Dockerfile.
const maxInstruction = 72

// fact says which instruction failed, and why. BuildKit repeats the command of a failed RUN.
func (e *Error) fact() string {
	step := e.Step
	if strings.HasPrefix(step, "[") && !strings.HasPrefix(step, "[internal] ") {
		_, step, _ = strings.Cut(step, "] ")
	}
	step, _, _ = strings.Cut(step, "\n")
	if runes := []rune(step); len(runes) > maxInstruction {
		step = string(runes[:maxInstruction-1]) + "…"
	}
	message := messageOf(e.Err)
	if code := runFailure().FindStringSubmatch(message); code != nil && step != "" {
		return step + " failed with exit code " + code[1]
	}
	if missing := missingSource().FindStringSubmatch(message); missing != nil && step != "" {
		source := strings.TrimPrefix(missing[1], "/")
		return step + ": " + source + " is not in the build context, or .dockerignore excludes it"
	}
	if base, isBase := strings.CutPrefix(step, "[internal] load metadata for "); isBase {
		step = "base image " + base + " cannot be read"
	}
	if step == "" || e.isParseError() {
		return parseError().ReplaceAllString(message, "")
	}
	return step + ": " + message
}

func (e *Error) isParseError() bool { return parseError().MatchString(e.Err.Error()) }

// parseError matches BuildKit's message about the syntax of a Dockerfile: of engines before 23.0, and since.
var parseError = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`dockerfile parse error (?:on )?line (\d+): `)
})

// runFailure matches BuildKit's message about a failed RUN: of engines before 23.0, and since.
var runFailure = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`(?s)(?:executor failed running \[.*\]|process ".*" did not complete successfully): exit code: (\d+)`)
})

// missingSource matches BuildKit's message about a missing source of COPY or ADD: of engines before 23.0, and since.
var missingSource = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`failed to (?:compute cache key|calculate checksum of ref \S+): "([^"]+)"(?: not found)?: not found`)
})

// messageOf removes the prefixes that transports add to a message.
func messageOf(err error) string {
	text := err.Error()
	for _, prefix := range []string{
		"failed to solve: ", "rpc error: code = Unknown desc = ", "failed to solve with frontend dockerfile.v0: ",
		"failed to create LLB definition: ", "failed to read dockerfile: ",
	} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

// withStep adds the failed step and the place to BuildKit's error.
func (w *buildState) withStep(err error, p *buildPlan) error {
	e := &Error{Err: p.request.withAdvice(err), File: p.shownDockerfile()}
	for _, source := range bkerrdefs.Sources(err) {
		if len(source.Ranges) > 0 && source.Ranges[0].Start != nil {
			e.Line = int(source.Ranges[0].Start.Line)
		}
	}
	if found := parseError().FindStringSubmatch(err.Error()); found != nil && e.Line == 0 {
		e.Line, _ = strconv.Atoi(found[1])
	}
	if w.failed != nil {
		e.Step, e.Log = w.failed.name, w.failed.tail()
		if e.Line == 0 {
			e.Line = p.stepLine(e.Step)
		}
	}
	return e
}

// shownDockerfile is the name of the Dockerfile in messages: relative to the folder of the project, if inside.
func (p *buildPlan) shownDockerfile() string {
	if dir := p.request.ProjectDir; dir != "" && filepath.IsAbs(p.dockerfile) {
		if relative, err := filepath.Rel(dir, p.dockerfile); err == nil && filepath.IsLocal(relative) {
			return relative
		}
	}
	return p.dockerfile
}

// withAdvice adds advice to a known error.
func (r *Request) withAdvice(err error) error {
	if !strings.Contains(err.Error(), "not allowed by build daemon configuration") {
		return err
	}
	attribute := "entitlements"
	if r.Config.Privileged {
		attribute = "privileged"
	}
	const format = "%s; it is switched on by builder.entitlements in the engine's daemon.json"
	return r.errorAt(fmt.Errorf(format, messageOf(err)), attribute)
}

// explainMissingBuildKit explains the error of an engine without BuildKit, such as Podman's service.
func explainMissingBuildKit(err error) error {
	if err == nil || !strings.Contains(err.Error(), "unable to upgrade to h2c, received 404") {
		return err
	}
	return errors.New("this engine has no BuildKit (Docker Engine has it since 20.10, Podman does not): " +
		"build the image with the engine's own tools, under this name")
}

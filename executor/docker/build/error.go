package build

import (
	"errors"
	"fmt"
	"strings"

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
	if e.Step != "" {
		fmt.Fprintf(&text, "%s: ", e.Step)
	}
	text.WriteString(messageOf(e.Err))
	if len(e.Log) > 0 {
		text.WriteString("\nthe step's last lines:\n  " + strings.Join(e.Log, "\n  "))
	}
	return text.String()
}

func (e *Error) Unwrap() error { return e.Err }

// messageOf removes the prefixes that transports add to a message.
func messageOf(err error) string {
	text := err.Error()
	for _, prefix := range []string{"failed to solve: ", "rpc error: code = Unknown desc = "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

// withStep adds the failed step and the place to BuildKit's error.
func (w *buildState) withStep(err error, p *buildPlan) error {
	e := &Error{Err: p.request.withAdvice(err), File: p.dockerfile}
	for _, source := range bkerrdefs.Sources(err) {
		if len(source.Ranges) > 0 && source.Ranges[0].Start != nil {
			e.Line = int(source.Ranges[0].Start.Line)
		}
	}
	if w.failed != nil {
		e.Step, e.Log = w.failed.name, w.failed.tail()
		if e.Line == 0 {
			e.Line = p.stepLine(e.Step)
		}
	}
	return e
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

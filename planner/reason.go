package planner

import (
	"fmt"
	"slices"
	"strings"
)

// Reason says why a step exists, or why a verb was chosen: a code with arguments.
type Reason struct {
	Code ReasonCode
	Args []string
}

// Reasons are the reasons of a step. The first reason explains the verb; all others are additions.
type Reasons []Reason

// because makes the first reason of a step.
func because(code ReasonCode, args ...string) Reasons { return Reasons{{Code: code, Args: args}} }

// and returns the reasons with an addition.
func (r Reasons) and(code ReasonCode, args ...string) Reasons {
	return append(slices.Clip(r), Reason{Code: code, Args: args})
}

// Has reports whether a code is among the reasons.
func (r Reasons) Has(code ReasonCode) bool {
	return slices.ContainsFunc(r, func(reason Reason) bool { return reason.Code == code })
}

// String renders the reasons for the user.
func (r Reasons) String() string {
	var text strings.Builder
	for _, reason := range r {
		args := make([]any, len(reason.Args))
		for i, a := range reason.Args {
			args[i] = a
		}
		fmt.Fprintf(&text, reasonTexts[reason.Code], args...)
	}
	return text.String()
}

// decide sets the verb of a step with the first reason.
func (s *Step) decide(verb Verb, code ReasonCode, args ...string) {
	s.Verb, s.Reason = verb, because(code, args...)
}

// addReason adds to the reasons of a step.
func (s *Step) addReason(code ReasonCode, args ...string) { s.Reason = s.Reason.and(code, args...) }

package planner

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

// StepID names a step within its plan: "network/default", "image/app-web", "container/db", "start/db",
// "wait/db/service_healthy", "create/migrate", "task/migrate"; "ns:/container/db" in another scope than the files' own.
type StepID string

// Verb says what a step does, as shown to the user.
type Verb string

// The verbs of a plan.
const (
	Create     Verb = "create"
	Recreate   Verb = "recreate"
	Reuse      Verb = "reuse"
	Start      Verb = "start"
	Stop       Verb = "stop"
	Unpause    Verb = "unpause"
	PullImage  Verb = "pull"
	BuildImage Verb = "build"
	Wait       Verb = "wait"
	Run        Verb = "run"
	Exec       Verb = "exec"
	Group      Verb = "group"
	Remove     Verb = "remove"
	Skip       Verb = "skip"
	Inspect    Verb = "look"
)

// Step is one action on one thing, with its reason.
type Step struct {
	ID StepID
	// Scope says which of the plan's compose projects it is about.
	Scope  string
	Verb   Verb
	Action Action
	// Reason says why the verb was chosen, in words for the user.
	Reason string
	// UpToDateCheck is how the task that the step runs is found to be up to date; nil: it always runs.
	Check *UpToDateCheck
	// Needs are the steps that must have ended well before this one starts.
	Needs []Need
	// Range is the declaration that asked for the step; empty where there is none.
	Range hcl.Range
	// needIndexes finds a need in a long list of them, while the plan is built.
	needIndexes map[StepID]int
}

// Need is an edge: the step it names comes first, for the reason given.
type Need struct {
	Step   StepID
	Reason string
	// Optional lets the dependent go on, with a warning, when the step has failed (Compose: required: false).
	Optional bool
	// Ended asks only that the step has been begun and has ended, however that was: the need of what `finally` names. Together
	// with Optional it need not even have been begun.
	EndOnly bool
}

// addNeed adds an edge, once; a required one replaces an optional one.
func (s *Step) addNeed(id StepID, reason string, optional bool) {
	if i := s.needIndex(id); i >= 0 {
		s.Needs[i].Optional, s.Needs[i].EndOnly = s.Needs[i].Optional && optional, false
		return
	}
	s.Needs = append(s.Needs, Need{Step: id, Reason: reason, Optional: optional})
}

// linearSearchLimit are looked through faster than found in a map.
const linearSearchLimit = 8

// needIndex is where a need stands in Needs, or -1. While a plan is built, needs are only added.
func (s *Step) needIndex(id StepID) int {
	if len(s.Needs) <= linearSearchLimit {
		return slices.IndexFunc(s.Needs, func(n Need) bool { return n.Step == id })
	}
	if s.needIndexes == nil {
		s.needIndexes = map[StepID]int{}
	}
	for i := len(s.needIndexes); i < len(s.Needs); i++ {
		s.needIndexes[s.Needs[i].Step] = i
	}
	if i, exists := s.needIndexes[id]; exists {
		return i
	}
	return -1
}

// IsTask says that a step runs a task, rather than make something for it.
func IsTask(step *Step) bool {
	_, creates := step.Action.(*CreateOneOff)
	return TaskOf(step) != nil && !creates
}

// TaskOf is the task that a step runs, or creates the container of; nil for all other steps.
func TaskOf(step *Step) *hclspec.Task {
	switch a := step.Action.(type) {
	case *RunOneOff:
		return a.Task
	case *RunHost:
		return a.Task
	case *RunExec:
		return a.Task
	case *JoinGroup:
		return a.Task
	case *CreateOneOff:
		return a.Task
	}
	return nil
}

// RunsCommand says that a step runs the command of a task.
func RunsCommand(step *Step) bool {
	switch step.Action.(type) {
	case *RunOneOff, *RunHost, *RunExec:
		return true
	}
	return false
}

// runsInContainer says that a step runs the command of a task in a container.
func runsInContainer(step *Step) bool {
	_, onHost := step.Action.(*RunHost)
	return RunsCommand(step) && !onHost
}

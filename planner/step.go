package planner

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

// StepID names a step within a plan: "network/default", "image/app-web", "container/db", "start/db",
// "wait/db/service_healthy", "create/migrate", "task/migrate". Outside the root scope: "ns:/container/db".
type StepID string

func taskID(name string) StepID { return StepID("task/" + name) }

// Verb is the action of a step, as shown to the user.
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

// Step is a node of the plan: one action with needs and reasons.
type Step struct {
	ID StepID
	// Scope is the key of the step's scope.
	Scope  string
	Verb   Verb
	Action Action
	Reason Reasons
	// Check decides whether the task of the step is up to date. Nil: the task always runs.
	Check *UpToDateCheck
	// Needs are the edges to earlier steps.
	Needs []Need
	// Range is the declaration in a file. Empty: no declaration.
	Range hcl.Range
	// needIndexes is an index of a long list of needs, during planning only.
	needIndexes map[StepID]int
}

// Need is an edge: the named step comes first.
type Need struct {
	Step   StepID
	Reason string
	// Optional lets the dependent continue, with a warning, after a failure of the step (Compose: required: false).
	Optional bool
	// EndOnly needs only the begin and the end of the step, with any result: the need of a finally task. With
	// Optional a step that never begins is also enough.
	EndOnly bool
}

// addNeed adds an edge. A second edge to the same step only makes the need stricter.
func (s *Step) addNeed(id StepID, reason string, optional bool) {
	if i := s.needIndex(id); i >= 0 {
		s.Needs[i].Optional, s.Needs[i].EndOnly = s.Needs[i].Optional && optional, false
		return
	}
	s.Needs = append(s.Needs, Need{Step: id, Reason: reason, Optional: optional})
}

// NoteSources adds a reason that says which files of the project are sent to the engine. An empty text adds none.
func (s *Step) NoteSources(text string) {
	if text != "" {
		s.addReason(ReasonSources, text)
	}
}

// linearSearchLimit is the length up to which a linear search is faster than a map.
const linearSearchLimit = 8

// needIndex returns the index of a need, or -1. Planning only adds needs.
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

// Subject returns the kind and the name of the resource or task of a step.
func (s *Step) Subject() (kind, name string) {
	if kind, name = s.Action.subject(); kind == kindService {
		name = ScopedName(s.Scope, name)
	}
	return kind, name
}

// Unknown returns the attributes of the step's command with values known only during the run.
func (s *Step) Unknown() []hclspec.DeferredAttribute {
	if !RunsCommand(s) {
		return nil
	}
	return TaskOf(s).DeferredAttributes
}

// IsTask reports whether a step is a task, and not a resource for a task.
func IsTask(step *Step) bool {
	_, creates := step.Action.(*CreateOneOff)
	return TaskOf(step) != nil && !creates
}

// TaskOf returns the task of a step, also for the container of the task. Other steps have no task (nil).
func TaskOf(step *Step) *hclspec.Task {
	if a, ok := step.Action.(taskAction); ok {
		return a.task()
	}
	return nil
}

// RunsCommand reports whether a step runs the command of a task.
func RunsCommand(step *Step) bool {
	switch step.Action.(type) {
	case *RunOneOff, *RunHost, *RunExec:
		return true
	}
	return false
}

// runsInContainer reports whether a step runs the command of a task in a container.
func runsInContainer(step *Step) bool {
	_, onHost := step.Action.(*RunHost)
	return RunsCommand(step) && !onHost
}

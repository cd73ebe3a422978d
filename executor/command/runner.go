// Package command runs the commands of tasks: in one-offs, in containers of services, and on the host.
package command

import (
	"time"

	"tasks/executor/removal"
	"tasks/executor/standby"
	"tasks/executor/step"
	"tasks/planner"
)

// Runner runs the command of a step.
type Runner struct {
	step.Env
	StepID planner.StepID
	// Plan is the plan of the run, Facts are the facts of the step's scope.
	Plan     *planner.Plan
	Facts    planner.Facts
	Control  *step.Control
	Observer Observer
	Host     Host
	// Environ is the environment of `tasks` as KEY=VALUE. Host commands inherit it.
	Environ []string
	// Standbys are the containers for the next runs of a watch; nil: there are none.
	Standbys *standby.Pool
	// OneOff is the container of the task from an earlier step; nil: none.
	OneOff *step.OneOff
	// HasNewImage reports whether the image of the task is newer than the container.
	HasNewImage bool
	// DetachKeys detach from a container at a terminal: "ctrl-p,ctrl-q". Empty: the engine's own keys.
	DetachKeys string
	// GracePeriod bounds the end of a stopped command, where its service has no period.
	GracePeriod time.Duration
	// ExecJournal, DetachJournal and VolumeJournal may be nil.
	ExecJournal   ExecJournal
	DetachJournal DetachJournal
	VolumeJournal removal.VolumeJournal
}

// ExecJournal records the commands in containers of services, for the runs after a killed run.
type ExecJournal interface {
	// RecordExec records a command before its start; ended records its end, or its detachment.
	RecordExec(ExecEntry) (ended func())
}

// DetachJournal records detached one-offs. Labels never change, so the owner label cannot tell.
type DetachJournal interface {
	// RecordDetached records a one-off the user has detached from. From then on the one-off has no owner.
	RecordDetached(project, id string) error
}

func (r *Runner) remover() removal.Remover { return removal.Remover{Engine: r.Engine} }

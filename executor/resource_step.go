package executor

import (
	"cmp"
	"context"

	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// resourceStep is a step on a resource of a compose project.
type resourceStep struct {
	step.Env
	facts planner.Facts
	locks Locker
	// original is the project that a private project copies; empty: the project is no copy.
	original string
}

// lock takes a lock between processes around a change another run may make at the same time. No other run knows a
// private project: its resources need no lock.
func (s resourceStep) lock(ctx context.Context, name string) (func(), error) {
	if s.IsPrivate {
		return func() {}, nil
	}
	return s.locks.Lock(ctx, s.Project+"/"+name)
}

// claimService returns the acts on the containers of a service, by the name of a replica.
func (s resourceStep) claimService(replica string) removal.Claimed {
	return removal.Claimed{Engine: s.Engine, Claim: s.serviceClaim(replica)}
}

func (s resourceStep) serviceClaim(replica string) planner.Claim {
	return planner.ServiceClaim(s.Project, planner.ServiceOf(replica))
}

// claimProject returns the acts on all resources of the project.
func (s resourceStep) claimProject() removal.Claimed {
	return removal.Claimed{Engine: s.Engine, Claim: s.projectClaim()}
}

// projectClaim is the claim on all containers of the project, and of private copies of the project.
func (s resourceStep) projectClaim() planner.Claim {
	return planner.Claim{Project: s.Project, Original: cmp.Or(s.original, s.Project)}
}

func (s resourceStep) remover() removal.Remover { return newRemover(s.Env) }

// newRemover returns the remover of a step: failed hooks become warnings of the step.
func newRemover(env step.Env) removal.Remover {
	return removal.Remover{Engine: env.Engine, Warn: func(text string) { env.Warn("%s", text) }}
}

// stopTemporarily stops a service's container. The end of the run starts a container that ran again, unless a step
// does.
func (s resourceStep) stopTemporarily(ctx context.Context, replica string, c *observed.Container) error {
	s.recordStopped(c)
	return s.remover().StopAndRemove(
		ctx, removal.Request{Container: c, Claim: s.serviceClaim(replica), IsStopOnly: true},
	)
}

func (s resourceStep) recordStopped(c *observed.Container) {
	if c.State.IsRunning() {
		s.Record(step.Entry{Kind: step.StoppedServiceEntry, ID: c.ID, Name: c.Name})
	}
}

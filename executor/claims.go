package executor

import (
	"cmp"

	"tasks/executor/removal"
	"tasks/planner"
)

// claimService returns the acts on the containers of a service, by the name of a replica.
func (w *worker) claimService(replica string) removal.Claimed {
	return removal.Claimed{Engine: w.Engine, Claim: w.serviceClaim(replica)}
}

func (w *worker) serviceClaim(replica string) planner.Claim {
	return planner.ServiceClaim(w.Project, planner.ServiceOf(replica))
}

// projectClaim is the claim on all containers of the project, and of private copies of the project.
func (w *worker) projectClaim() planner.Claim {
	return planner.Claim{Project: w.Project, Original: cmp.Or(w.plan.Scopes[w.step.Scope].Original, w.Project)}
}

// remover returns the remover of a step.
func (w *worker) remover() removal.Remover {
	return removal.Remover{Engine: w.Engine, Warn: func(text string) { w.Warn("%s", text) }}
}

package release

import (
	"context"
	"slices"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
)

// UsageCheck decides whether other runs use the resources of a run. Other runs show their use by leases, taken before
// their snapshot, and by one-offs. The check asks the engine once for each compose project.
type UsageCheck struct {
	engine engine.Engine
	leases Leases
	plan   *planner.Plan
	isOwn  func(id string) bool
	// hasOneOffs caches by project whether other runs have one-offs there.
	hasOneOffs map[string]bool
	// exclusive are the unlock functions of leases without another holder; nil: another process holds the lease.
	exclusive map[string]func()
}

// NewUsageCheck returns the check for the resources of a plan. isOwn reports whether the run made a container. leases
// may be nil: then no resource is leased.
func NewUsageCheck(e engine.Engine, leases Leases, plan *planner.Plan, isOwn func(id string) bool) *UsageCheck {
	return &UsageCheck{
		engine: e, leases: leases, plan: plan, isOwn: isOwn, hasOneOffs: map[string]bool{}, exclusive: map[string]func(){},
	}
}

// UnlockAll unlocks all leases of the check.
func (u *UsageCheck) UnlockAll() {
	for _, unlock := range u.exclusive {
		if unlock != nil {
			unlock()
		}
	}
}

// IsUsedByOthers reports whether another run uses a resource. Volumes have no leases: a volume counts as used where any
// resource of the plan is leased.
func (u *UsageCheck) IsUsedByOthers(ctx context.Context, e step.Entry) bool {
	if _, known := u.hasOneOffs[e.Project]; !known {
		u.hasOneOffs[e.Project] = u.hasOtherOneOffs(ctx, e.Project)
	}
	switch {
	case u.hasOneOffs[e.Project]:
		return true
	case e.Lease != "":
		return u.isLeased(e.Lease)
	}
	return slices.ContainsFunc(u.plan.LeasesIn(e.Project), u.isLeased)
}

// isLeased reports whether another process holds a lease.
func (u *UsageCheck) isLeased(name string) bool {
	if _, isKnown := u.exclusive[name]; !isKnown {
		u.exclusive[name], _ = LockUnleased(u.leases, name)
	}
	return u.exclusive[name] == nil
}

// hasOtherOneOffs reports whether another run has a one-off in a project. Without an answer of the engine it may.
func (u *UsageCheck) hasOtherOneOffs(ctx context.Context, project string) bool {
	if u.engine == nil {
		return false
	}
	all, err := u.engine.ProjectContainers(ctx, project)
	if err != nil {
		return true
	}
	for _, c := range all {
		if c.IsOneOff() && !c.State.HasEnded() && !u.isOwn(c.ID) {
			return true
		}
	}
	return false
}

// LockUnleased locks a lease without a holder, and reports whether there is none. Until unlock no process gets the
// lease.
func LockUnleased(leases Leases, name string) (unlock func(), isFree bool) {
	if name == "" || leases == nil {
		return func() {}, true
	}
	if unlock, isFree = leases.ReleaseLast(name); !isFree {
		return nil, false
	}
	return unlock, true
}

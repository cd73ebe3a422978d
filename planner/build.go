package planner

import (
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Input is everything that a plan is made from.
type Input struct {
	Spec *hclspec.Spec
	// Project is the compose project, cut down to what the tasks reach ([Roots]); nil where they reach none.
	Project *composeproject.Project
	// Snapshot is the snapshot; nil where Project is.
	Snapshot *observed.Snapshot
	// ByScope are the projects of the other scopes that tasks belong to, by [hclspec.Task].Scope.
	ByScope map[string]ProjectState
	// IsOffline says that nobody has looked at the engine: the plan only serves to find mistakes, and what is missing there
	// is none.
	IsOffline bool
	// Images is what the invocation says of images, over each service's pull_policy.
	Images ImagePolicy
	// RemoveOrphans takes away the project's containers that no service owns.
	RemoveOrphans bool
	// Ownership says which one-offs dead runs have left, and whose those of this run are.
	Ownership observed.Ownership
	// UpToDateOptions is what the invocation wants of tasks that have inputs.
	UpToDate UpToDateOptions
	// ProjectDir is the absolute directory that host commands run in.
	ProjectDir string
}

// Build makes the plan for the wanted tasks of a spec. It is pure. Errors are mistakes of the author: nothing of the plan
// may run then.
func Build(in Input) (*Plan, hcl.Diagnostics) {
	g := newGraph(in)
	plan := &Plan{Jobs: in.Spec.Jobs}
	g.planTargets(plan, in.Spec)
	g.refuseSharedNames()
	g.deferFinallyDependencies(plan.Targets)
	g.markTransient(in.Ownership)
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	for _, scope := range sortedKeys(g.planners) {
		g.completeScope(g.planners[scope].scopeSteps, in)
	}
	g.buildAfterTasks()
	steps, diags := topologicalOrder(g.all, g.byID)
	g.diags = append(g.diags, diags...)
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	plan.Steps, plan.Diagnostics = steps, g.diags
	plan.Scopes = g.scopes()
	plan.Project = plan.Scopes[""].Project
	g.skipUpToDate(plan)
	return plan, g.diags
}

// completeScope adds the steps and needs that depend on all other steps of a scope.
func (g *graph) completeScope(p *scopeSteps, in Input) {
	removeAbandoned(p, in.Ownership, stepLeases(g.all, g.scopes()))
	if in.RemoveOrphans {
		removeOrphans(p)
	}
	noteNameConflicts(p)
	inspectPortsAfterStart(p)
	annotateMissing(p)
	skipCompleted(p)
	recreateNetworks(p)
	planRestarts(p)
}

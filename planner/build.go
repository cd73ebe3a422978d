package planner

import (
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Input is the complete input of a plan.
type Input struct {
	Spec *hclspec.Spec
	// Project is the root project, reduced to the services of the tasks ([RootServices]). Nil: the tasks need no
	// project.
	Project *composeproject.Project
	// Snapshot belongs to Project. Nil: Project is nil.
	Snapshot *observed.Snapshot
	// ByScope are the projects of the other scopes, by key.
	ByScope map[string]ProjectState
	// IsOffline reports whether the snapshot is empty for lack of an engine. The plan then only finds errors, and
	// missing resources are no errors. The targets need not run together.
	IsOffline bool
	// Images overrides the pull_policy of all services.
	Images ImagePolicy
	// RemoveOrphans removes containers of the project without a service, WarnAboutOrphans only names them.
	RemoveOrphans, WarnAboutOrphans bool
	// Ownership tells garbage from the resources of live runs. [Input.SetOwnership] keeps Build pure.
	Ownership observed.Ownership
	// UpToDate are the options for tasks with inputs.
	UpToDate UpToDateOptions
	// SendsSources reports whether a one-off takes the files of the project at its creation, and not at its start.
	SendsSources bool
	// ProjectDir is the absolute working directory of host commands.
	ProjectDir string
}

// Build makes the plan for the targets of a spec. Build is pure. Errors are errors in the files: the plan must not run.
func Build(in Input) (*Plan, hcl.Diagnostics) {
	g := newGraph(in)
	plan := &Plan{Jobs: in.Spec.Jobs}
	g.planTargets(plan, in.Spec)
	containerNaming{g}.refuseSharedNames(in.IsOffline)
	g.deferFinallyDependencies(plan.Targets)
	containerNaming{g}.separateTaskNames()
	g.markTransient(in.Ownership)
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	for _, scope := range sortedKeys(g.planners) {
		g.completeScope(g.planners[scope].scopeSteps, in)
	}
	if in.IsOffline {
		entryOrder{g}.checkSteps(plan.Targets)
	} else {
		entryOrder{g}.orderSteps()
	}
	imageOrder{g}.orderImages()
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
	switch {
	case in.RemoveOrphans:
		removeOrphans(g, p)
	case in.WarnAboutOrphans:
		g.diags = append(g.diags, orphanWarnings(g, p)...)
	}
	addNameConflicts(p)
	inspectPortsAfterStart(p)
	annotateMissing(p)
	skipCompleted(p)
	recreateNetworks(p)
	planRestarts(p)
}

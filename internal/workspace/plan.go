package workspace

import (
	"context"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// PlanOptions apply to everything in a plan. The values come from the command line.
type PlanOptions struct {
	// Images says which images are pulled and built.
	Images planner.ImagePolicy
	// RemoveOrphans removes containers of unknown services and ended one-offs.
	RemoveOrphans bool
	// Force runs tasks that are up to date.
	Force bool
	// IfChanged skips targets that are up to date.
	IfChanged bool
}

// PlannedRun holds a plan and the sources of the plan.
type PlannedRun struct {
	Workspace *Workspace
	Spec      *hclspec.Spec
	Plan      *planner.Plan
	// Projects are the selected compose projects by scope.
	Projects map[string]*composeproject.Project
}

// Plan observes the compose projects of a spec and plans the tasks. Plan changes nothing on the engine. With errors among
// the diagnostics, or an error, the plan cannot run.
func (ws *Workspace) Plan(ctx context.Context, spec *hclspec.Spec, options PlanOptions) (*PlannedRun, hcl.Diagnostics, error) {
	run := &PlannedRun{Workspace: ws, Spec: spec}
	input := planner.Input{
		Spec: spec, ProjectDir: ws.Root(), RemoveOrphans: options.RemoveOrphans, Images: options.Images,
		UpToDate: options.upToDateOptions(ws.Root()),
	}
	if scopes := neededScopes(spec, options.RemoveOrphans); len(scopes) > 0 {
		if err := run.observe(ctx, scopes, &input); err != nil {
			diags, err := splitDiagnostics(err)
			return nil, diags, err
		}
	}
	plan, diags := planner.Build(input)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	run.Plan = plan
	if len(run.Projects) == 0 {
		return run, diags, nil
	}
	if ws.config.WritesState {
		ws.config.Coordination.Leased(ws.Root()).Retain(plan)
	}
	return run, diags, run.checkEngine(ctx)
}

// checkEngine returns an error for a plan beyond the features of the engine.
func (p *PlannedRun) checkEngine(ctx context.Context) error {
	engine, err := p.Workspace.config.Engine.Connect()
	if err != nil {
		return err
	}
	if err := engine.Check(ctx, p.Plan); err != nil {
		return &RunError{err}
	}
	return nil
}

// observe selects the projects of scopes, takes leases, and fills in the state of the engine.
func (p *PlannedRun) observe(ctx context.Context, scopes []string, input *planner.Input) error {
	ws := p.Workspace
	projects, err := ws.selectProjects(scopes, p.Spec)
	if err != nil {
		return err
	}
	if diags := ws.checkProjectNames(projects, p.Spec); diags.HasErrors() {
		return diags
	}
	if err := ws.acquireLeases(ctx, projects, p.Spec); err != nil {
		return err
	}
	engine, err := ws.config.Engine.Connect()
	if err != nil {
		return err
	}
	entries := ws.config.Coordination.Store(ws.Root()).Journal().ContainerEntries()
	states, err := ws.takeSnapshots(ctx, engine, projects, p.Spec, entries)
	if err != nil {
		return err
	}
	p.Projects = projects
	input.SetScopes(states)
	input.Ownership = OwnershipFrom(entries)
	if ws.config.WritesState {
		leased := ws.config.Coordination.Leased(ws.Root())
		leased.Record(states, engine)
		input.Ownership.LeaseLocations = leased.Leases().Locations()
	}
	return nil
}

package workspace

import (
	"context"
	"errors"

	"github.com/compose-spec/compose-go/v2/utils"
	"github.com/hashicorp/hcl/v2"

	"tasks/executor/sources"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// PlanOptions apply to everything in a plan. The values come from the command line.
type PlanOptions struct {
	// Images says which images are pulled and built.
	Images planner.ImagePolicy
	// Orphans is the choice of the command line about orphans.
	Orphans OrphanChoice
	// Force runs tasks that are up to date.
	Force bool
	// IfChanged skips targets that are up to date.
	IfChanged bool
	// Stale are the images that a watch has to build again; nil: none.
	Stale *StaleImages
	// Early are the snapshots that a watch takes before the plan; nil: none.
	Early *EarlySnapshots
}

// ForRerun returns the options for a rerun of a watch. --build and --pull concern the first run: a rerun builds the
// images with changed files.
func (o PlanOptions) ForRerun() PlanOptions {
	o.Images.Build = false
	if o.Images.Pull == "always" || o.Images.Pull == "build" {
		o.Images.Pull = ""
	}
	return o
}

// OrphanChoice is a choice about containers of unknown services and ended one-offs.
type OrphanChoice int

const (
	// DefaultOrphans leaves the choice to COMPOSE_REMOVE_ORPHANS. Orphans that stay are named in a warning, unless
	// COMPOSE_IGNORE_ORPHANS is set.
	DefaultOrphans OrphanChoice = iota
	// RemoveOrphans removes orphans.
	RemoveOrphans
	// KeepOrphans keeps orphans, with the warning.
	KeepOrphans
)

// setOrphans applies the choice about orphans, with the variables of Compose in the environment of the project.
func (o PlanOptions) setOrphans(input *planner.Input) error {
	if input.Project == nil {
		return nil
	}
	environment := input.Project.Model().Environment
	isIgnored := utils.StringToBool(environment["COMPOSE_IGNORE_ORPHANS"])
	input.RemoveOrphans = o.Orphans == RemoveOrphans ||
		o.Orphans == DefaultOrphans && utils.StringToBool(environment["COMPOSE_REMOVE_ORPHANS"])
	if input.RemoveOrphans && isIgnored {
		return errors.New("COMPOSE_IGNORE_ORPHANS and --remove-orphans (or COMPOSE_REMOVE_ORPHANS) exclude each other")
	}
	input.WarnAboutOrphans = !isIgnored
	return nil
}

// Run is one run of targets in two steps: [Run.EvaluateTargets] sets Spec, [Run.MakePlan] sets Plan and Projects.
type Run struct {
	Workspace *Workspace
	Spec      *hclspec.Spec
	Plan      *planner.Plan
	// Projects are the selected compose projects by scope.
	Projects map[string]*composeproject.Project
}

// NewRun returns a run without targets.
func (ws *Workspace) NewRun() *Run { return &Run{Workspace: ws} }

// MakePlan observes the compose projects of the spec and plans the tasks. MakePlan changes nothing on the engine.
// With errors among the diagnostics, or an error, the plan cannot run.
func (r *Run) MakePlan(ctx context.Context, options PlanOptions) (hcl.Diagnostics, error) {
	ws := r.Workspace
	input := planner.Input{
		Spec: r.Spec, ProjectDir: ws.Root(), Images: options.Images,
		UpToDate: options.upToDateOptions(ws.Root()),
	}
	isEarly := false
	if scopes := neededScopes(r.Spec, options.Orphans == RemoveOrphans); len(scopes) > 0 {
		var err error
		if isEarly, err = r.observe(ctx, scopes, &input, options.Early); err != nil {
			return splitDiagnostics(err)
		}
		if err := options.setOrphans(&input); err != nil {
			return nil, err
		}
	}
	if options.Stale != nil {
		options.Stale.Update(r)
		input.Images.Changed = options.Stale.Images()
	}
	plan, diags := planner.Build(input)
	diags = ws.withComposeExcerpts(diags, r.Projects)
	if diags.HasErrors() {
		return diags, nil
	}
	if isEarly && !ws.config.Coordination.Leased(ws.Root()).Leases().AreUsed(plan.Leases()) {
		options.Early.drop() // the leases come before the snapshot
		return r.MakePlan(ctx, options)
	}
	r.Plan = plan
	if ws.config.WritesState {
		ws.config.Coordination.RetainLeases(plan) // an earlier attempt of a watch may have taken leases for another plan
	}
	if len(r.Projects) == 0 {
		return diags, nil
	}
	sourceDiags, err := r.checkEngine(ctx)
	return append(diags, ws.withComposeExcerpts(sourceDiags, r.Projects)...), err
}

// checkEngine returns an error for a plan beyond the features of the engine, and warnings about the host of the
// engine.
func (r *Run) checkEngine(ctx context.Context) (hcl.Diagnostics, error) {
	engine, err := r.Workspace.config.Engine.Connect()
	if err != nil {
		return nil, err
	}
	if err := engine.Check(ctx, r.Plan); err != nil {
		return nil, &RunError{err}
	}
	remote, err := r.Workspace.config.Engine.remote()
	if err != nil {
		return nil, err
	}
	diags := r.checkBindSources(engine, remote)
	if remote == nil || diags.HasErrors() || r.Workspace.config.WritesState {
		return diags, nil // a run tells what it sends when it sends
	}
	senders := func(string) *sources.Remote { return remote }
	if nodes, hasNodes := engine.(*fleetEngine); hasNodes {
		if senders, err = r.placeProjects(ctx, nodes); err != nil {
			return diags, &RunError{err}
		}
	}
	return diags, r.noteSources(ctx, senders)
}

// observe selects the projects of scopes, takes leases, and fills in the state of the engine. isEarly reports whether a
// part of the state is from before the leases.
func (r *Run) observe(
	ctx context.Context, scopes []string, input *planner.Input, early *EarlySnapshots,
) (isEarly bool, err error) {
	ws := r.Workspace
	projects, err := ws.selectProjects(scopes, r.Spec)
	if err != nil {
		return false, err
	}
	if diags := ws.checkProjectNames(projects, r.Spec); diags.HasErrors() {
		return false, diags
	}
	if err := ws.acquireLeases(ctx, projects, r.Spec); err != nil {
		return false, err
	}
	engine, err := ws.config.Engine.Connect()
	if err != nil {
		return false, err
	}
	if err := labelSources(ctx, ws.config.Engine, projects); err != nil {
		return false, err
	}
	entries := ws.config.Coordination.Store(ws.Root()).Journal().ContainerEntries()
	states, isEarly, err := ws.takeSnapshots(ctx, engine, projects, r.Spec, entries, early)
	if err != nil {
		return false, err
	}
	r.Projects = projects
	input.SetScopes(states)
	input.SendsSources = ws.config.Engine.isChosen()
	input.SetOwnership(OwnershipFrom(entries))
	leased := ws.config.Coordination.Leased(ws.Root())
	if ws.config.WritesState {
		leased.Record(states, engine)
		input.Ownership.LeaseLocations = leased.Leases().Locations()
	}
	if len(input.Ownership.LeaseLocations) == 0 {
		input.Ownership.LeaseLocations = leased.Leases().VisibleLocations()
	}
	return isEarly, nil
}

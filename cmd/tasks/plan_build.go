package main

import (
	"context"
	"maps"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/workspace"
	"tasks/planner"
)

// PlannedRun is a plan that is ready to run, and what it came from.
type PlannedRun struct {
	Workspace *Workspace
	Spec      *hclspec.Spec
	Plan      *planner.Plan
	// Projects are the selected compose projects that are reached, by scope.
	Projects map[string]*composeproject.Project
}

// prepare reads the files and plans tasks.
func (a *app) planTargets(ctx context.Context, targets ...hclspec.Target) (*PlannedRun, error) {
	ws, diags, err := a.readWorkspace()
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() { // with those of the values that the targets reach
		_, diags = ws.File.Evaluate(ws.Inputs, targets)
	}
	if err := ws.PrintDiagnostics(diags); err != nil {
		return nil, err
	}
	return ws.PlanTargets(ctx, targets)
}

// PlanTargets goes from the wanted tasks to a plan: evaluate, load the project, look at the engine, plan. Nothing is changed.
func (ws *Workspace) PlanTargets(ctx context.Context, targets []hclspec.Target) (*PlannedRun, error) {
	if err := ws.printRequestedUsage(targets); err != nil {
		return nil, err
	}
	for i, t := range targets {
		targets[i].Options.Env = ws.ResolvePassEnv(t.Options, ws.File.ScopeOf(t.Name))
	}
	spec, diags := ws.File.Evaluate(ws.Inputs, targets)
	if err := ws.PrintDiagnostics(diags); err != nil {
		return nil, err
	}
	ws.app.printer.SetSecrets(spec.Secrets)
	return ws.PlanSpec(ctx, spec)
}

// ResolvePassEnv adds to the environment that is given what names without a value have in the compose project's .env, where
// the environment of `tasks` has no such name: Compose looks there too.
func (ws *Workspace) ResolvePassEnv(o hclspec.Options, scope string) map[string]string {
	env := maps.Clone(o.Env)
	for _, name := range o.PassEnv {
		if _, isSet := ws.app.lookupEnv(name); isSet {
			continue
		}
		project, err := ws.ProjectIn(scope)
		if err != nil {
			break // told of where the project is needed
		}
		if value, isSet := project.Model().Environment[name]; isSet {
			env = withEntry(env, name, value)
		}
	}
	return env
}

// plan looks at the engine and plans a spec.
func (ws *Workspace) PlanSpec(ctx context.Context, spec *hclspec.Spec) (*PlannedRun, error) {
	p := &PlannedRun{Workspace: ws, Spec: spec}
	input := planner.Input{Spec: spec, ProjectDir: ws.Inputs.Root}
	ws.app.settings.applyTo(&input)
	input.UpToDate = ws.app.settings.upToDateCheck(ws.Inputs.Root)
	if scopes := ws.neededScopes(spec); len(scopes) > 0 {
		if err := p.observeProjects(ctx, scopes, &input); err != nil {
			return nil, err
		}
	}
	plan, diags := planner.Build(input)
	if err := ws.PrintDiagnostics(diags); err != nil {
		return nil, err
	}
	p.Plan = plan
	if leased := ws.app.leased; leased != nil {
		leased.Retain(plan)
	}
	return p, p.checkEngine(ctx)
}

// check asks before anything is done whether the engine can do what the compose file says.
func (p *PlannedRun) checkEngine(ctx context.Context) error {
	if len(p.Projects) == 0 {
		return nil
	}
	engine, err := p.Workspace.app.connectEngine()
	if err != nil {
		return err
	}
	if err := engine.Check(ctx, p.Plan); err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

// look fills in what of the outside world a plan is made from: the selected projects, and what the engine has of them.
func (p *PlannedRun) observeProjects(ctx context.Context, scopes []string, input *planner.Input) error {
	projects, err := p.Workspace.SelectedProjects(scopes, p.Spec)
	if err != nil {
		return err
	}
	if err := p.Workspace.PrintDiagnostics(p.Workspace.CheckProjectNames(projects, p.Spec)); err != nil {
		return err
	}
	if err := p.Workspace.acquireLeases(ctx, projects, p.Spec); err != nil {
		return err
	}
	entries := p.Workspace.app.coordStore(p.Workspace.Inputs.Root).Journal().ContainerEntries()
	states, err := p.Workspace.snapshots(ctx, projects, p.Spec, entries)
	if err != nil {
		return err
	}
	if p.Workspace.app.writesState {
		engine, err := p.Workspace.app.connectEngine()
		if err != nil {
			return err
		}
		p.Workspace.app.leasedProjects(p.Workspace.Inputs.Root).Record(states, engine)
	}
	p.Projects = projects
	input.SetScopes(states)
	input.SetOwnership(workspace.OwnershipFrom(entries))
	if p.Workspace.app.writesState {
		input.Ownership.LeaseLocations = p.Workspace.app.leasedProjects(p.Workspace.Inputs.Root).Leases().Locations()
	}
	return nil
}

// mountedVolumes are those that tasks mount by name. `tasks once` leaves names that the compose file lacks to the engine.
func mountedVolumes(spec *hclspec.Spec, project *composeproject.Project) []string {
	var names []string
	for _, t := range spec.Tasks {
		for _, name := range planner.NamedVolumes(t) {
			if !t.IsOnce || project.DeclaresVolume(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

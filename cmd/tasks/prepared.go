package main

import (
	"context"
	"maps"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// prepared is a plan that is ready to run, and what it came from.
type prepared struct {
	ws   *workspace
	spec *hclspec.Spec
	plan *planner.Plan
	// projects are the selected compose projects that are reached, by scope.
	projects map[string]*composeproject.Project
}

// prepare reads the files and plans tasks.
func (a *app) prepare(ctx context.Context, targets ...hclspec.Target) (*prepared, error) {
	ws, diags, err := a.read()
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() { // with those of the values that the targets reach
		_, diags = ws.file.Evaluate(ws.inputs, targets)
	}
	if err := ws.diagnose(diags); err != nil {
		return nil, err
	}
	return ws.prepare(ctx, targets)
}

// prepare goes from the wanted tasks to a plan: evaluate, load the project, look at the engine, plan. Nothing is changed.
func (ws *workspace) prepare(ctx context.Context, targets []hclspec.Target) (*prepared, error) {
	if err := ws.help(targets); err != nil {
		return nil, err
	}
	for i, t := range targets {
		targets[i].Options.Env = ws.fromProject(t.Options, ws.file.ScopeOf(t.Name))
	}
	spec, diags := ws.file.Evaluate(ws.inputs, targets)
	if err := ws.diagnose(diags); err != nil {
		return nil, err
	}
	ws.app.secrets.set(spec.Secrets)
	return ws.plan(ctx, spec)
}

// fromProject adds to the environment that is given what names without a value have in the compose project's .env, where
// the environment of `tasks` has no such name: Compose looks there too.
func (ws *workspace) fromProject(o hclspec.Options, scope string) map[string]string {
	env := maps.Clone(o.Env)
	for _, name := range o.PassEnv {
		if _, set := ws.app.env(name); set {
			continue
		}
		project, err := ws.projectIn(scope)
		if err != nil {
			break // told of where the project is needed
		}
		if value, set := project.Model().Environment[name]; set {
			env = with(env, name, value)
		}
	}
	return env
}

// plan looks at the engine and plans a spec.
func (ws *workspace) plan(ctx context.Context, spec *hclspec.Spec) (*prepared, error) {
	p := &prepared{ws: ws, spec: spec}
	input := planner.Input{Spec: spec, ProjectDir: ws.inputs.Root}
	ws.app.policy.apply(&input)
	input.UpToDate = ws.app.policy.upToDate(ws.inputs.Root)
	if scopes := ws.scopesOf(spec); len(scopes) > 0 {
		if err := p.look(ctx, scopes, &input); err != nil {
			return nil, err
		}
	}
	plan, diags := planner.Build(input)
	if err := ws.diagnose(diags); err != nil {
		return nil, err
	}
	p.plan = plan
	if leases := ws.app.leases; leases != nil {
		leases.keep(plan.Leases())
	}
	return p, p.check(ctx)
}

// check asks before anything is done whether the engine can do what the compose file says.
func (p *prepared) check(ctx context.Context) error {
	if len(p.projects) == 0 {
		return nil
	}
	engine, err := p.ws.app.connect()
	if err != nil {
		return err
	}
	if err := engine.Check(ctx, p.plan); err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

// look fills in what of the outside world a plan is made from: the selected projects, and what the engine has of them.
func (p *prepared) look(ctx context.Context, scopes []string, input *planner.Input) error {
	projects, err := p.ws.selectedIn(scopes, p.spec)
	if err != nil {
		return err
	}
	if err := p.ws.diagnose(p.ws.checkNames(projects, p.spec)); err != nil {
		return err
	}
	if err := p.ws.hold(ctx, projects, p.spec); err != nil {
		return err
	}
	noted := p.ws.app.containerNotes(p.ws.inputs.Root).read()
	worlds, err := p.ws.snapshots(ctx, projects, p.spec, noted)
	if err != nil {
		return err
	}
	if p.ws.app.mayKeep {
		engine, err := p.ws.app.connect()
		if err != nil {
			return err
		}
		p.ws.app.leasesOf(p.ws.inputs.Root).looked(worlds, engine)
	}
	p.projects = projects
	input.In(worlds)
	input.Owners = ownersWith(noted)
	if p.ws.app.mayKeep {
		input.Owners.Leases = p.ws.app.leasesOf(p.ws.inputs.Root).places()
	}
	return nil
}

// mountedVolumes are those that tasks mount by name. `tasks once` leaves names that the compose file lacks to the engine.
func mountedVolumes(spec *hclspec.Spec, project *composeproject.Project) []string {
	var names []string
	for _, t := range spec.Tasks {
		for _, name := range planner.NamedVolumes(t) {
			if !t.Once || project.DeclaresVolume(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

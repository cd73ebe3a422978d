package planner

// graph plans the steps of all scopes. Each step is made once, for the first dependent.
type graph struct {
	*stepSet
	planners map[string]*taskPlanner
	// mainSteps are the steps of the run without the steps only for `finally`.
	mainSteps map[StepID]bool
}

func newGraph(in Input) *graph {
	g := &graph{stepSet: &stepSet{byID: map[StepID]*Step{}}, planners: map[string]*taskPlanner{}}
	g.addScope("", in, ProjectState{Project: in.Project, Snapshot: in.Snapshot})
	for scope, state := range in.ByScope {
		g.addScope(scope, in, state)
	}
	return g
}

func (g *graph) addScope(scope string, in Input, state ProjectState) {
	p := &scopeSteps{
		stepSet: g.stepSet, key: scope, origin: OriginOf(in.Spec, scope),
		spec: in.Spec, project: state.Project, snapshot: state.Snapshot,
	}
	if state.Project != nil {
		p.model = state.Project.Model()
	}
	services := &servicePlanner{
		scopeSteps: p,
		images:     &imagePlanner{scopeSteps: p, policy: in.Images},
		resources:  &resourcePlanner{p},
		planTask:   g.planTask,
	}
	g.planners[scope] = &taskPlanner{
		scopeSteps: p, services: services, ports: &portPlanner{p, services}, planTask: g.planTask,
		owner: in.Ownership.Self, upToDate: in.UpToDate, isOffline: in.IsOffline, projectDir: in.ProjectDir,
		sendsSources: in.SendsSources,
	}
}

// planTask plans a task with all dependencies, and returns the last step of the task. Task names are unique across
// scopes.
func (g *graph) planTask(name string, reason Reasons) StepID {
	id := taskID(name)
	if g.hasStep(id) {
		return id
	}
	p := g.planners[""]
	t := p.spec.Tasks[name]
	if t == nil {
		panic("planner: the spec lacks task " + name)
	}
	if own := g.planners[ScopeOf(t)]; own != nil { // the scope of a task without a project has no planner
		p = own
	}
	return p.planOwnTask(t, reason)
}

// scopes returns the scopes with a project.
func (g *graph) scopes() map[string]Scope {
	scopes := map[string]Scope{}
	for key, p := range g.planners {
		if p.project == nil {
			continue
		}
		scope := Scope{Project: p.project.Name(), HasTransient: p.hasTransient || p.snapshot.HasTransient()}
		if p.isPrivate() {
			scope.PrivateTask, scope.PolicyRange = p.origin.PrivateTask, p.origin.PolicyRange
			scope.PolicySource = p.origin.PolicySource
			if t := p.spec.Tasks[p.origin.PrivateTask]; t != nil {
				scope.IsShard = t.Shard.Count > 0
			}
			scope.Original = p.project.OriginalName()
		}
		scopes[key] = scope
	}
	return scopes
}

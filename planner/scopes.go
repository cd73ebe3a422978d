package planner

import (
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Scope is what a plan knows of one compose project that it touches, by its key ([ScopeOf]).
type Scope struct {
	// Project is the compose project's name.
	Project string
	// HasTransient says that there is something of it, or may be, that goes with the last run that uses it.
	HasTransient bool
	// PrivateTask is the task that the project is made for, and whose end it does not outlive; empty: it is no private one.
	PrivateTask string
	// Of is the project that a private one is a copy of, Said where a file asks for it; empty: the command line does.
	Original    string
	PolicyRange hcl.Range
}

// ProjectState is a compose project that a plan is made from, cut down to what the tasks of its scope reach ([Roots]), and what the
// engine has of it.
type ProjectState struct {
	Project  *composeproject.Project
	Snapshot *observed.Snapshot
}

// SetScopes sets the projects of all scopes.
func (in *Input) SetScopes(states map[string]ProjectState) {
	in.Project, in.Snapshot = states[""].Project, states[""].Snapshot
	in.ByScope = maps.Clone(states)
	delete(in.ByScope, "")
}

// ProjectOf is the name of the compose project that a step belongs to; empty: of none.
func (p *Plan) ProjectOf(s *Step) string {
	if s.Scope == "" {
		return p.Project
	}
	return p.Scopes[s.Scope].Project
}

// SpecOfScope is a spec with the tasks of one scope alone.
func SpecOfScope(spec *hclspec.Spec, scope string) *hclspec.Spec {
	own := *spec
	own.Tasks = maps.Clone(spec.Tasks)
	maps.DeleteFunc(own.Tasks, func(_ string, t *hclspec.Task) bool { return ScopeOf(t) != scope })
	return &own
}

// ScopesOf are the scopes in which the tasks of a spec reach a container engine, sorted.
func ScopesOf(spec *hclspec.Spec) []string {
	all := map[string]bool{}
	for _, t := range spec.Tasks {
		all[ScopeOf(t)] = true
	}
	maps.DeleteFunc(all, func(scope string, _ bool) bool { return !NeedsEngine(SpecOfScope(spec, scope)) })
	return sortedKeys(all)
}

// ScopedName is how messages call something of a scope: "ns:db", and "db" in the project of the files.
func ScopedName(scope, name string) string {
	if scope == "" || strings.HasSuffix(scope, ":") {
		return scope + name
	}
	return name + " [" + scope + "]"
}

// Lease names the lease on a service of the project.
func (p Scope) Lease(service string) string { return observed.ServiceLease(p.Project, service) }

// graph is what the builders of all scopes share: each step is made once, by the first that needs it.
type graph struct {
	steps map[StepID]*Step
	// allSteps are the steps of all scopes, in the order they were made in.
	allSteps []*Step
	// mainSteps are the steps of the run itself, without those that serve only what `finally` names.
	mainSteps map[StepID]bool
	diags     hcl.Diagnostics
	builders  map[string]*builder
}

func newGraph(in Input) *graph {
	g := &graph{steps: map[StepID]*Step{}, builders: map[string]*builder{}}
	g.addBuilder("", in, ProjectState{Project: in.Project, Snapshot: in.Snapshot})
	for scope, state := range in.ByScope {
		g.addBuilder(scope, in, state)
	}
	return g
}

func (g *graph) addBuilder(scope string, in Input, state ProjectState) {
	in.Project, in.Snapshot = state.Project, state.Snapshot
	b := &builder{graph: g, scope: scope, origin: OriginOf(in.Spec, scope), input: in}
	if state.Project != nil {
		b.model = state.Project.Model()
	}
	g.builders[scope] = b
}

// of is the builder of a task's own scope. Tasks that reach no project may be of a scope that nobody has looked at.
func (g *graph) builderOf(t *hclspec.Task) *builder {
	if b := g.builders[ScopeOf(t)]; b != nil {
		return b
	}
	return g.builders[""]
}

// forEachScope calls something for every scope, in order.
func (g *graph) forEachScope(do func(*builder)) {
	for _, scope := range sortedKeys(g.builders) {
		do(g.builders[scope])
	}
}

func (g *graph) scopes() map[string]Scope {
	scopes := map[string]Scope{}
	for key, b := range g.builders {
		if b.input.Project != nil {
			scope := Scope{Project: b.input.Project.Name(), HasTransient: b.hasTransient || b.input.Snapshot.HasTransient()}
			if b.isPrivate() {
				scope.PrivateTask, scope.Original, scope.PolicyRange = b.origin.PrivateTask, b.input.Project.OriginalName(), b.origin.PolicyRange
			}
			scopes[key] = scope
		}
	}
	return scopes
}

// stepID is the name of a step within the plan: that of another scope bears the scope's key.
func (b *builder) stepID(kind, name string) StepID {
	if b.scope == "" {
		return StepID(kind + "/" + name)
	}
	return StepID(b.scope + "/" + kind + "/" + name)
}

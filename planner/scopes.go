package planner

import (
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// Scope is what a plan knows of one compose project that it touches, by its key ([ScopeOf]).
type Scope struct {
	// Project is the compose project's name.
	Project string
	// Transient says that there is something of it, or may be, that goes with the last run that uses it.
	Transient bool
	// Private is the task that the project is made for, and whose end it does not outlive; empty: it is no private one.
	Private string
	// Of is the project that a private one is a copy of, Said where a file asks for it; empty: the command line does.
	Of   string
	Said hcl.Range
}

// World is a compose project that a plan is made from, cut down to what the tasks of its scope reach ([Roots]), and what the
// engine has of it.
type World struct {
	Project  *composeproject.Project
	Observed *Observed
}

// In sets the projects of all scopes.
func (in *Input) In(worlds map[string]World) {
	in.Project, in.Observed = worlds[""].Project, worlds[""].Observed
	in.Others = maps.Clone(worlds)
	delete(in.Others, "")
}

// ProjectOf is the name of the compose project that a step belongs to; empty: of none.
func (p *Plan) ProjectOf(s *Step) string {
	if s.Scope == "" {
		return p.Project
	}
	return p.Scopes[s.Scope].Project
}

// InScope is a spec with the tasks of one scope alone.
func InScope(spec *hclspec.Spec, scope string) *hclspec.Spec {
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
	maps.DeleteFunc(all, func(scope string, _ bool) bool { return !NeedsEngine(InScope(spec, scope)) })
	return sortedKeys(all)
}

// Scoped is how messages call something of a scope: "ns:db", and "db" in the project of the files.
func Scoped(scope, name string) string {
	if scope == "" || strings.HasSuffix(scope, ":") {
		return scope + name
	}
	return name + " [" + scope + "]"
}

// graph is what the builders of all scopes share: each step is made once, by the first that needs it.
type graph struct {
	steps map[StepID]*Step
	// all are the steps of all scopes, in the order they were made in.
	all []*Step
	// main are the steps of the run itself, without those that serve only what `finally` names.
	main     map[StepID]bool
	diags    hcl.Diagnostics
	builders map[string]*builder
}

func newGraph(in Input) *graph {
	g := &graph{steps: map[StepID]*Step{}, builders: map[string]*builder{}}
	g.builder("", in, World{Project: in.Project, Observed: in.Observed})
	for scope, world := range in.Others {
		g.builder(scope, in, world)
	}
	return g
}

func (g *graph) builder(scope string, in Input, world World) {
	in.Project, in.Observed = world.Project, world.Observed
	b := &builder{graph: g, scope: scope, origin: OriginOf(in.Spec, scope), in: in}
	if world.Project != nil {
		b.model = world.Project.Model()
	}
	g.builders[scope] = b
}

// of is the builder of a task's own scope. Tasks that reach no project may be of a scope that nobody has looked at.
func (g *graph) of(t *hclspec.Task) *builder {
	if b := g.builders[ScopeOf(t)]; b != nil {
		return b
	}
	return g.builders[""]
}

// each calls something for every scope, in order.
func (g *graph) each(do func(*builder)) {
	for _, scope := range sortedKeys(g.builders) {
		do(g.builders[scope])
	}
}

func (g *graph) scopes() map[string]Scope {
	scopes := map[string]Scope{}
	for key, b := range g.builders {
		if b.in.Project != nil {
			scope := Scope{Project: b.in.Project.Name(), Transient: b.transient || b.in.Observed.seesTransient()}
			if b.private() {
				scope.Private, scope.Of, scope.Said = b.origin.Private, b.in.Project.Original(), b.origin.Said
			}
			scopes[key] = scope
		}
	}
	return scopes
}

// id is the name of a step within the plan: that of another scope bears the scope's key.
func (b *builder) id(kind, name string) StepID {
	if b.scope == "" {
		return StepID(kind + "/" + name)
	}
	return StepID(b.scope + "/" + kind + "/" + name)
}

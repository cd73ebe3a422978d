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

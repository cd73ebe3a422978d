package planner

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Scope is a compose project of a plan. [ScopeOf] returns the key.
type Scope struct {
	// Project is the name of the compose project.
	Project string
	// HasTransient reports whether the project has, or may get, transient resources.
	HasTransient bool
	// PrivateTask is the task of a private project. The project ends with the task. Empty: no private project.
	PrivateTask string
	// IsShard reports whether the task of a private project is a shard.
	IsShard bool
	// Original is the original project of a private project. PolicyRange is the place of the policy in a file, or
	// empty.
	Original    string
	PolicyRange hcl.Range
	// PolicySource is [hclspec.Task].PolicySource.
	PolicySource string
}

// ProjectState is a compose project, reduced to the services of the scope's tasks ([RootServices]), with the snapshot.
type ProjectState struct {
	Project  *composeproject.Project
	Snapshot *observed.Snapshot
}

// SetScopes sets the projects of all scopes, by key.
func (in *Input) SetScopes(states map[string]ProjectState) {
	in.Project, in.Snapshot = states[""].Project, states[""].Snapshot
	in.ByScope = maps.Clone(states)
	delete(in.ByScope, "")
}

// SetOwnership sets the ownership, frozen for the snapshots of all scopes. [Input.SetScopes] comes first.
func (in *Input) SetOwnership(owners observed.Ownership) {
	var snapshots []*observed.Snapshot
	for _, state := range append(slices.Collect(maps.Values(in.ByScope)), ProjectState{Snapshot: in.Snapshot}) {
		if state.Snapshot != nil {
			snapshots = append(snapshots, state.Snapshot)
		}
	}
	in.Ownership = owners.Freeze(snapshots...)
}

// ProjectOf returns the name of a step's compose project, or "".
func (p *Plan) ProjectOf(s *Step) string {
	if s.Scope == "" {
		return p.Project
	}
	return p.Scopes[s.Scope].Project
}

// SpecOfScope returns a spec with only the tasks of a scope.
func SpecOfScope(spec *hclspec.Spec, scope string) *hclspec.Spec {
	own := *spec
	own.Tasks = maps.Clone(spec.Tasks)
	maps.DeleteFunc(own.Tasks, func(_ string, t *hclspec.Task) bool { return ScopeOf(t) != scope })
	return &own
}

// ScopesOf returns the scopes with a task that needs a container engine, sorted.
func ScopesOf(spec *hclspec.Spec) []string {
	all := map[string]bool{}
	for _, t := range spec.Tasks {
		all[ScopeOf(t)] = true
	}
	maps.DeleteFunc(all, func(scope string, _ bool) bool { return !NeedsEngine(SpecOfScope(spec, scope)) })
	return sortedKeys(all)
}

// ScopedName returns the name of a resource for messages: "ns:db", and "db" in the root project.
func ScopedName(scope, name string) string {
	if scope == "" || strings.HasSuffix(scope, ":") {
		return scope + name
	}
	return name + " [" + scope + "]"
}

// Lease names the lease on a service of the project.
func (p Scope) Lease(service string) string { return observed.ServiceLease(p.Project, service) }

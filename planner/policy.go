package planner

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// ScopeOf is the key of the scope that a task's steps belong to. The project of the files themselves has the key "", that of
// an included file with a compose block of its own the prefix of its tasks, "ns:". A private copy of either, made for a task
// and those that it reaches, has a key of its own behind that, and so have services that are only looked at.
func ScopeOf(t *hclspec.Task) string {
	switch t.Policy {
	case hclspec.PolicyEphemeral:
		return t.Scope + "ephemeral(" + t.PrivateProjectRun + ")"
	case hclspec.PolicyExternal:
		return t.Scope + "external"
	}
	return t.Scope
}

// Origin is where a scope comes from.
type Origin struct {
	// FileScope is the scope of the files that its tasks are in, [hclspec.Task].Scope.
	FileScope string
	// Policy is that of its tasks, where it makes the scope another one than that of the files; else empty. Private is the task
	// that a private project is made for.
	Policy      hclspec.Policy
	PrivateTask string
	// PolicyRange is where a file says the policy; empty: the command line does.
	PolicyRange hcl.Range
}

// OriginOf is where a scope of a spec comes from.
func OriginOf(spec *hclspec.Spec, scope string) Origin {
	for _, name := range sortedKeys(spec.Tasks) {
		if t := spec.Tasks[name]; ScopeOf(t) == scope && scope != t.Scope {
			return Origin{FileScope: t.Scope, Policy: t.Policy, PrivateTask: t.PrivateProjectRun, PolicyRange: t.PolicyRange}
		}
	}
	return Origin{FileScope: scope}
}

// PrivateLabels are on all that is made for a private copy of a project.
func PrivateLabels(project *composeproject.Project, owners observed.Ownership) map[string]string {
	labels := map[string]string{observed.LabelPolicy: string(hclspec.PolicyEphemeral), observed.LabelOriginal: project.OriginalName()}
	if owners.Self != "" {
		labels[observed.LabelOwner] = owners.Self
	}
	return labels
}

// isPrivate says that the builder's project is a copy for a run.
func (p *scopeSteps) isPrivate() bool { return p.project != nil && p.project.IsPrivate() }

// isExternal says that the services of the builder's project are only looked at.
func (p *scopeSteps) isExternal() bool { return p.origin.Policy == hclspec.PolicyExternal }

// policyText is how messages tell of a policy: as it is written, and where.
func (o Origin) policyText() string { return policyText(o.Policy, o.PolicyRange) }

func policyText(policy hclspec.Policy, policyRange hcl.Range) string {
	switch {
	case policyRange.Filename != "":
		return fmt.Sprintf("dependency_policy = %q (%s:%d:%d)", policy, policyRange.Filename, policyRange.Start.Line, policyRange.Start.Column)
	case policy == hclspec.PolicyEphemeral:
		return "--isolated"
	}
	return fmt.Sprintf("dependency_policy = %q", policy)
}

// privateText tells of the private projects of a plan, a line for each.
func (p *Plan) privateText() string {
	text := ""
	for _, key := range sortedKeys(p.Scopes) {
		if s := p.Scopes[key]; s.PrivateTask != "" {
			text += fmt.Sprintf("private project %s [%s], a copy of %s for task %s: %s; all of it is removed afterwards\n",
				s.Project, key, s.Original, s.PrivateTask, policyText(hclspec.PolicyEphemeral, s.PolicyRange))
		}
	}
	return text
}

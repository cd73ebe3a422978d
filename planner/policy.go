package planner

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// ScopeOf returns the key of a task's scope. The root project has the key "". An included file with its own compose
// block has the prefix of its tasks, "ns:". A private project, and services under the external policy, append another
// key, after a space if the scope has an overlay.
func ScopeOf(t *hclspec.Task) string {
	scope := t.Scope
	if hclspec.FileScope(scope) != scope {
		scope += " "
	}
	switch t.Policy {
	case hclspec.PolicyEphemeral:
		return scope + "ephemeral(" + t.PrivateProjectRun + ")"
	case hclspec.PolicyExternal:
		return scope + "external"
	}
	return t.Scope
}

// Origin is the origin of a scope.
type Origin struct {
	// FileScope is the scope of the file, [hclspec.Task].Scope.
	FileScope string
	// Policy is the policy that separates the scope from the scope of the file, or empty. PrivateTask is the task of a
	// private project.
	Policy      hclspec.Policy
	PrivateTask string
	// PolicyRange is the place of the policy in a file. Empty: the policy comes from the command line.
	PolicyRange hcl.Range
	// PolicySource is [hclspec.Task].PolicySource.
	PolicySource string
}

// OriginOf returns the origin of a scope.
func OriginOf(spec *hclspec.Spec, scope string) Origin {
	for _, name := range sortedKeys(spec.Tasks) {
		if t := spec.Tasks[name]; ScopeOf(t) == scope && scope != t.Scope {
			return Origin{FileScope: t.Scope, Policy: t.Policy, PrivateTask: t.PrivateProjectRun, PolicyRange: t.PolicyRange,
				PolicySource: t.PolicySource}
		}
	}
	return Origin{FileScope: scope}
}

// PrivateLabels returns the labels of all resources in a private project.
func PrivateLabels(project *composeproject.Project, owners observed.Ownership) map[string]string {
	labels := map[string]string{
		observed.LabelPolicy: observed.PolicyEphemeral, observed.LabelOriginal: project.OriginalName(),
	}
	if owners.Self != "" {
		labels[observed.LabelOwner] = owners.Self
	}
	return labels
}

// policyText renders a policy for messages: as written, with the place.
func (o Origin) policyText() string { return policyText(o.Policy, o.PolicySource, o.PolicyRange) }

func policyText(policy hclspec.Policy, source string, policyRange hcl.Range) string {
	attribute := cmp.Or(source, fmt.Sprintf("dependency_policy = %q", policy))
	switch {
	case policyRange.Filename != "":
		return fmt.Sprintf("%s (%s)", attribute, hclspec.PlaceText(policyRange))
	case policy == hclspec.PolicyEphemeral:
		return cmp.Or(source, "--isolated")
	}
	return attribute
}

// PrivateText renders the private projects of a plan, a line for each.
func (p *Plan) PrivateText() string {
	text := ""
	for _, key := range sortedKeys(p.Scopes) {
		if s := p.Scopes[key]; s.PrivateTask != "" {
			text += fmt.Sprintf("private project %s [%s], a copy of %s for task %s: %s; all of it is removed afterwards\n",
				s.Project, key, s.Original, s.PrivateTask, policyText(hclspec.PolicyEphemeral, s.PolicySource, s.PolicyRange))
		}
	}
	return text
}

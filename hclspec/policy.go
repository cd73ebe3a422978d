package hclspec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// Policies returns the values of dependency_policy.
func Policies() []string {
	return []string{string(PolicyReuse), string(PolicyTransient), string(PolicyEphemeral), string(PolicyExternal)}
}

func setDependencyPolicy(d *taskDraft, v cty.Value) (err error) {
	d.task.Policy, err = asPolicy(v)
	return err
}

func asPolicy(v cty.Value) (Policy, error) {
	text, err := ctyconv.AsText(v)
	if err == nil && !slices.Contains(Policies(), text) {
		err = diag.Errorf("%q is no policy: there are %s.%s", text, strings.Join(Policies(), ", "),
			diag.DidYouMean(text, Policies()))
	}
	return Policy(text), err
}

// effectivePolicy is the dependency policy of a run: from the command line, from its task, or inherited from the
// caller.
type effectivePolicy struct {
	value Policy
	// declaredAt is the place of the policy. Empty: no place, or the command line.
	declaredAt hcl.Range
	// privateProjectRun is the run with the private project. With "ephemeral", this is the first run in a chain of
	// callers. The field is empty with other policies, and in the first run until the run has a name.
	privateProjectRun string
	// source is the attribute or flag with the policy, if another than dependency_policy and --isolated.
	source string
}

func reusePolicy() effectivePolicy { return effectivePolicy{value: PolicyReuse} }

// identityKey distinguishes runs of a task with different policies. All callers share the run of a private
// project.
func (s effectivePolicy) identityKey() string {
	if s.value == PolicyReuse {
		return ""
	}
	return "\x00under " + string(s.value) + " " + s.privateProjectRun
}

// nameSuffix distinguishes the run's name from the same task with another policy.
func (s effectivePolicy) nameSuffix() string {
	if s.privateProjectRun != "" {
		return fmt.Sprintf("(for %s)", s.privateProjectRun)
	}
	return fmt.Sprintf("(%s)", s.value)
}

// effectivePolicy returns the policy of a new run without a name.
func (e *evaluation) effectivePolicy(c invocation, run *taskRun) effectivePolicy {
	if !e.needsEngine(run.block) {
		return reusePolicy() // nothing tells the policies apart there: it is done once
	}
	inherited := reusePolicy()
	if c.caller != nil {
		inherited = c.caller.policy
	}
	declared := e.declaredPolicy(run)
	switch {
	case c.isIsolated:
		return effectivePolicy{value: PolicyEphemeral}
	case declared != nil && declared.value == PolicyEphemeral && inherited.value == PolicyEphemeral &&
		run.shard.Count == 0:
		return inherited // all of it is one run of one workflow
	case declared != nil:
		return *declared
	}
	if policy, isOfShards := shardPolicy(e, run, inherited); isOfShards {
		return policy
	}
	return inherited
}

// declaredPolicy returns the policy of the task. The result is nil without a policy. A wrong policy is reported
// with the other attributes.
func (e *evaluation) declaredPolicy(run *taskRun) *effectivePolicy {
	a := run.block.Attrs["dependency_policy"]
	if a == nil || a.IsFromDefaults && run.commandLine.options.Detach != nil && *run.commandLine.options.Detach ||
		e.isDisabled(run) {
		return nil
	}
	v, ok := e.scopeOf(run, RunResults{}).value(a.Expression)
	if !ok || !v.IsKnown() || v.IsNull() {
		return nil
	}
	policy, err := asPolicy(v)
	if err != nil {
		return nil
	}
	return &effectivePolicy{value: policy, declaredAt: a.Expr.Range()}
}

// needsEngine reports whether a task or a dependency needs a container engine. Cycles were excluded before.
func (e *evaluation) needsEngine(t *config.Task) bool {
	if t == nil {
		return false
	}
	if needs, known := e.engineNeeded[t]; known {
		return needs
	}
	reachesEngine := func(d Dependency) bool {
		return d.Service != "" || e.needsEngine(e.file.TaskByName[config.DeclaredName(d.Task)])
	}
	needs := t.Kind == ServiceTask || t.Kind == ImageTask || slices.ContainsFunc(t.Dependencies(), reachesEngine) ||
		slices.ContainsFunc(t.Finally, reachesEngine)
	e.engineNeeded[t] = needs
	return needs
}

// checkDetachPolicy reports a detached container with services that the end of the run removes.
func checkDetachPolicy(e *evaluation, t *Task) {
	if t.Detach && (t.Policy == PolicyEphemeral || t.Policy == PolicyTransient) {
		policySource := diag.Textf("%s", cmp.Or(t.PolicySource, "--isolated"))
		if t.PolicyRange.Filename != "" {
			policySource = diag.Textf("%s (%s)", cmp.Or(t.PolicySource, fmt.Sprintf("dependency_policy = %q", t.Policy)),
				diag.Place(t.PolicyRange))
		}
		e.reportAtRange(t.Range("detach"), fmt.Sprintf("detach under dependency_policy %q", t.Policy),
			"Nobody stays with task %q, and %s has what it uses removed when the run ends. Take one of the two away, or give "+
				"this task dependency_policy = \"reuse\".", t.Name, policySource)
	}
}

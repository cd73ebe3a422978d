package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// Policies are the values of dependency_policy.
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
		err = diag.Errorf("%q is no policy: there are %s.%s", text, strings.Join(Policies(), ", "), diag.DidYouMean(text, Policies()))
	}
	return Policy(text), err
}

// effectivePolicy is the dependency policy that a run is under: what the command line or its task says, else that of the run which
// it was reached from.
type effectivePolicy struct {
	value Policy
	// at is where the policy is said; empty: nowhere, or on the command line.
	declaredAt hcl.Range
	// privateProjectRun is the run that the private project is made for: the first of those that are reached one from the other under
	// "ephemeral". Empty under another policy, and in that first run itself until it has its name.
	privateProjectRun string
}

func reusePolicy() effectivePolicy { return effectivePolicy{value: PolicyReuse} }

// key tells apart the runs of one task under different policies. One for which a private project is made is the same run
// whoever asks for it.
func (s effectivePolicy) identityKey() string {
	if s.value == PolicyReuse {
		return ""
	}
	return "\x00under " + string(s.value) + " " + s.privateProjectRun
}

// nameSuffix is what tells the run's name from that of the same task under another policy.
func (s effectivePolicy) nameSuffix() string {
	if s.privateProjectRun != "" {
		return fmt.Sprintf("(for %s)", s.privateProjectRun)
	}
	return fmt.Sprintf("(%s)", s.value)
}

// effectivePolicy is what a call puts a run under, which has no name yet.
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
	case declared != nil && declared.value == PolicyEphemeral && inherited.value == PolicyEphemeral:
		return inherited // all of it is one run of one workflow
	case declared != nil:
		return *declared
	}
	return inherited
}

// declaredPolicy is what a task itself says; nil: nothing, or something wrong, which is reported with its other attributes.
func (e *evaluation) declaredPolicy(run *taskRun) *effectivePolicy {
	a := run.block.Attrs["dependency_policy"]
	if a == nil || a.IsFromDefaults && run.commandLine.options.Detach != nil && *run.commandLine.options.Detach || e.isDisabled(run) {
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

// needsEngine says whether a task, or one that it leads to, has to do with a container engine. There are no cycles any more.
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
	needs := t.Kind == ServiceTask || t.Kind == ImageTask || slices.ContainsFunc(t.Dependencies(), reachesEngine) || slices.ContainsFunc(t.Finally, reachesEngine)
	e.engineNeeded[t] = needs
	return needs
}

// checkDetachPolicy reports a container that is left in the background where what it uses goes with the run.
func checkDetachPolicy(e *evaluation, t *Task) {
	if t.Detach && (t.Policy == PolicyEphemeral || t.Policy == PolicyTransient) {
		policySource := diag.Textf("--isolated")
		if t.PolicyRange.Filename != "" {
			policySource = diag.Textf("dependency_policy = %q (%s)", t.Policy, diag.Place(t.PolicyRange))
		}
		e.reportAtRange(t.Range("detach"), fmt.Sprintf("detach under dependency_policy %q", t.Policy),
			"Nobody stays with task %q, and %s has what it uses removed when the run ends. Take one of the two away, or give this task dependency_policy = \"reuse\".", t.Name, policySource)
	}
}

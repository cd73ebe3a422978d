package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Policies are the values of dependency_policy.
func Policies() []string {
	return []string{string(PolicyReuse), string(PolicyTransient), string(PolicyEphemeral), string(PolicyExternal)}
}

func setDependencyPolicy(d *draft, v cty.Value) (err error) {
	d.task.Policy, err = asPolicy(v)
	return err
}

func asPolicy(v cty.Value) (Policy, error) {
	text, err := asText(v)
	if err == nil && !slices.Contains(Policies(), text) {
		err = fmt.Errorf("%q is no policy: there are %s.%s", text, strings.Join(Policies(), ", "), didYouMean(text, Policies()))
	}
	return Policy(text), err
}

// standing is the dependency policy that a run is under: what the command line or its task says, else that of the run which
// it was reached from.
type standing struct {
	policy Policy
	// at is where the policy is said; empty: nowhere, or on the command line.
	at hcl.Range
	// private is the run that the private project is made for: the first of those that are reached one from the other under
	// "ephemeral". Empty under another policy, and in that first run itself until it has its name.
	private string
}

func reusing() standing { return standing{policy: PolicyReuse} }

// key tells apart the runs of one task under different policies. One for which a private project is made is the same run
// whoever asks for it.
func (s standing) key() string {
	if s.policy == PolicyReuse {
		return ""
	}
	return "\x00under " + string(s.policy) + " " + s.private
}

// suffix is what tells the run's name from that of the same task under another policy.
func (s standing) suffix() string {
	if s.private != "" {
		return fmt.Sprintf("(for %s)", s.private)
	}
	return fmt.Sprintf("(%s)", s.policy)
}

// standing is what a call puts a run under, which has no name yet.
func (e *evaluation) standing(c call, run *instance) standing {
	if !e.needsServices(run.block) {
		return reusing() // nothing tells the policies apart there: it is done once
	}
	reached := reusing()
	if c.from != nil {
		reached = c.from.under
	}
	said := e.saidPolicy(run)
	switch {
	case c.isolated:
		return standing{policy: PolicyEphemeral}
	case said != nil && said.policy == PolicyEphemeral && reached.policy == PolicyEphemeral:
		return reached // all of it is one run of one workflow
	case said != nil:
		return *said
	}
	return reached
}

// saidPolicy is what a task itself says; nil: nothing, or something wrong, which is reported with its other attributes.
func (e *evaluation) saidPolicy(run *instance) *standing {
	a := run.block.attrs["dependency_policy"]
	if a == nil || a.byDefault && run.request.options.Detach != nil && *run.request.options.Detach || e.disabled(run) {
		return nil
	}
	v, ok := e.scopeOf(run, Results{}).value(a.expression)
	if !ok || !v.IsKnown() || v.IsNull() {
		return nil
	}
	policy, err := asPolicy(v)
	if err != nil {
		return nil
	}
	return &standing{policy: policy, at: a.expr.Range()}
}

// needsServices says whether a task, or one that it leads to, has to do with a container engine. There are no cycles any more.
func (e *evaluation) needsServices(t *taskBlock) bool {
	if t == nil {
		return false
	}
	if needs, known := e.needing[t]; known {
		return needs
	}
	leads := func(d Dependency) bool {
		return d.Service != "" || e.needsServices(e.file.taskByName[blockName(d.Task)])
	}
	needs := t.kind == Service || t.kind == Image || slices.ContainsFunc(t.dependencies(), leads) || slices.ContainsFunc(t.finally, leads)
	e.needing[t] = needs
	return needs
}

// checkStanding reports a container that is left in the background where what it uses goes with the run.
func (e *evaluation) checkStanding(t *Task) {
	if t.Detach && (t.Policy == PolicyEphemeral || t.Policy == PolicyTransient) {
		said := "--isolated"
		if t.PolicyRange.Filename != "" {
			said = fmt.Sprintf("dependency_policy = %q (%s)", t.Policy, place(t.PolicyRange))
		}
		e.reportAt(t.Range("detach"), fmt.Sprintf("detach under dependency_policy %q", t.Policy),
			"Nobody stays with task %q, and %s has what it uses removed when the run ends. Take one of the two away, or give this task dependency_policy = \"reuse\".", t.Name, said)
	}
}

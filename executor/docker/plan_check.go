package docker

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tasks/planner"
)

// Check tells all that a plan asks for and this engine, or any, cannot do, before anything is done: what a compose file says
// is mapped as for the real containers and networks, as far as it is known yet. What comes from the output of a task is not,
// nor is what would only be made anew should its image change; those fail when they are made, as does what a run can do
// without.
func (e *Engine) Check(ctx context.Context, plan *planner.Plan) error {
	version, err := e.APIVersion(ctx)
	if err != nil {
		return err
	}
	c := &planCheck{api: apiVersion(version), facts: map[string]planner.Facts{}, reported: map[string]bool{}}
	for _, s := range plan.Steps {
		if c.facts[s.Scope].Containers == nil {
			c.facts[s.Scope] = planner.Facts{Containers: map[string]string{}}
		}
		switch a := s.Action.(type) {
		case *planner.Container:
			c.facts[s.Scope].Containers[a.Replica] = "not made yet"
		case *planner.InspectService:
			c.facts[s.Scope].Containers[a.Replica] = "not looked at yet"
		}
	}
	required := requiredSteps(plan)
	for _, s := range plan.Steps {
		if required[s.ID] {
			c.checkStep(s)
		}
	}
	return errors.Join(c.errs...)
}

// requiredSteps are those without which a wanted one fails. A step stands behind all that it needs.
func requiredSteps(plan *planner.Plan) map[planner.StepID]bool {
	required := map[planner.StepID]bool{}
	for _, id := range plan.Targets {
		required[id] = true
	}
	for _, s := range slices.Backward(plan.Steps) {
		for _, n := range s.Needs {
			required[n.Step] = required[n.Step] || required[s.ID] && !n.Optional
		}
	}
	return required
}

// planCheck is one look at a plan.
type planCheck struct {
	api apiVersion
	// facts give every service of each scope a container, so that references to it can be resolved.
	facts map[string]planner.Facts
	errs  []error
	// reported has the text of each error: replicas have the same.
	reported map[string]bool
}

func (c *planCheck) checkStep(s *planner.Step) {
	switch a := s.Action.(type) {
	case *planner.Network:
		if s.Verb != planner.Reuse && !a.External {
			_, err := networkOptions(a, c.api)
			c.addErrors(err)
		}
	case *planner.Container:
		if s.Verb != planner.Reuse {
			c.checkContainer(a.Decide(nil, c.facts[s.Scope]).Spec)
		}
	case *planner.StartService:
		if s.Verb == planner.Start && a.Hooks.PreStart != nil {
			for _, spec := range a.Hooks.PreStart(c.facts[s.Scope]) {
				c.checkContainer(spec)
			}
		}
	case *planner.CreateOneOff:
		if len(a.Task.Deferred) > 0 {
			return
		}
		if spec, diags := a.Spec(c.facts[s.Scope], false, "slug"); !diags.HasErrors() {
			c.checkContainer(spec)
		}
	}
}

// checkContainer maps one. Files that it names may still be made by an earlier task, and are not read.
func (c *planCheck) checkContainer(spec planner.ContainerSpec) {
	m := newMapper(spec, c.api)
	m.readFile = func(string) ([]byte, error) { return []byte("{}"), nil }
	_, err := m.create()
	c.addErrors(err)
}

// addErrors takes errors apart that were joined.
func (c *planCheck) addErrors(err error) {
	if err == nil {
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !c.reported[line] {
			c.reported[line] = true
			c.errs = append(c.errs, errors.New(line))
		}
	}
}

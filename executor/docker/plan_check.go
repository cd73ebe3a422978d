package docker

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tasks/planner"
)

// Check reports everything in a plan that this engine, or any engine, cannot do, before the first step. Known parts of
// the compose file are mapped like the real containers and networks. Output of tasks is unknown, and so is a
// replacement because of a changed image. Such errors appear at the creation. The same is true for steps that a run can
// do without.
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

// requiredSteps returns the steps that some target needs. In the plan, a step comes after all its needs.
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

// planCheck is the check of one plan.
type planCheck struct {
	api apiVersion
	// facts give a container to every service of each scope, to resolve references.
	facts map[string]planner.Facts
	errs  []error
	// reported holds the text of each error, because replicas have equal errors.
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
	case *planner.WaitService:
		if a.NeverMetError != "" {
			c.addErrors(errors.New(a.NeverMetError))
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

// checkContainer maps one container. The files of the spec are not read, because an earlier task may still create them.
func (c *planCheck) checkContainer(spec planner.ContainerSpec) {
	m := newMapper(spec, c.api)
	m.readFile = func(string) ([]byte, error) { return []byte("{}"), nil }
	_, err := m.create()
	c.addErrors(err)
}

// addErrors splits joined errors.
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

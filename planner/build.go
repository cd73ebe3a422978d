package planner

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// Input is everything that a plan is made from.
type Input struct {
	Spec *hclspec.Spec
	// Project is the compose project, cut down to what the tasks reach ([Roots]); nil where they reach none.
	Project *composeproject.Project
	// Observed is the snapshot; nil where Project is.
	Observed *Observed
	// Others are the projects of the other scopes that tasks belong to, by [hclspec.Task].Scope.
	Others map[string]World
	// Unseen says that nobody has looked at the engine: the plan only serves to find mistakes, and what is missing there
	// is none.
	Unseen bool
	// Images is what the invocation says of images, over each service's pull_policy.
	Images ImagePolicy
	// RemoveOrphans takes away the project's containers that no service owns.
	RemoveOrphans bool
	// Owners says which one-offs dead runs have left, and whose those of this run are.
	Owners Owners
	// UpToDate is what the invocation wants of tasks that have inputs.
	UpToDate UpToDate
	// ProjectDir is the absolute directory that host commands run in.
	ProjectDir string
}

// Build makes the plan for the wanted tasks of a spec. It is pure. Errors are mistakes of the author: nothing of the plan
// may run then.
func Build(in Input) (*Plan, hcl.Diagnostics) {
	g := newGraph(in)
	plan := &Plan{Jobs: in.Spec.Jobs}
	g.wanted(plan, in.Spec)
	g.refuseSharedNames()
	g.serveLast(plan.Wanted)
	g.transients()
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	g.each(func(b *builder) {
		b.removeAbandoned()
		b.removeOrphans()
		b.nameConflicts()
		b.lookAfterStart()
		b.lookedAt()
		b.skipFinished()
		b.renewNetworks()
		b.restarts()
	})
	g.buildAfterTasks()
	steps, diags := sorted(g.all, g.steps)
	g.diags = append(g.diags, diags...)
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	plan.Steps, plan.Diagnostics = steps, g.diags
	plan.Scopes = g.scopes()
	plan.Project = plan.Scopes[""].Project
	g.skipUpToDate(plan)
	return plan, g.diags
}

// builder makes the steps of one scope. Tasks alone need steps of another one, and those are tasks, too.
type builder struct {
	*graph
	scope  string
	origin Origin
	// in has the project of the scope, and what was observed of it.
	in    Input
	model *types.Project
	// order are the scope's own steps.
	order []*Step
	// transient says that some of them make what goes after the last run that uses it.
	transient bool
}

// has says whether a step is there already, so that its maker has nothing to do.
func (g *graph) has(id StepID) bool {
	_, ok := g.steps[id]
	return ok
}

// add registers a step. It is called before the step's needs are made, so that recursion ends.
func (b *builder) add(s *Step) *Step {
	s.Scope = b.scope
	b.steps[s.ID] = s
	b.order = append(b.order, s)
	b.all = append(b.all, s)
	return s
}

// need adds an edge, once; a required one replaces an optional one.
func (s *Step) need(id StepID, reason string, optional bool) {
	if i := s.place(id); i >= 0 {
		s.Needs[i].Optional, s.Needs[i].Ended = s.Needs[i].Optional && optional, false
		return
	}
	s.Needs = append(s.Needs, Need{Step: id, Reason: reason, Optional: optional})
}

// fewNeeds are looked through faster than found in a map.
const fewNeeds = 8

// place is where a need stands in Needs, or -1. While a plan is built, needs are only added.
func (s *Step) place(id StepID) int {
	if len(s.Needs) <= fewNeeds {
		return slices.IndexFunc(s.Needs, func(n Need) bool { return n.Step == id })
	}
	if s.places == nil {
		s.places = map[StepID]int{}
	}
	for i := len(s.places); i < len(s.Needs); i++ {
		s.places[s.Needs[i].Step] = i
	}
	if i, there := s.places[id]; there {
		return i
	}
	return -1
}

// task makes the steps of a task and of everything it depends on, and returns the one that ends it. Names tell the tasks of
// all scopes apart.
func (g *graph) task(spec *hclspec.Spec, name, reason string) StepID {
	id := taskID(name)
	if g.has(id) {
		return id
	}
	t := spec.Tasks[name]
	if t == nil {
		panic("planner: the spec lacks task " + name)
	}
	return g.of(t).ownTask(t, reason)
}

func taskID(name string) StepID { return StepID("task/" + name) }

func (b *builder) task(name, reason string) StepID { return b.graph.task(b.in.Spec, name, reason) }

// ownTask is task for one of the builder's scope.
func (b *builder) ownTask(t *hclspec.Task, reason string) StepID {
	id := taskID(t.Name)
	step := b.add(&Step{ID: id, Verb: Run, Reason: reason, Range: t.DeclRange})
	if t.Disabled != "" {
		step.Verb, step.Reason, step.Action = Skip, t.Disabled, &JoinGroup{Task: t}
		return id
	}
	switch t.Kind {
	case hclspec.Group:
		step.Verb, step.Action = Join, &JoinGroup{Task: t}
	case hclspec.Host:
		step.Action = &RunHost{Task: t, ProjectDir: b.in.ProjectDir}
	case hclspec.Service, hclspec.Image:
		if t.Exec {
			b.exec(step, t)
			break
		}
		create := b.oneOff(t)
		step.Action = &RunOneOff{Task: t, Create: create}
		step.need(create, "its container", false)
	}
	step.Check = b.check(t)
	b.taskDependencies(t, step)
	b.tellPorts(t, step)
	b.finally(t)
	return id
}

// taskDependencies adds what must be done before a task's command: tasks always, services unless no_deps says none.
func (b *builder) taskDependencies(t *hclspec.Task, step *Step) {
	for _, d := range t.DependsOn {
		if d.Task != "" {
			step.need(b.task(d.Task, fmt.Sprintf("for task %s", t.Name)), "depends_on", false)
		} else if !t.NoDeps {
			b.awaitService(step, d.Service, d.Condition, false, "task "+t.Name)
		}
	}
	b.hostPorts(step, t)
	if t.Kind == hclspec.Service && !t.NoDeps && !t.Exec {
		b.awaitDependencies(step, b.model.Services[t.Service], "task "+t.Name)
	}
}

// awaitDependencies makes a step wait for what a service's depends_on asks for, links and shared namespaces included
// (the loader adds those to depends_on: Compose specification, depends_on).
func (b *builder) awaitDependencies(step *Step, s types.ServiceConfig, who string) {
	for _, name := range sortedKeys(s.DependsOn) {
		d := s.DependsOn[name]
		if _, there := b.model.Services[name]; !there {
			continue // an optional dependency in an inactive profile
		}
		b.awaitService(step, name, hclspec.Condition(d.Condition), !d.Required, who)
	}
}

// awaitService makes a step wait until a service meets a condition.
func (b *builder) awaitService(step *Step, service string, c hclspec.Condition, optional bool, who string) {
	if c == hclspec.Ready && b.in.Spec.Readiness[b.origin.Files+service].HasProbe() {
		c = hclspec.Healthy // the same, and so the same step
	}
	for _, instance := range b.service(service, "for "+who) {
		id := b.startID(instance)
		if c != hclspec.Started && c != "" {
			id = b.wait(instance, service, c, who)
		}
		step.need(id, string(c), optional)
	}
}

// buildAfterTasks lets an image be built only after the tasks that the needing task depends on, because they may make
// the files that the build reads. An edge that would close a cycle is left out: then the task itself needs the image. So is one
// that would let the run itself wait for what `finally` names.
func (g *graph) buildAfterTasks() {
	for _, img := range g.all {
		if !img.mayBuild() {
			continue
		}
		above := g.above(img.ID)
		for _, t := range g.all {
			if !inContainer(t) || !above[t.ID] {
				continue
			}
			for _, d := range TaskOf(t).DependsOn {
				if id := taskID(d.Task); d.Task != "" && !above[id] && !(g.main[img.ID] && g.steps[id].follows()) {
					img.need(id, "its files may be made by it", false)
				}
			}
		}
	}
}

// below is a step and all that it needs, directly or not.
func (g *graph) below(id StepID) map[StepID]bool {
	return reached(id, func(id StepID, visit func(StepID)) {
		for _, n := range g.steps[id].Needs {
			visit(n.Step)
		}
	})
}

// above is a step and all that need it, directly or not.
func (g *graph) above(id StepID) map[StepID]bool {
	dependents := map[StepID][]StepID{}
	for _, s := range g.all {
		for _, n := range s.Needs {
			dependents[n.Step] = append(dependents[n.Step], s.ID)
		}
	}
	return reached(id, func(id StepID, visit func(StepID)) {
		for _, d := range dependents[id] {
			visit(d)
		}
	})
}

func reached(from StepID, next func(id StepID, visit func(StepID))) map[StepID]bool {
	seen := map[StepID]bool{}
	var visit func(StepID)
	visit = func(id StepID) {
		if !seen[id] {
			seen[id] = true
			next(id, visit)
		}
	}
	visit(from)
	return seen
}

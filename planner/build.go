package planner

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Input is everything that a plan is made from.
type Input struct {
	Spec *hclspec.Spec
	// Project is the compose project, cut down to what the tasks reach ([Roots]); nil where they reach none.
	Project *composeproject.Project
	// Snapshot is the snapshot; nil where Project is.
	Snapshot *observed.Snapshot
	// ByScope are the projects of the other scopes that tasks belong to, by [hclspec.Task].Scope.
	ByScope map[string]ProjectState
	// IsOffline says that nobody has looked at the engine: the plan only serves to find mistakes, and what is missing there
	// is none.
	IsOffline bool
	// Images is what the invocation says of images, over each service's pull_policy.
	Images ImagePolicy
	// RemoveOrphans takes away the project's containers that no service owns.
	RemoveOrphans bool
	// Ownership says which one-offs dead runs have left, and whose those of this run are.
	Ownership observed.Ownership
	// UpToDateOptions is what the invocation wants of tasks that have inputs.
	UpToDate UpToDateOptions
	// ProjectDir is the absolute directory that host commands run in.
	ProjectDir string
}

// Build makes the plan for the wanted tasks of a spec. It is pure. Errors are mistakes of the author: nothing of the plan
// may run then.
func Build(in Input) (*Plan, hcl.Diagnostics) {
	g := newGraph(in)
	plan := &Plan{Jobs: in.Spec.Jobs}
	g.planTargets(plan, in.Spec)
	g.refuseSharedNames()
	g.deferFinallyDependencies(plan.Targets)
	g.markTransient()
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	g.forEachScope(func(b *builder) {
		b.removeAbandoned()
		b.removeOrphans()
		b.nameConflicts()
		b.inspectPortsAfterStart()
		b.annotateMissing()
		b.skipCompleted()
		b.recreateNetworks()
		b.planRestarts()
	})
	g.buildAfterTasks()
	steps, diags := topologicalOrder(g.allSteps, g.steps)
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
	// input has the project of the scope, and what was observed of it.
	input Input
	model *types.Project
	// order are the scope's own steps.
	order []*Step
	// hasTransient says that some of them make what goes after the last run that uses it.
	hasTransient bool
}

// hasStep says whether a step is there already, so that its maker has nothing to do.
func (g *graph) hasStep(id StepID) bool {
	_, ok := g.steps[id]
	return ok
}

// addStep registers a step. It is called before the step's needs are made, so that recursion ends.
func (b *builder) addStep(s *Step) *Step {
	s.Scope = b.scope
	b.steps[s.ID] = s
	b.order = append(b.order, s)
	b.allSteps = append(b.allSteps, s)
	return s
}

// addNeed adds an edge, once; a required one replaces an optional one.
func (s *Step) addNeed(id StepID, reason string, optional bool) {
	if i := s.needIndex(id); i >= 0 {
		s.Needs[i].Optional, s.Needs[i].EndOnly = s.Needs[i].Optional && optional, false
		return
	}
	s.Needs = append(s.Needs, Need{Step: id, Reason: reason, Optional: optional})
}

// linearSearchLimit are looked through faster than found in a map.
const linearSearchLimit = 8

// needIndex is where a need stands in Needs, or -1. While a plan is built, needs are only added.
func (s *Step) needIndex(id StepID) int {
	if len(s.Needs) <= linearSearchLimit {
		return slices.IndexFunc(s.Needs, func(n Need) bool { return n.Step == id })
	}
	if s.needIndexes == nil {
		s.needIndexes = map[StepID]int{}
	}
	for i := len(s.needIndexes); i < len(s.Needs); i++ {
		s.needIndexes[s.Needs[i].Step] = i
	}
	if i, exists := s.needIndexes[id]; exists {
		return i
	}
	return -1
}

// planTask makes the steps of a task and of everything it depends on, and returns the one that ends it. Names tell the tasks of
// all scopes apart.
func (g *graph) planTask(spec *hclspec.Spec, name, reason string) StepID {
	id := taskID(name)
	if g.hasStep(id) {
		return id
	}
	t := spec.Tasks[name]
	if t == nil {
		panic("planner: the spec lacks task " + name)
	}
	return g.builderOf(t).planOwnTask(t, reason)
}

func taskID(name string) StepID { return StepID("task/" + name) }

func (b *builder) planTask(name, reason string) StepID {
	return b.graph.planTask(b.input.Spec, name, reason)
}

// planOwnTask is task for one of the builder's scope.
func (b *builder) planOwnTask(t *hclspec.Task, reason string) StepID {
	id := taskID(t.Name)
	step := b.addStep(&Step{ID: id, Verb: Run, Reason: reason, Range: t.DeclRange})
	if t.DisabledReason != "" {
		step.Verb, step.Reason, step.Action = Skip, t.DisabledReason, &JoinGroup{Task: t}
		return id
	}
	switch t.Kind {
	case hclspec.GroupTask:
		step.Verb, step.Action = Group, &JoinGroup{Task: t}
	case hclspec.HostTask:
		step.Action = &RunHost{Task: t, ProjectDir: b.input.ProjectDir}
	case hclspec.ServiceTask, hclspec.ImageTask:
		if t.IsExec {
			b.planExec(step, t)
			break
		}
		create := b.planOneOff(t)
		step.Action = &RunOneOff{Task: t, Create: create}
		step.addNeed(create, "its container", false)
	}
	step.Check = b.upToDateCheck(t)
	b.addTaskDependencies(t, step)
	b.addPortEnv(t, step)
	b.planFinally(t)
	return id
}

// addTaskDependencies adds what must be done before a task's command: tasks always, services unless no_deps says none.
func (b *builder) addTaskDependencies(t *hclspec.Task, step *Step) {
	for _, d := range t.DependsOn {
		if d.Task != "" {
			step.addNeed(b.planTask(d.Task, fmt.Sprintf("for task %s", t.Name)), "depends_on", false)
		} else if !t.NoDeps {
			b.awaitService(step, d.Service, d.Condition, false, "task "+t.Name)
		}
	}
	b.needHostPorts(step, t)
	if t.Kind == hclspec.ServiceTask && !t.NoDeps && !t.IsExec {
		b.awaitDependencies(step, b.model.Services[t.Service], "task "+t.Name)
	}
}

// awaitDependencies makes a step wait for what a service's depends_on asks for, links and shared namespaces included
// (the loader adds those to depends_on: Compose specification, depends_on).
func (b *builder) awaitDependencies(step *Step, s types.ServiceConfig, dependent string) {
	for _, name := range sortedKeys(s.DependsOn) {
		d := s.DependsOn[name]
		if _, exists := b.model.Services[name]; !exists {
			continue // an optional dependency in an inactive profile
		}
		b.awaitService(step, name, hclspec.Condition(d.Condition), !d.Required, dependent)
	}
}

// awaitService makes a step wait until a service meets a condition.
func (b *builder) awaitService(step *Step, service string, c hclspec.Condition, optional bool, dependent string) {
	if c == hclspec.Ready && b.input.Spec.Readiness[b.origin.FileScope+service].HasProbe() {
		c = hclspec.Healthy // the same, and so the same step
	}
	for _, replica := range b.planService(service, "for "+dependent) {
		id := b.startID(replica)
		if c != hclspec.Started && c != "" {
			id = b.planWait(replica, service, c, dependent)
		}
		step.addNeed(id, string(c), optional)
	}
}

// buildAfterTasks lets an image be built only after the tasks that the needing task depends on, because they may make
// the files that the build reads. An edge that would close a cycle is left out: then the task itself needs the image. So is one
// that would let the run itself wait for what `finally` names.
func (g *graph) buildAfterTasks() {
	for _, img := range g.allSteps {
		if !img.mayBuild() {
			continue
		}
		above := g.withDependents(img.ID)
		for _, t := range g.allSteps {
			if !runsInContainer(t) || !above[t.ID] {
				continue
			}
			for _, d := range TaskOf(t).DependsOn {
				if id := taskID(d.Task); d.Task != "" && !above[id] && !(g.mainSteps[img.ID] && g.steps[id].hasEndNeed()) {
					img.addNeed(id, "its files may be made by it", false)
				}
			}
		}
	}
}

// withDependencies is a step and all that it needs, directly or not.
func (g *graph) withDependencies(id StepID) map[StepID]bool {
	return reachable(id, func(id StepID, visit func(StepID)) {
		for _, n := range g.steps[id].Needs {
			visit(n.Step)
		}
	})
}

// withDependents is a step and all that need it, directly or not.
func (g *graph) withDependents(id StepID) map[StepID]bool {
	dependents := map[StepID][]StepID{}
	for _, s := range g.allSteps {
		for _, n := range s.Needs {
			dependents[n.Step] = append(dependents[n.Step], s.ID)
		}
	}
	return reachable(id, func(id StepID, visit func(StepID)) {
		for _, d := range dependents[id] {
			visit(d)
		}
	})
}

func reachable(from StepID, next func(id StepID, visit func(StepID))) map[StepID]bool {
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

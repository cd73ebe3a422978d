package executor

import (
	"context"
	"slices"

	"tasks/executor/removal"
	"tasks/planner"
)

// shardGate limits the private projects of shards that exist at a time, and removes each when its shard has ended. So
// a task may have more shards than the engine has room for. Only the goroutine of the loop uses the gate.
type shardGate struct {
	projects map[string]*shardProject
	// limit returns the number of projects at a time, count is the number of projects with a place.
	limit func() int
	count int
	// removed reports the end of a removal.
	removed chan *shardProject
}

// shardProject is the private project of a shard.
type shardProject struct {
	name string
	// remaining is the number of its steps without an end. hasFailed reports a step without success.
	remaining int
	hasFailed bool
	// isOpen reports whether its steps may begin, hasPlace whether it takes up room, hasEnded whether its steps have
	// ended.
	isOpen, hasPlace, hasEnded bool
	// needs are the projects of other shards that have to end before: the steps of this project wait for their steps.
	needs []*shardProject
	// held are the steps that wait for a place, in the order of their readiness.
	held []*stepProgress
}

func newShardGate(r *progress, limit func() int) shardGate {
	g := shardGate{projects: map[string]*shardProject{}, limit: limit, removed: make(chan *shardProject)}
	for key, scope := range r.plan.Scopes {
		if scope.IsShard {
			g.projects[key] = &shardProject{name: scope.Project}
		}
	}
	if len(g.projects) == 0 {
		return g
	}
	for _, s := range r.plan.Steps {
		if p := g.projects[s.Scope]; p != nil {
			p.remaining++
		}
	}
	for key, p := range g.projects {
		p.needs = g.projectsBefore(r, key)
	}
	for _, p := range g.projects { // two projects that wait for each other: neither waits for its place
		p.isOpen = slices.ContainsFunc(p.needs, func(other *shardProject) bool { return slices.Contains(other.needs, p) })
	}
	return g
}

// projectsBefore returns the projects of other shards with steps that a project waits for, also through other steps.
func (g *shardGate) projectsBefore(r *progress, key string) (before []*shardProject) {
	seen := map[planner.StepID]bool{}
	var visit func(s *planner.Step)
	visit = func(s *planner.Step) {
		if seen[s.ID] {
			return
		}
		seen[s.ID] = true
		if p := g.projects[s.Scope]; p != nil && s.Scope != key && !slices.Contains(before, p) {
			before = append(before, p)
		}
		for _, n := range s.Needs {
			visit(r.steps[n.Step].step)
		}
	}
	for _, s := range r.plan.Steps {
		if s.Scope == key {
			visit(s)
		}
	}
	return before
}

// holds reports whether a step has to wait for a place of its project, and keeps such a step.
func (g *shardGate) holds(p *stepProgress) bool {
	project := g.projects[p.step.Scope]
	if project == nil || project.isOpen {
		return false
	}
	if g.canOpen(project) {
		g.open(project)
		return false
	}
	project.held = append(project.held, p)
	return true
}

func (g *shardGate) open(project *shardProject) {
	project.isOpen, project.hasPlace = true, true
	g.count++
}

func (g *shardGate) canOpen(project *shardProject) bool {
	isUnended := func(other *shardProject) bool { return !other.hasEnded }
	return g.count < g.limit() && !slices.ContainsFunc(project.needs, isUnended)
}

// endStep counts the end of a step, and returns its project after the last step of the project; else nil.
func (g *shardGate) endStep(p *stepProgress) *shardProject {
	project := g.projects[p.step.Scope]
	if project == nil {
		return nil
	}
	project.remaining--
	project.hasFailed = project.hasFailed || p.state != done
	if project.remaining > 0 {
		return nil
	}
	return project
}

// restart counts the steps of a project from the start.
func (g *shardGate) restart(scope string, steps int) {
	if project := g.projects[scope]; project != nil {
		project.remaining, project.hasFailed = steps, false
	}
}

// free gives the place of an ended project to the next projects, and returns their held steps.
func (g *shardGate) free(r *progress, project *shardProject) (next []*stepProgress) {
	project.hasEnded = true
	if project.hasPlace {
		g.count--
	}
	for _, s := range r.plan.Steps { // in the order of the plan
		waiting := g.projects[s.Scope]
		if waiting != nil && !waiting.isOpen && len(waiting.held) > 0 && g.canOpen(waiting) {
			g.open(waiting)
			next = append(next, waiting.held...)
			waiting.held = nil
		}
	}
	return next
}

// endShardStep looks for the end of a shard. After success its project is removed in the background; the removal
// counts as an active step. After a failure the project stays until the end of the run, for the report about its
// services.
func endShardStep(ctx context.Context, r *run, p *stepProgress) {
	project := r.shards.endStep(p)
	switch {
	case project == nil:
	case project.hasFailed || r.isStopping || !project.isOpen:
		beginHeld(ctx, r, project)
	default:
		r.activeSteps++
		go func() {
			removeProject(context.WithoutCancel(ctx), r, project.name)
			r.shards.removed <- project
		}()
	}
}

// removeProject removes a private project during the run. A failed removal is tried again at the end of the run.
func removeProject(ctx context.Context, r *run, project string) {
	ctx, cancelTimeout := context.WithTimeout(ctx, cleanupTimeout)
	defer cancelTimeout()
	ctx, cancel := r.forced.bound(ctx)
	defer cancel()
	c := &cleanup{
		remover: removal.Remover{Engine: r.cfg.Engine}, plan: r.plan, forget: r.ledger.forget,
		notify: func(Notice) {}, // the run goes on: this is not its cleanup
	}
	for _, e := range r.ledger.all() {
		if e.Project == project {
			c.entries = append(c.entries, e)
		}
	}
	c.removePrivateProjects(ctx)
}

// beginHeld frees the place of a project, and begins the steps that have waited for the place.
func beginHeld(ctx context.Context, r *run, ended *shardProject) {
	for _, p := range r.shards.free(&r.progress, ended) {
		r.enqueue(ctx, p)
	}
}

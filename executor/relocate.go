package executor

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// errRelocated ends the steps of a private project after the loss of its node.
var errRelocated = errors.New("the node of the project is lost")

// maxRelocations bounds the relocations of a private project.
const maxRelocations = 5

// relocation makes the steps of a private project begin again, after the loss of the project's node. The engine gives
// the project another node then. Only the goroutine of the loop uses a relocation.
type relocation struct {
	scope, project string
	// isActive reports whether the steps are ended at present, in order to begin again.
	isActive bool
	// count is the number of relocations, lossCount the number of relocations after the start of a command.
	count, lossCount int
	// reasons are the losses, for the commands that run again.
	reasons []string
}

// relocations are the relocations of a run, by scope.
type relocations struct {
	byScope map[string]*relocation
	// removed reports that the rest of a project is removed.
	removed chan *relocation
}

// newRelocations returns the relocations of a plan. An engine with one node has none.
func newRelocations(cfg Config, plan *planner.Plan) relocations {
	all := relocations{byScope: map[string]*relocation{}, removed: make(chan *relocation)}
	if _, hasNodes := cfg.Engine.(engine.Relocator); !hasNodes {
		return all
	}
	for key, scope := range plan.Scopes {
		if scope.PrivateTask != "" {
			all.byScope[key] = &relocation{scope: key, project: scope.Project}
		}
	}
	return all
}

// holds reports whether a step has to wait for the relocation of its project.
func (a relocations) holds(p *stepProgress) bool {
	m := a.byScope[p.step.Scope]
	return m != nil && m.isActive
}

// relocate handles the end of a step on a lost node, and reports whether the step begins again on another node. The
// end of the other steps of the project is handled too. Earlier losses are failed attempts of a command.
func relocate(ctx context.Context, r *run, p *stepProgress, o *step.Outcome) bool {
	m := r.relocations.byScope[p.step.Scope]
	if m == nil {
		return false
	}
	if !m.isActive && !beginRelocation(r, m, p, o.Err) {
		if planner.RunsCommand(p.step) {
			o.FailedAttempts = append(slices.Clone(m.reasons), o.FailedAttempts...)
			o.Err = adviseRetry(planner.TaskOf(p.step), o.Err)
		}
		return false
	}
	r.activeSteps--
	r.updateLedger(p, *o)
	r.freeSlot(p)
	p.state = waiting
	steps := stepsOf(r, m.scope)
	if slices.ContainsFunc(steps, func(p *stepProgress) bool { return p.state == active }) {
		return true
	}
	r.activeSteps++
	go func() {
		removeProject(context.WithoutCancel(ctx), r, m.project)
		r.cfg.Engine.(engine.Relocator).Relocate(m.project)
		r.relocations.removed <- m
	}()
	return true
}

// adviseRetry adds the remedy to the error of a command on a lost node.
func adviseRetry(task *hclspec.Task, err error) error {
	if !engine.IsNodeLost(err) || task.RetriesLost {
		return err
	}
	return fmt.Errorf("%w; the command may still run there: with on_lost = \"retry\" it begins again on another node", err)
}

// stepsOf returns the steps of a scope that are not skipped, in the order of the plan.
func stepsOf(r *run, scope string) (steps []*stepProgress) {
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; s.Scope == scope && p.state != skipped {
			steps = append(steps, p)
		}
	}
	return steps
}

// beginRelocation ends the steps of a project on a lost node, and reports whether the project may begin again: no
// command has begun, or each begun command says so (on_lost).
func beginRelocation(r *run, m *relocation, p *stepProgress, loss error) bool {
	steps := stepsOf(r, m.scope)
	if r.isStopping || p.isCancelled || !engine.IsNodeLost(loss) || m.count == maxRelocations {
		return false
	}
	hasBegun := false
	for _, other := range steps {
		task := planner.TaskOf(other.step)
		if task == nil || !planner.RunsCommand(other.step) || !other.isStarted && other.state != done {
			continue
		}
		hasBegun = true
		if !task.RetriesLost || m.lossCount > 0 {
			return false
		}
	}
	lost, _ := errors.AsType[*engine.NodeLostError](loss)
	text := lost.Error() + "; the project begins again on another node"
	m.isActive = true
	m.count++
	if hasBegun {
		m.lossCount++
		m.reasons = append(m.reasons, lost.Error())
		text = "lost, it may have run: " + text
	}
	r.notify(Notice{Kind: Warned, Step: p.step, Text: text})
	for _, other := range steps {
		if other != p && other.state == active {
			other.cancelWith(errRelocated)
		}
	}
	r.queue = slices.DeleteFunc(r.queue, func(p *stepProgress) bool {
		return p.step.Scope == m.scope && p.state == waiting
	})
	heap.Init(&r.queue)
	return true
}

// beginAgain makes the steps of a relocated project begin again.
func beginAgain(ctx context.Context, r *run, m *relocation) {
	m.isActive = false
	r.facts[m.scope] = newScopeFacts(r.facts[m.scope].Tasks)
	steps := stepsOf(r, m.scope)
	for _, p := range steps {
		*p = stepProgress{
			step: p.step, dependents: p.dependents, chainLength: p.chainLength, position: p.position,
			isCounted: p.isCounted,
		}
	}
	r.shards.restart(m.scope, len(steps))
	for _, p := range steps {
		for _, n := range p.step.Needs {
			if needed := r.steps[n.Step]; needed.state == waiting || needed.state == active {
				p.unmetNeeds++
			}
		}
	}
	for _, p := range steps {
		if p.unmetNeeds == 0 {
			r.enqueue(ctx, p)
		}
	}
	if r.isStopping {
		r.skipRest(ctx)
	}
}

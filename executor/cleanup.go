package executor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/executor/release"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/planner"
)

// cleanupTimeout bounds the whole cleanup: an engine without an answer must not delay the user for ever.
const cleanupTimeout = time.Minute

// cleanup is the end of a run. It removes, in reverse order, what the run made and the run must not leave behind.
type cleanup struct {
	remover removal.Remover
	plan    *planner.Plan
	entries []step.Entry
	// forget hears of each removed entry.
	forget func(ids []string)
	// notify passes notices on. Safe for concurrent use.
	notify func(Notice)
	// failed are the failed removals, for the user. left counts the resources on lost nodes, by the error.
	failed []error
	left   map[string]int
	// leaving guards left.
	leaving sync.Mutex
}

// cleanUp removes resources by the ledger, and goes on after errors. One-offs are removed, unless rm = false and the
// command has begun. An interrupt before the start of a target removes all resources of the run that others do not
// use. Otherwise service containers stay for the next run. A container that ran before the run runs again afterwards.
func (r *run) cleanUp(ctx context.Context) {
	ctx, cancelTimeout := context.WithTimeout(ctx, cleanupTimeout)
	defer cancelTimeout()
	ctx, cancel := r.forced.bound(ctx)
	defer cancel()
	c := &cleanup{
		remover: removal.Remover{Engine: r.cfg.Engine}, plan: r.plan, entries: r.ledger.all(), forget: r.ledger.forget,
		notify: r.notify,
	}
	if r.firstFailed != nil || r.signal != 0 { // perhaps the engine is being stopped
		c.remover.Volumes = r.cfg.VolumeJournal
	}
	rest, stopped := c.removeOneOffs(ctx)
	c.removePrivateProjects(ctx)
	if r.signal != 0 && !r.hasTargetStarted() {
		usage := release.NewUsageCheck(r.cfg.Engine, r.cfg.Leases, r.plan, r.ledger.hasID)
		c.removeUnshared(ctx, rest, usage)
		usage.UnlockAll()
	}
	for _, e := range stopped {
		ended := announce(r.notify, planner.Start, resourceName(e))
		err := c.remover.Restart(ctx, e.ID, e.Name)
		if ended(); err != nil {
			r.notify(Notice{Kind: Warned, Text: removal.Advice(err)})
		}
	}
	for _, text := range c.leftTexts() {
		r.notify(Notice{Kind: Warned, Text: text})
	}
	for _, err := range c.failed {
		r.notify(Notice{Kind: Warned, Text: removal.Advice(err)})
	}
}

// removeOneOffs removes the containers of tasks, helpers and hooks. It returns the other resources of the run, and the
// stopped containers, in reverse order. Private projects are removed as a whole, transient resources at the end of the
// session.
func (c *cleanup) removeOneOffs(ctx context.Context) (rest, stopped []step.Entry) {
	for _, e := range slices.Backward(c.entries) {
		switch {
		case c.isPrivate(e.Project) || e.IsTransient && !isRunOnly(e):
		case isRunOnly(e):
			if e.OneOff == nil || e.OneOff.RemoveAfterRun || !e.OneOff.IsStarted {
				c.remove(ctx, e)
			}
		case e.Kind == step.StoppedServiceEntry:
			stopped = append(stopped, e)
		default:
			rest = append(rest, e)
		}
	}
	return rest, stopped
}

// isRunOnly reports whether a container belongs to a single run: no other run uses it.
func isRunOnly(e step.Entry) bool {
	return e.Kind == step.OneOffEntry || e.Kind == step.HelperEntry || e.Kind == step.HookEntry
}

// removeUnshared removes the resources that no other run uses.
func (c *cleanup) removeUnshared(ctx context.Context, entries []step.Entry, usage *release.UsageCheck) {
	for _, e := range entries {
		if !usage.IsUsedByOthers(ctx, e) {
			c.remove(ctx, e)
		}
	}
}

// remove removes a resource. A resource in use stays.
func (c *cleanup) remove(ctx context.Context, e step.Entry) {
	err := c.removeEntry(ctx, e)
	if err != nil && (isRunOnly(e) || !engine.IsConflict(err)) {
		c.failed = append(c.failed, err)
	}
}

// removeEntry removes a resource, and forgets a removed one. After the end of ctx, the cause of the end is the reason.
func (c *cleanup) removeEntry(ctx context.Context, e step.Entry) error {
	defer announce(c.notify, planner.Remove, resourceName(e))()
	err := c.remover.RemoveEntry(ctx, e)
	if engine.IsNodeLost(err) {
		c.leave(err)
		err = nil
	}
	if err == nil {
		c.forget([]string{e.ID})
		return nil
	}
	if manual, ok := errors.AsType[*removal.ManualError](err); ok && ctx.Err() != nil {
		manual.Err = context.Cause(ctx)
	}
	return err
}

// leave counts a resource on a lost node. The next command removes the resource when the node answers again.
func (c *cleanup) leave(err error) {
	c.leaving.Lock()
	defer c.leaving.Unlock()
	if c.left == nil {
		c.left = map[string]int{}
	}
	lost, _ := errors.AsType[*engine.NodeLostError](err)
	c.left[lost.Error()]++
}

// leftTexts are the texts about the resources on lost nodes.
func (c *cleanup) leftTexts() (texts []string) {
	for _, lost := range slices.Sorted(maps.Keys(c.left)) {
		const format = "%s: %d containers, networks and volumes of this run may be left there; " +
			"the next command removes them when the node answers again"
		texts = append(texts, fmt.Sprintf(format, lost, c.left[lost]))
	}
	return texts
}

func resourceName(e step.Entry) string { return removal.KindName(e) + " " + cmp.Or(e.Name, e.ID) }

// announce reports that an act on a resource begins. The caller calls ended at the end.
func announce(notify func(Notice), act planner.Verb, resource string) (ended func()) {
	notify(Notice{Kind: CleanupStarted, Verb: act, Text: resource})
	return func() { notify(Notice{Kind: CleanupEnded, Verb: act, Text: resource}) }
}

// removePrivateProjects removes private projects as a whole: all containers at the same time, then networks and
// volumes.
func (c *cleanup) removePrivateProjects(ctx context.Context) {
	var containers, rest []step.Entry
	for _, e := range slices.Backward(c.entries) {
		switch {
		case !c.isPrivate(e.Project) || e.Kind == step.StoppedServiceEntry:
		case e.Kind == step.NetworkEntry || e.Kind == step.VolumeEntry:
			rest = append(rest, e)
		default:
			containers = append(containers, e)
		}
	}
	errs := make([]error, len(containers))
	var all sync.WaitGroup
	for i, e := range containers {
		all.Go(func() { errs[i] = c.removeEntry(ctx, e) })
	}
	all.Wait()
	for _, e := range rest {
		errs = append(errs, c.removeEntry(ctx, e))
	}
	c.failed = append(c.failed, slices.DeleteFunc(errs, func(err error) bool { return err == nil })...)
}

// isPrivate reports whether the run made a project for itself.
func (c *cleanup) isPrivate(project string) bool { return isPrivateProject(c.plan, project) }

func isPrivateProject(plan *planner.Plan, project string) bool {
	for _, s := range plan.Scopes {
		if s.PrivateTask != "" && s.Project == project {
			return true
		}
	}
	return false
}

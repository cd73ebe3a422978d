package standby

import (
	"context"
	"maps"
	"reflect"
	"strings"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// Config holds the dependencies of a pool.
type Config struct {
	Engine engine.Engine
	// IsLocal reports whether the paths of bind mounts are on this machine.
	IsLocal bool
	// NewSlug makes the random part of a container's name, 64 hex digits.
	NewSlug func() string
	// Explain gets the state of a task's standby, for the user; nil: no explanation.
	Explain func(task, text string)
	// Warn gets failures of removals.
	Warn func(text string)
}

// Pool holds the standbys of a session: at most one for each task run. A pool is safe for concurrent use.
type Pool struct {
	cfg Config
	// ctx ends with the pool.
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	isClosed bool
	standbys map[string]*standby
	// failures are the failed starts since the last started standby, by task.
	failures map[string]failure
	// explained are the last explanations by task.
	explained map[string]string
	// undiscarded are the containers that could not be removed.
	undiscarded map[string]*standby
	// knownProgram is the program of the waiting process, after the first question for the platform.
	knownProgram planner.File
}

// Request describes the next run of a task.
type Request struct {
	Task, Project string
	IsPrivate     bool
	// IsRunning reports whether a container of the task is there: a fixed name is taken.
	IsRunning bool
	// Spec completes the container, with the facts of the last run.
	Spec SpecFunc
	// Images are the local images by reference.
	Images map[string]observed.Image
	// DetachKeys are those of the attachment.
	DetachKeys string
	// OutputBegun is closed at the first output of the current run, or at its end. The creation waits for the output, but
	// not long. Nil: the creation begins at once.
	OutputBegun <-chan struct{}
}

// SpecFunc completes the container of a task for a slug; false: a value of the task is wrong. The function is pure.
type SpecFunc func(slug string) (spec planner.ContainerSpec, isValid bool)

// Taken is a standby for a run.
type Taken struct {
	ID   string
	Spec planner.ContainerSpec
	// Held is the waiting process; nil: the container is not started.
	Held *step.Held
}

// standby is a container, or its creation under way.
type standby struct {
	task, project, slug string
	spec                planner.ContainerSpec
	mode                Mode
	// hurry ends the wait before the creation. cancel does so too, and there is no creation then.
	hurry, cancel func()
	// ready is closed at the end of the creation. The fields below are valid then.
	ready   chan struct{}
	id      string
	held    *step.Held
	mounted mountedFiles
	err     error
}

// NewPool returns an empty pool.
func NewPool(cfg Config) *Pool {
	p := &Pool{
		cfg: cfg, standbys: map[string]*standby{}, failures: map[string]failure{}, explained: map[string]string{},
		undiscarded: map[string]*standby{},
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Prepare makes a standby for the next run in the background, if the task has none yet.
func (p *Pool) Prepare(r Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.standbys[r.Task]; p.isClosed || s != nil {
		if s != nil && r.OutputBegun == nil {
			s.hurry()
		}
		return
	}
	slug := p.cfg.NewSlug()
	spec, isValid := r.Spec(slug)
	if !isValid || r.IsRunning && hasFixedName(spec) {
		return // the next run reports the errors
	}
	ctx, cancel := context.WithCancel(p.ctx)
	hurried := make(chan struct{})
	s := &standby{
		task: r.Task, project: r.Project, slug: slug, spec: spec, ready: make(chan struct{}),
		hurry: sync.OnceFunc(func() { close(hurried) }), cancel: cancel,
	}
	p.standbys[r.Task] = s
	p.work.Go(func() {
		defer cancel()
		defer close(s.ready)
		p.awaitOutput(ctx, r.OutputBegun, hurried)
		if ctx.Err() != nil {
			p.forget(s)
			return
		}
		p.make(s, r)
	})
}

// make chooses the mode of a standby, and makes the container. A failure leaves no standby.
func (p *Pool) make(s *standby, r Request) {
	program, holderError := p.program()
	_, copiesSources := p.cfg.Engine.(engine.Preparer)
	choice := Choose(s.spec, Circumstances{
		IsPrivate: r.IsPrivate, Image: r.Images[s.spec.Image], HolderError: holderError, IsLocal: p.cfg.IsLocal,
		CopiesSources: copiesSources,
	})
	if failed := p.failure(s.task); choice.Mode == Started && failed.count >= maxFailures {
		choice = Choice{Created, failed.reason}
	}
	if s.mode = choice.Mode; s.mode == None {
		p.explain(s.task, choice)
		p.forget(s)
		return
	}
	m := maker{Pool: p, standby: s, detachKeys: r.DetachKeys}
	if s.mode == Started {
		s.err = m.makeStarted(program)
		if s.err == nil || p.ctx.Err() != nil {
			p.recordFailure(s.task, "")
			p.explain(s.task, choice)
			return
		}
		choice = Choice{Created, "the engine refused to start it: " + s.err.Error()}
		p.recordFailure(s.task, choice.Reason)
		s.mode = Created
	}
	if s.err = m.makeCreated(); s.err != nil {
		choice = Choice{None, "the engine refused to create it: " + s.err.Error()}
		p.forget(s)
	}
	p.explain(s.task, choice)
}

// Take returns the standby of a task, if it is the container of the next run: spec completes this container for a slug.
// A standby in another configuration is removed.
func (p *Pool) Take(ctx context.Context, task string, spec SpecFunc) *Taken {
	s := p.remove(task)
	if s == nil {
		return nil
	}
	s.hurry()
	wanted, isValid := spec(s.slug)
	if !isValid || !isSame(wanted, s.spec) {
		p.discard(s)
		return nil
	}
	select {
	case <-ctx.Done():
		p.discard(s)
		return nil
	case <-s.ready:
	}
	if s.err != nil || s.mode == None || !p.isUsable(ctx, s) {
		p.discard(s)
		return nil
	}
	return &Taken{ID: s.id, Spec: s.spec, Held: s.held}
}

// isUsable reports whether a standby is as it was made.
func (p *Pool) isUsable(ctx context.Context, s *standby) bool {
	if s.mode == Created {
		state, err := p.cfg.Engine.InspectContainer(ctx, s.id)
		return err == nil && !state.State.IsRunning()
	}
	select {
	case <-s.held.Exit:
		return false
	default:
		return s.mounted.replaced(s.spec) == ""
	}
}

// isSame reports whether two containers have the same configuration. Functions have no part in a configuration.
func isSame(a, b planner.ContainerSpec) bool {
	a.Locate, b.Locate, a.Hold, b.Hold = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// remove removes the standby of a task from the pool; nil: there is none.
func (p *Pool) remove(task string) *standby {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.standbys[task]
	delete(p.standbys, task)
	return s
}

func (p *Pool) forget(s *standby) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.standbys[s.task] == s {
		delete(p.standbys, s.task)
	}
}

// failure counts the failed starts of standbys. A single failure may be by chance, for example a killed container.
type failure struct {
	count  int
	reason string
}

// maxFailures is the number of failed starts in a row that end the attempts.
const maxFailures = 2

func (p *Pool) failure(task string) failure {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failures[task]
}

// recordFailure counts a failed start; an empty reason stands for a success.
func (p *Pool) recordFailure(task, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if reason == "" {
		delete(p.failures, task)
		return
	}
	p.failures[task] = failure{count: p.failures[task].count + 1, reason: reason}
}

// explain tells the state of a standby, if the state has changed.
func (p *Pool) explain(task string, c Choice) {
	if p.cfg.Explain == nil || p.ctx.Err() != nil {
		return
	}
	text := map[Mode]string{
		None: "none: ", Created: "created, but not started: ", Started: "started",
	}[c.Mode] + c.Reason
	p.mu.Lock()
	isKnown := p.explained[task] == text
	p.explained[task] = text
	p.mu.Unlock()
	if !isKnown {
		p.cfg.Explain(task, text)
	}
}

// discard removes the container of a standby in the background.
func (p *Pool) discard(s *standby) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.undiscarded[s.slug] = s
	s.cancel()
	p.work.Go(func() {
		<-s.ready
		ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
		defer cancel()
		_ = p.removeContainer(ctx, s) // Close tries again
	})
}

// Discard removes all standbys, and returns after their end: they would be in the way of a change of a network.
func (p *Pool) Discard(ctx context.Context) {
	p.mu.Lock()
	all := maps.Clone(p.standbys)
	clear(p.standbys)
	p.mu.Unlock()
	var removals sync.WaitGroup
	for _, s := range all {
		removals.Go(func() {
			s.cancel()
			<-s.ready
			if p.removeContainer(ctx, s) != nil {
				p.discard(s)
			}
		})
	}
	removals.Wait()
}

// removeTimeout bounds a removal in the background.
const removeTimeout = 30 * time.Second

// hasFixedName reports whether the name of a container lacks the slug.
func hasFixedName(spec planner.ContainerSpec) bool {
	return !strings.Contains(spec.Name, shortSlug(spec))
}

// shortSlug is the part of the slug in the name of a one-off.
func shortSlug(spec planner.ContainerSpec) string {
	slug := spec.Labels[composeproject.LabelSlug]
	return slug[:min(len(slug), composeproject.SlugDigitsInName)]
}

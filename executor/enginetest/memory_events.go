package enginetest

import (
	"context"
	"time"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// subscription receives the events of a project. It is guarded by the engine's mutex.
type subscription struct {
	project string
	events  chan engine.Event
	closed  bool
	err     error
}

// eventRoom is how many events may wait to be read; a test that has more has forgotten to read them.
const eventRoom = 4096

// Events implements [engine.Engine].
func (m *Memory) Events(ctx context.Context, project string) (engine.Events, error) {
	late, err := m.recordCall(ctx, "Events", project)
	if err == nil {
		err = late
	}
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &subscription{project: project, events: make(chan engine.Event, eventRoom)}
	m.events = append(m.events, s)
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		s.close(nil)
	})
	return s, nil
}

func (s *subscription) C() <-chan engine.Event { return s.events }

// Err implements [engine.Events]: it is set before C is closed, and read after.
func (s *subscription) Err() error { return s.err }

func (s *subscription) close(err error) {
	if !s.closed {
		s.closed, s.err = true, err
		close(s.events)
	}
}

// BreakEvents ends all subscriptions, as a lost connection would.
func (m *Memory) BreakEvents(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.events {
		s.close(err)
	}
}

func (m *Memory) emit(c *memoryContainer, action string, exitCode int) {
	e := engine.Event{
		Action:      action,
		ContainerID: c.id,
		Service:     c.spec.Labels[composeproject.LabelService],
		ExitCode:    exitCode,
	}
	for _, s := range m.events {
		if !s.closed && inProject(c.spec.Labels, s.project) {
			select {
			case s.events <- e:
			default:
				panic("enginetest: nobody reads the events of project " + s.project)
			}
		}
	}
}

// Snapshot looks at what the planner asks about, as the real engine's does.
func (m *Memory) Snapshot(ctx context.Context, q observed.Query) (*observed.Snapshot, error) {
	late, err := m.recordCall(ctx, "Snapshot", q.Project)
	if err == nil {
		err = late
	}
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := &observed.Snapshot{APIVersion: "1.41", TakenAt: time.Now(), Images: map[string]observed.Image{}}
	m.snapshotContainers(seen, q)
	m.snapshotResources(seen, q)
	for _, image := range q.Images {
		if known, ok := m.localImage(image.Ref); ok {
			seen.Images[image.Ref] = known
		}
	}
	return seen, nil
}

package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
)

// Events implements [engine.Engine].
//
// The engine sends the answer's header before the subscription, so an event in between would be lost. A request with a
// start time returns the remembered events and subscribes in one step. Therefore the request has the current time on
// the engine's clock. An event around this time may arrive twice, and is reported once.
func (e *Engine) Events(ctx context.Context, project string) (engine.Events, error) {
	sub := &subscription{events: make(chan engine.Event, 64)}
	op := "subscribe to the events of project " + project
	err := e.call(ctx, op, func(api *client.Client) error {
		since := time.Now().Add(e.skew)
		stream := api.Events(ctx, client.EventsListOptions{
			Since:   fmt.Sprintf("%d.%09d", since.Unix(), since.Nanosecond()),
			Filters: ofProject(project).Add("type", string(events.ContainerEventType)),
		})
		select {
		case err := <-stream.Err:
			return err
		default:
		}
		go sub.forward(ctx, stream, func(err error) error {
			return e.wrapError(ctx, "follow the events of project "+project, err)
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sub, nil
}

// subscription passes events on until the stream ends.
type subscription struct {
	events  chan engine.Event
	failure atomic.Pointer[error]
	recent  recentEvents
}

func (s *subscription) C() <-chan engine.Event { return s.events }

// Err implements [engine.Events]. The error is set before C is closed.
func (s *subscription) Err() error {
	if err := s.failure.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *subscription) forward(ctx context.Context, stream client.EventsResult, wrap func(error) error) {
	defer close(s.events)
	for {
		select {
		case m := <-stream.Messages:
			if s.recent.isRepeated(m) {
				continue
			}
			select {
			case s.events <- event(m):
			case <-ctx.Done():
				return
			}
		case err := <-stream.Err:
			if ctx.Err() != nil {
				return
			}
			if err == nil || errors.Is(err, io.EOF) {
				err = errors.New("the engine closed the connection")
			}
			err = wrap(err)
			s.failure.Store(&err)
			return
		}
	}
}

func event(m events.Message) engine.Event {
	code, _ := strconv.Atoi(m.Actor.Attributes["exitCode"])
	action := m.Action
	if action == events.ActionRemove { // Podman's name for the removal of a container
		action = events.ActionDestroy
	}
	return engine.Event{
		Action:      string(action),
		ContainerID: m.Actor.ID,
		Service:     m.Actor.Attributes[composeproject.LabelService],
		ExitCode:    code,
	}
}

// recentEvents remembers the last events, to recognize a repeated event.
type recentEvents struct {
	keys [32]eventKey
	next int
}

type eventKey struct {
	nano       int64
	id, action string
}

// isRepeated reports whether the event is known, and remembers the event.
func (r *recentEvents) isRepeated(m events.Message) bool {
	key := eventKey{m.TimeNano, m.Actor.ID, string(m.Action)}
	for _, known := range r.keys {
		if known == key {
			return true
		}
	}
	r.keys[r.next%len(r.keys)] = key
	r.next++
	return false
}

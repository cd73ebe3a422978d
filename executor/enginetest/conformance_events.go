package enginetest

import (
	"context"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"tasks/executor/engine"
)

func (f *fixture) subscribe() engine.Events {
	f.Helper()
	subscription, err := f.engine.Events(f.Context(), f.project)
	f.fatal(err)
	return subscription
}

// next returns the next event of the actions given; others are left out, as engines tell more or less.
func (f *fixture) next(s engine.Events, actions ...string) engine.Event {
	f.Helper()
	timeout := time.After(time.Minute)
	for {
		select {
		case e, open := <-s.C():
			if !open {
				f.Fatalf("the subscription ended: %v", s.Err())
			}
			if slices.Contains(actions, e.Action) {
				return e
			}
		case <-timeout:
			f.Fatalf("no event of %q within a minute", actions)
		}
	}
}

func events(f *fixture) {
	s := f.subscribe()
	id := f.create(f.spec("db", "EXIT_CODE=3"))
	f.start(id)
	all := []string{"create", "start", "die", "destroy"}
	var got []engine.Event
	for range 3 {
		got = append(got, f.next(s, all...))
	}
	f.noError(f.engine.RemoveContainer(f.Context(), id, engine.RemoveVolumes))
	got = append(got, f.next(s, all...))
	want := []engine.Event{
		{Action: "create", ContainerID: id, Service: "db"},
		{Action: "start", ContainerID: id, Service: "db"},
		{Action: "die", ContainerID: id, Service: "db", ExitCode: 3},
		{Action: "destroy", ContainerID: id, Service: "db"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.Error(diff)
	}
}

// eventAtOnce subscribes often, because an engine that subscribes late loses only some events.
func eventAtOnce(f *fixture) {
	id := f.create(f.spec("a"))
	for i := range 30 {
		ctx, cancel := context.WithCancel(f.Context())
		s, err := f.engine.Events(ctx, f.project)
		f.fatal(err)
		f.fatal(f.engine.RenameContainer(f.Context(), id, f.project+"-"+[]string{"b", "a"}[i%2]))
		f.next(s, "rename")
		cancel()
	}
}

func eventsEnd(f *fixture) {
	ctx, cancel := context.WithCancel(f.Context())
	s, err := f.engine.Events(ctx, f.project)
	f.fatal(err)
	cancel()
	select {
	case _, open := <-s.C():
		if open || s.Err() != nil {
			f.Errorf("open %t, error %v; want closed, and no error", open, s.Err())
		}
	case <-time.After(time.Minute):
		f.Error("the channel is not closed within a minute")
	}
}

func health(f *fixture) {
	s := f.subscribe()
	spec := f.spec("db", "SLEEP=forever")
	spec.Service.HealthCheck = &types.HealthCheckConfig{
		Test:     []string{"CMD-SHELL", "true"},
		Interval: new(types.Duration(time.Second)),
		Timeout:  new(types.Duration(5 * time.Second)),
		Retries:  new(uint64(2)),
	}
	id := f.create(spec)
	f.start(id)
	state := f.inspect(id)
	want := &engine.Probe{
		Command: []string{"/bin/sh", "-c", "true"},
		Timeout: 5 * time.Second, Interval: time.Second, Retries: 2,
	}
	if diff := cmp.Diff(want, state.Probe); diff != "" {
		f.Error(diff)
	}
	if !state.HasHealthcheck || state.Health != "starting" {
		f.Errorf("healthcheck %t, health %q; want true, starting", state.HasHealthcheck, state.Health)
	}
	result, err := f.engine.Exec(f.Context(), id, engine.ExecCommand{Command: want.Command})
	f.noError(err)
	if result.ExitCode != 0 {
		f.Errorf("the probe run by exec gave %+v, want 0", result)
	}
	if e := f.next(s, "health_status: healthy", "health_status: unhealthy"); e.Action != "health_status: healthy" || e.ContainerID != id {
		f.Errorf("event %+v, want healthy", e)
	}
	if state := f.inspect(id); state.Health != "healthy" || state.LastProbeOutput == "" {
		f.Errorf("health %q, last probe %q; want healthy, and some words", state.Health, state.LastProbeOutput)
	}
}

func noHealth(f *fixture) {
	spec := f.spec("db")
	if state := f.inspect(f.create(spec)); state.Probe != nil || state.HasHealthcheck || state.Health != "" {
		f.Errorf("probe %+v, healthcheck %t, health %q; want none", state.Probe, state.HasHealthcheck, state.Health)
	}
}

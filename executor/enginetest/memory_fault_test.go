package enginetest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/planner/observed"
)

func TestMemoryFaults(t *testing.T) {
	boom := errors.New("boom")
	m := newEngine(t)
	m.FailOn("CreateContainer", 2, boom)
	m.FailAfter("CreateContainer", 3, boom)
	var failed []bool
	var ids []string
	for _, name := range []string{"a", "b", "c", "d"} {
		id, err := m.CreateContainer(t.Context(), spec(name))
		failed = append(failed, errors.Is(err, boom))
		ids = append(ids, id)
	}
	if diff := cmp.Diff([]bool{false, true, true, false}, failed); diff != "" {
		t.Error(diff)
	}
	if ids[1] != "" || ids[2] == "" {
		t.Errorf("ids %q: a call that fails before it works makes nothing, one that fails after it tells what it made", ids)
	}
	want := []string{"container a (created)", "container c (created)", "container d (created)"}
	if diff := cmp.Diff(want, m.Remaining()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, m.CallsOf("CreateContainer")); diff != "" {
		t.Error(diff)
	}
}

func TestMemoryFailsEveryCall(t *testing.T) {
	boom := errors.New("boom")
	m := newEngine(t)
	m.FailOn("InspectImage", 0, boom)
	for range 2 {
		if _, err := m.InspectImage(t.Context(), "img", ""); !errors.Is(err, boom) {
			t.Errorf("error %v, want boom", err)
		}
	}
}

func TestMemoryBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newEngine(t)
		release := m.BlockOn("InspectImage")
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		results := make(chan error)
		go func() {
			_, err := m.InspectImage(ctx, "img", "")
			results <- err
		}()
		time.Sleep(time.Hour)
		cancel(stop)
		if err := <-results; !errors.Is(err, stop) {
			t.Errorf("error %v of a blocked call, want the cause", err)
		}
		release()
		if _, err := m.InspectImage(t.Context(), "img", ""); err != nil {
			t.Errorf("after the release: %v", err)
		}
	})
}

func TestMemoryDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newEngine(t)
		m.Delay("InspectImage", time.Minute)
		started := time.Now()
		must[observed.Image](t)(m.InspectImage(t.Context(), "img", ""))
		if took := time.Since(started); took != time.Minute {
			t.Errorf("took %v, want a minute", took)
		}
	})
}

func TestMemoryWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newEngine(t)
		id := must[string](t)(m.CreateContainer(t.Context(), spec("x", "SLEEP=forever")))
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		exits := must[<-chan engine.Exit](t)(m.Wait(ctx, id))
		ok(t, m.StartContainer(t.Context(), id))
		cancel(stop)
		if exit := <-exits; !errors.Is(exit.Err, stop) {
			t.Errorf("exit %+v, want the cause", exit)
		}
	})
}

func TestMemoryStartFails(t *testing.T) {
	m := newEngine(t)
	id := must[string](t)(m.CreateContainer(t.Context(), spec("x", "START_FAIL=127")))
	err := m.StartContainer(t.Context(), id)
	state := must[engine.ContainerState](t)(m.InspectContainer(t.Context(), id))
	if err == nil || state.State != "created" || state.ExitCode != 127 || state.Error == "" {
		t.Errorf("error %v, state %s, code %d, text %q; want an error, created, 127 and a text", err, state.State, state.ExitCode, state.Error)
	}
}

func TestMemoryAnonymousVolumes(t *testing.T) {
	m := enginetest.New(t)
	m.AddImage("img", observed.Image{Volumes: []string{"/data"}})
	old := must[string](t)(m.CreateContainer(t.Context(), spec("x")))
	state := must[engine.ContainerState](t)(m.InspectContainer(t.Context(), old))
	volume := state.Mounts[0].Name

	heir := spec("y")
	heir.Inherit = map[string]string{"/data": volume}
	must[string](t)(m.CreateContainer(t.Context(), heir))
	ok(t, m.RemoveContainer(t.Context(), old, engine.KeepVolumes))
	if diff := cmp.Diff([]string{"container y (created)", "volume " + volume}, m.Remaining()); diff != "" {
		t.Error(diff)
	}
	// What it inherited it mounts by name: like the engine, that is no anonymous volume of its own.
	ok(t, m.RemoveContainer(t.Context(), "y", engine.RemoveVolumes))
	if diff := cmp.Diff([]string{"volume " + volume}, m.Remaining()); diff != "" {
		t.Error(diff)
	}
	ok(t, m.RemoveVolume(t.Context(), volume))
}

func TestMemoryBreaksEvents(t *testing.T) {
	m := newEngine(t)
	events := must[engine.Events](t)(m.Events(t.Context(), "p"))
	lost := errors.New("lost")
	m.BreakEvents(lost)
	if _, open := <-events.C(); open || !errors.Is(events.Err(), lost) {
		t.Errorf("open %t, error %v; want closed, lost", open, events.Err())
	}
}

func TestMemoryEventsEndWithTheirContext(t *testing.T) {
	m := newEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	events := must[engine.Events](t)(m.Events(ctx, "p"))
	cancel()
	if _, open := <-events.C(); open || events.Err() != nil {
		t.Errorf("open %t, error %v; want closed, none", open, events.Err())
	}
}

func TestMemorySnapshot(t *testing.T) {
	m := newEngine(t)
	m.AddNetwork("foreign", nil)
	m.AddVolume("other", nil)
	must[string](t)(m.CreateContainer(t.Context(), spec("db", "SLEEP=forever", "HEALTHY_AFTER=1h")))
	ok(t, m.StartContainer(t.Context(), "db"))
	snapshot := must[*observed.Snapshot](t)(m.Snapshot(t.Context(), observed.Query{
		Project: "p", Services: []string{"db"}, Networks: []string{"foreign"},
		Images: []observed.ImageQuery{{Ref: "img"}, {Ref: "nope"}},
	}))
	if len(snapshot.Containers) != 1 || snapshot.Containers[0].Health != "starting" {
		t.Errorf("containers %+v, want db, starting", snapshot.Containers)
	}
	if len(snapshot.Networks) != 1 || len(snapshot.Volumes) != 0 || len(snapshot.Images) != 1 {
		t.Errorf("networks %v, volumes %v, images %v; want one, none, one", snapshot.Networks, snapshot.Volumes, snapshot.Images)
	}
}

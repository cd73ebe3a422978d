package enginetest

import (
	"context"
	"errors"
	"time"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

func startAgain(f *fixture) {
	id := f.running("db")
	f.start(id)
	if state := f.inspect(id).State; state != "running" {
		f.Errorf("state %s, want running", state)
	}
	f.noError(f.engine.KillContainer(f.Context(), id, "SIGKILL"))
	f.untilState(id, "exited")
	exits := f.wait(id)
	f.start(id)
	f.noError(f.engine.KillContainer(f.Context(), id, "SIGKILL"))
	if exit := f.exit(exits); exit.Code != 137 {
		f.Errorf("the second run ended with %+v, want 137", exit)
	}
}

// untilState waits for what the engine does in its own time.
func (f *fixture) untilState(id string, state observed.ContainerState) {
	f.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for f.inspect(id).State != state {
		if time.Now().After(deadline) {
			f.Fatalf("the container is not %s within 20 s", state)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func kill(f *fixture) {
	id := f.create(f.spec("db", "SLEEP=forever"))
	f.isConflict(f.engine.KillContainer(f.Context(), id, "SIGTERM"))
	exits := f.wait(id)
	f.start(id)
	f.noError(f.engine.KillContainer(f.Context(), id, "SIGKILL"))
	if exit := f.exit(exits); exit.Code != 137 {
		f.Errorf("exit %+v, want 137", exit)
	}
	f.isNotFound(f.engine.KillContainer(f.Context(), f.project+"-nope", "SIGKILL"))
}

func stopBySignal(f *fixture) {
	id := f.create(f.spec("db", "SLEEP=forever", "STDOUT=up\n"))
	exits := f.wait(id)
	f.start(id)
	f.untilPrinted(id)
	f.noError(f.engine.StopContainer(f.Context(), id, new(30*time.Second)))
	if exit := f.exit(exits); exit.Code != 143 {
		f.Errorf("exit %+v, want 143", exit)
	}
	if state := f.inspect(id).State; state != "exited" {
		f.Errorf("state %s after the stop, want exited", state)
	}
}

// untilPrinted waits until the process is up far enough to have its signal handlers.
func (f *fixture) untilPrinted(id string) {
	f.Helper()
	for range 500 {
		if text, err := f.engine.Logs(f.Context(), id, 1); err == nil && text != "" {
			time.Sleep(100 * time.Millisecond)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	f.Fatal("the container has printed nothing within 10 s")
}

func stopAfterGrace(f *fixture) {
	id := f.create(f.spec("db", "IGNORE_SIGNALS=TERM", "SLEEP=forever", "STDOUT=up\n"))
	exits := f.wait(id)
	f.start(id)
	f.untilPrinted(id)
	started := time.Now()
	f.noError(f.engine.StopContainer(f.Context(), id, new(time.Second)))
	if took := time.Since(started); took < 900*time.Millisecond {
		f.Errorf("stopped after %v, before the grace period of 1 s was over", took)
	}
	if exit := f.exit(exits); exit.Code != 137 {
		f.Errorf("exit %+v, want 137", exit)
	}
}

func stopStopped(f *fixture) {
	id := f.create(f.spec("db"))
	f.noError(f.engine.StopContainer(f.Context(), id, nil))
	f.noError(f.engine.StopContainer(f.Context(), f.project+"-nope", nil))
}

func remove(f *fixture) {
	id := f.running("db")
	f.noError(f.engine.RemoveContainer(f.Context(), id, engine.RemoveVolumes))
	f.noError(f.engine.RemoveContainer(f.Context(), id, engine.RemoveVolumes))
	_, err := f.engine.InspectContainer(f.Context(), id)
	f.isNotFound(err)
	again := f.running("db")
	removed := make(chan error, 3)
	for range cap(removed) {
		go func() { removed <- f.engine.RemoveContainer(f.Context(), again, engine.RemoveVolumes) }()
	}
	for range cap(removed) {
		f.noError(<-removed)
	}
}

func rename(f *fixture) {
	id, other := f.create(f.spec("a")), f.create(f.spec("b"))
	f.noError(f.engine.RenameContainer(f.Context(), id, f.project+"-c"))
	if got := f.inspect(f.project + "-c"); got.ID != id || got.Name != f.project+"-c" {
		f.Errorf("the new name leads to %s (%s), want %s", got.ID, got.Name, id)
	}
	f.isConflict(f.engine.RenameContainer(f.Context(), other, f.project+"-c"))
	f.isNotFound(f.engine.RenameContainer(f.Context(), f.project+"-nope", f.project+"-d"))
}

func nameTaken(f *fixture) {
	f.create(f.spec("a"))
	_, err := f.engine.CreateContainer(f.Context(), f.spec("a"))
	f.isConflict(err)
}

func unknown(f *fixture) {
	id := f.project + "-nope"
	_, err := f.engine.InspectContainer(f.Context(), id)
	f.isNotFound(err)
	f.isNotFound(f.engine.StartContainer(f.Context(), id))
	_, err = f.engine.Wait(f.Context(), id)
	f.isNotFound(err)
	_, err = f.engine.Attach(f.Context(), id, engine.AttachOptions{})
	f.isNotFound(err)
	f.isNotFound(f.engine.UnpauseContainer(f.Context(), id))
	f.isNotFound(f.engine.Resize(f.Context(), id, engine.Size{Rows: 1, Columns: 1}))
}

func projectList(f *fixture) {
	none, err := f.engine.ProjectContainers(f.Context(), f.project)
	f.noError(err)
	if len(none) != 0 {
		f.Errorf("a new project has %d containers", len(none))
	}
	b, a := f.create(f.spec("b")), f.running("a")
	found, err := f.engine.ProjectContainers(f.Context(), f.project)
	f.fatal(err)
	if len(found) != 2 {
		f.Fatalf("%d containers, want 2", len(found))
	}
	f.sameContainer(found[0], a, "a", "running")
	f.sameContainer(found[1], b, "b", "created")
}

func (f *fixture) sameContainer(c *observed.Container, id, service string, state observed.ContainerState) {
	f.Helper()
	if c.ID != id || c.Name != f.project+"-"+service || c.State != state || c.ImageID == "" || c.CreatedAt.IsZero() {
		f.Errorf("found %+v; want %s, %s, %s", c, id, service, state)
	}
	for key, value := range f.labels(service) {
		if c.Labels[key] != value {
			f.Errorf("label %s = %q, want %q", key, c.Labels[key], value)
		}
	}
}

func cancelled(f *fixture) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(f.Context())
	cancel(stop)
	_, err := f.engine.InspectContainer(ctx, f.project+"-a")
	if !errors.Is(err, stop) {
		f.Errorf("error %v, want the cause of the cancellation", err)
	}
	_, err = f.engine.CreateContainer(ctx, f.spec("a"))
	if !errors.Is(err, stop) {
		f.Errorf("error %v, want the cause of the cancellation", err)
	}
}

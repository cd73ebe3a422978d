package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

// fakeRecords answers every question in the same way, and notes what happens.
type fakeRecords struct {
	reason  string
	changed bool
	err     error
	happens []string
}

func (f *fakeRecords) Check(_ context.Context, q planner.UpToDateQuery) (executor.Freshness, error) {
	f.happens = append(f.happens, "look at "+q.RecordName)
	return f, f.err
}

func (f *fakeRecords) Invalidate(q planner.UpToDateQuery) error {
	f.happens = append(f.happens, "void "+q.RecordName)
	return nil
}

func (f *fakeRecords) Reason() string { return f.reason }

func (f *fakeRecords) Remember() error { return nil }

func (f *fakeRecords) Succeeded(context.Context) (bool, error) {
	f.happens = append(f.happens, "succeeded")
	return f.changed, nil
}

const checked = `
services:
  web: {image: web, volumes: ["data:/data"]}
volumes:
  data: {}
`

// TestUpToDate: what a step does by what is found when it begins.
func TestUpToDate(t *testing.T) {
	for name, test := range map[string]struct {
		records fakeRecords
		code    int
		want    []string
		notice  string
	}{
		"up to date": {fakeRecords{}, 0, []string{"look at app/b"}, "done task/b skip"},
		"changed":    {fakeRecords{reason: "input x differs"}, 0, []string{"look at app/b", "void app/b", "succeeded"}, "progress task/b not up to date: input x differs"},
		"failed":     {fakeRecords{reason: "input x differs"}, 3, []string{"look at app/b", "void app/b", "void app/b"}, "failed task/b"},
		"changed during the run": {fakeRecords{reason: "input x differs", changed: true}, 0, []string{"look at app/b", "void app/b", "succeeded"},
			"warned task/b an input has changed during the run, so that it will run again the next time"},
		"nobody knows": {fakeRecords{err: errors.New("no right to read x")}, 0, []string{"look at app/b", "void app/b"},
			"warned task/b it runs: cannot tell whether it is up to date: no right to read x"},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, checked, []string{"web"}, func(r *rig) {
				b := oneOff("b", "web")
				b.Inputs, b.Env = []string{"src/**"}, map[string]*string{"EXIT_CODE": new(strconv.Itoa(test.code))}
				records := test.records
				r.assertCode(executor.NewSession(r.config(&records)).Run(r.t.Context(), r.plan(group("a", "b"), b), r.signals), test.code)
				if !slices.Equal(records.happens, test.want) {
					r.t.Errorf("%q; want %q", records.happens, test.want)
				}
				r.assertRemaining("network app_default", "volume app_data")
				if !r.observer.has(test.notice) {
					r.t.Errorf("not told %q: %q", test.notice, r.observer.lines())
				}
			})
		})
	}
}

// TestUpToDateTaskOnTheHost: nothing of it is started.
func TestUpToDateTaskOnTheHost(t *testing.T) {
	inVirtualTime(t, checked, []string{"web"}, func(r *rig) {
		b := host("b", "exit 3")
		b.Inputs = []string{"src/**"}
		records := &fakeRecords{}
		r.assertCode(executor.NewSession(r.config(records)).Run(r.t.Context(), r.plan(group("a", "b"), b), r.signals), 0)
		if !r.observer.has("done task/b skip") {
			r.t.Errorf("%q", r.observer.lines())
		}
	})
}

// slowRecords take a minute to look, and give up with the run.
type slowRecords struct{ fakeRecords }

func (s *slowRecords) Check(ctx context.Context, q planner.UpToDateQuery) (executor.Freshness, error) {
	select {
	case <-time.After(time.Minute):
		return s.fakeRecords.Check(ctx, q)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// TestInterruptWhileInputsAreLookedAt: nothing is started after it.
func TestInterruptWhileInputsAreLookedAt(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		r.assertCode(executor.NewSession(r.config(&slowRecords{})).Run(r.t.Context(), r.plan(group("a", "b"), withInputs(host("b", "sleep 1h"))), r.signals), 130)
		if got := r.host.commands(); len(got) > 0 {
			r.t.Errorf("started %q", got)
		}
	})
}

func withInputs(t *hclspec.Task) *hclspec.Task {
	t.Inputs = []string{"src/**"}
	return t
}

// TestInterruptedRunIsNoSuccess: also where the command makes a good end of it.
func TestInterruptedRunIsNoSuccess(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		records := &fakeRecords{reason: "input x differs"}
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		r.assertCode(executor.NewSession(r.config(records)).Run(r.t.Context(), r.plan(group("a", "b"), withInputs(host("b", "trap 1h"))), r.signals), 130)
		if want := []string{"look at b", "void b", "void b"}; !slices.Equal(records.happens, want) {
			r.t.Errorf("%q; want %q", records.happens, want)
		}
	})
}

// config is that of a session with records.
func (r *rig) config(records executor.Fingerprints) executor.Config {
	return executor.Config{
		Engine: r.engine, Host: r.host, Locks: &memoryLocks{}, Observer: r.observer, Fingerprints: records,
		NewSlug: func() string { return fmt.Sprintf("%064x", 1) },
	}
}

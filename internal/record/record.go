// Package record keeps what happens in runs, in files for programs: events as they come (NDJSON), spans of time (Chrome's
// trace), and results of tests (JUnit). docs/json.md has their shapes.
package record

import (
	"errors"
	"fmt"
	"os"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// Files are the paths of what is wanted; an empty one is not.
type Files struct{ Events, Trace, JUnit string }

// Recording takes notes of one run after the other. Its methods are called in order, by one goroutine at a time.
type Recording struct {
	recorders []recorder
	mask      func(string) string
	now       func() time.Time
}

// recorder takes notes in one form, and names steps as they are shown. What cannot be written it tells at the end of the run.
type recorder interface {
	begin(at time.Time, plan *planner.Plan, shown *planner.DisplayNames)
	notice(at time.Time, n executor.Notice)
	end(at time.Time, result executor.Result) error
	close() error
}

// Start opens the files, so that what cannot be written is told before anything happens. mask replaces what nobody may see.
func Start(files Files, mask func(string) string, now func() time.Time) (*Recording, error) {
	r := &Recording{mask: mask, now: now}
	for _, k := range []struct {
		flag, path string
		open       func(*os.File) recorder
	}{
		{"--events", files.Events, func(f *os.File) recorder { return &eventRecorder{file: f, mask: mask} }},
		{"--trace", files.Trace, func(f *os.File) recorder { return &traceRecorder{file: f, mask: mask} }},
		{"--junit", files.JUnit, func(f *os.File) recorder { return &junitRecorder{file: f, mask: mask} }},
	} {
		if k.path == "" {
			continue
		}
		file, err := os.OpenFile(k.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", k.flag, err), r.Close())
		}
		r.recorders = append(r.recorders, k.open(file))
	}
	return r, nil
}

// Begin is called before a plan is run.
func (r *Recording) Begin(plan *planner.Plan) {
	if len(r.recorders) == 0 {
		return
	}
	names := plan.DisplayNames(r.mask)
	for _, k := range r.recorders {
		k.begin(r.now(), plan, names)
	}
}

// End is called with the result of the plan. It tells what could not be written.
func (r *Recording) End(result executor.Result) error {
	var errs []error
	for _, k := range r.recorders {
		errs = append(errs, k.end(r.now(), result))
	}
	return errors.Join(errs...)
}

// Close ends the recording.
func (r *Recording) Close() error {
	var errs []error
	for _, k := range r.recorders {
		errs = append(errs, k.close())
	}
	return errors.Join(errs...)
}

// Observe gives an observer that also takes notes.
func (r *Recording) Observe(inner executor.Observer) executor.Observer {
	if len(r.recorders) == 0 {
		return inner
	}
	return &recordingObserver{Observer: inner, recording: r}
}

type recordingObserver struct {
	executor.Observer
	recording *Recording
}

// Notice is called from one goroutine at a time, by the contract of [executor.Observer].
func (o *recordingObserver) Notice(n executor.Notice) {
	for _, k := range o.recording.recorders {
		k.notice(o.recording.now(), n)
	}
	o.Observer.Notice(n)
}

// replaceContent puts a whole document into a file that may have another one.
func replaceContent(file *os.File, content []byte) error {
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	n, err := file.Write(content)
	if err != nil {
		return err
	}
	return file.Truncate(int64(n))
}

// milliseconds are those of a duration, with the part of one that is lost otherwise.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

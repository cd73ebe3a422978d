// Package record writes runs to files for programs: events as NDJSON, spans of time as a Chrome trace, and test results
// as JUnit. docs/json.md describes the shapes.
package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// hurriedPatience is the time for the writes to a pipe after the second signal.
const hurriedPatience = time.Second

// flags and mode open a file of a recording.
const (
	flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	mode  = 0o644
)

// Files are the paths of the recordings. An empty path means no file.
type Files struct{ Events, Trace, JUnit string }

// Recording records successive runs. Callers call the methods in order, from one goroutine at a time.
type Recording struct {
	recorders []recorder
	mask      func(string) string
	now       func() time.Time
}

// recorder records in one format, with steps named for users. The end method reports failed writes.
type recorder interface {
	begin(at time.Time, plan *planner.Plan, shown *planner.DisplayNames)
	notice(at time.Time, n executor.Notice)
	end(at time.Time, result executor.Result) error
	close() error
}

// Start opens the files before the run, to report errors early. A pipe without a reader is awaited until the end of
// ctx. After the end of hurry, no write waits for the reader of a pipe. mask replaces secrets.
func Start(
	ctx, hurry context.Context, files Files, mask func(string) string, now func() time.Time,
) (*Recording, error) {
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
		file, err := openFile(ctx, k.path)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", k.flag, err), r.Close())
		}
		// Only a pipe has deadlines. Writes to other files do not wait for anybody.
		context.AfterFunc(hurry, func() { _ = file.SetWriteDeadline(time.Now().Add(hurriedPatience)) })
		r.recorders = append(r.recorders, k.open(file))
	}
	return r, nil
}

// Begin is called before the run of a plan.
func (r *Recording) Begin(plan *planner.Plan) {
	if len(r.recorders) == 0 {
		return
	}
	names := plan.DisplayNames(r.mask)
	for _, k := range r.recorders {
		k.begin(r.now(), plan, names)
	}
}

// End is called with the result of the run, and returns failed writes.
func (r *Recording) End(result executor.Result) error {
	var errs []error
	for _, k := range r.recorders {
		errs = append(errs, k.end(r.now(), result))
	}
	return errors.Join(errs...)
}

// Close closes the files.
func (r *Recording) Close() error {
	var errs []error
	for _, k := range r.recorders {
		errs = append(errs, k.close())
	}
	return errors.Join(errs...)
}

// Observe returns an observer that also records.
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

// Notice is called by one goroutine at a time, as [executor.Observer] promises.
func (o *recordingObserver) Notice(n executor.Notice) {
	if !n.Kind.IsForDisplay() {
		for _, k := range o.recording.recorders {
			k.notice(o.recording.now(), n)
		}
	}
	o.Observer.Notice(n)
}

// replaceContent replaces the content of a file.
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

// milliseconds returns a duration in milliseconds, with fractions.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

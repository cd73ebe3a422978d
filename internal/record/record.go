// Package record writes runs to files for programs: events as NDJSON, spans of time as a Chrome trace, and test results
// as JUnit. docs/json.md describes the shapes.
package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
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

// Files are the paths of the recordings. An empty path means no file, [Stdout] means stdout.
type Files struct {
	Events, Trace, JUnit string
	// EventsOutput adds the output of commands to the events.
	EventsOutput bool
	// stdout is the writer of a recording on stdout.
	stdout io.Writer
}

// WithStdout returns the same paths, with the writer for a recording on stdout.
func (f Files) WithStdout(w io.Writer) Files {
	f.stdout = w
	return f
}

// UsesStdout reports whether a recording goes to stdout.
func (f Files) UsesStdout() bool {
	return slices.Contains([]string{f.Events, f.Trace, f.JUnit}, Stdout)
}

// Check returns an error for several recordings on stdout, and for --events-output without --events.
func (f Files) Check() error {
	var flags []string
	for _, k := range f.all() {
		if k.path == Stdout {
			flags = append(flags, k.flag+" -")
		}
	}
	switch {
	case f.EventsOutput && f.Events == "":
		return errors.New("--events-output adds to the file of --events. Add --events FILE")
	case len(flags) < 2:
		return nil
	}
	return fmt.Errorf("%s: stdout takes a single recording. Give the others a file", strings.Join(flags, " and "))
}

type flagPath struct{ flag, path string }

func (f Files) all() []flagPath {
	return []flagPath{{"--events", f.Events}, {"--trace", f.Trace}, {"--junit", f.JUnit}}
}

// Resolve returns the same files with absolute paths.
func (f Files) Resolve(absolute func(string) string) Files {
	for _, path := range []*string{&f.Events, &f.Trace, &f.JUnit} {
		if *path != "" && *path != Stdout {
			*path = absolute(*path)
		}
	}
	return f
}

// Paths returns the paths of the files.
func (f Files) Paths() (paths []string) {
	for _, k := range f.all() {
		if k.path != "" && k.path != Stdout {
			paths = append(paths, k.path)
		}
	}
	return paths
}

// Recording records successive runs. Callers call the methods in order, from one goroutine at a time; only output may
// come from other goroutines.
type Recording struct {
	// mu protects the recorders.
	mu        sync.Mutex
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
	for _, k := range files.all() {
		if k.path == "" {
			continue
		}
		to, err := openTarget(ctx, hurry, k.flag, k.path, files.stdout)
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		switch k.flag {
		case "--events":
			r.recorders = append(r.recorders, &eventRecorder{target: to, mask: mask, isWithOutput: files.EventsOutput})
		case "--trace":
			r.recorders = append(r.recorders, &traceRecorder{target: to, mask: mask})
		default:
			r.recorders = append(r.recorders, &junitRecorder{target: to, mask: mask})
		}
	}
	return r, nil
}

// Begin is called before the run of a plan.
func (r *Recording) Begin(plan *planner.Plan) {
	if len(r.recorders) == 0 {
		return
	}
	names := plan.DisplayNames(r.mask)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.recorders {
		k.begin(r.now(), plan, names)
	}
}

// End is called with the result of the run, and returns failed writes.
func (r *Recording) End(result executor.Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
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
		o.recording.notice(n)
	}
	o.Observer.Notice(n)
}

func (r *Recording) notice(n executor.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.recorders {
		k.notice(r.now(), n)
	}
}

// milliseconds returns a duration in milliseconds, with fractions.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

package record

import (
	"cmp"
	"encoding/json"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// eventsVersion increases when a field is removed or changes its meaning.
const eventsVersion = 1

// event is a line of the recording. docs/json.md lists the fields.
type event struct {
	FormatVersion int       `json:"format_version,omitempty"`
	Event         string    `json:"event"`
	Time          time.Time `json:"time"`

	Project string      `json:"project,omitempty"`
	Steps   []eventStep `json:"steps,omitempty"`

	Step string `json:"step,omitempty"`
	Verb string `json:"verb,omitempty"`
	Text string `json:"text,omitempty"`
	// Stream is stdout or stderr, for a line of output.
	Stream   string `json:"stream,omitempty"`
	Error    string `json:"error,omitempty"`
	ExitCode *int   `json:"exit_code,omitempty"`
	// Cause is the failed step behind a skipped step.
	Cause   string  `json:"cause,omitempty"`
	Elapsed float64 `json:"elapsed_ms,omitempty"`
	// Retried holds the errors of all attempts before the last.
	Retried []string `json:"retried,omitempty"`
	// Files and Tasks are the files and the tasks of an event of a watch.
	Files []string `json:"files,omitempty"`
	Tasks []string `json:"tasks,omitempty"`
}

type eventStep struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind"`
	Name   string   `json:"name"`
	Verb   string   `json:"verb"`
	Reason string   `json:"reason,omitempty"`
	Needs  []string `json:"needs,omitempty"`
}

// eventRecorder writes a line immediately for every event.
type eventRecorder struct {
	*target
	mask func(string) string
	// names are the names of the run's steps.
	names *planner.DisplayNames
	// isWithOutput adds the output of commands. lines holds the open lines by step, of stdout and stderr.
	isWithOutput bool
	lines        map[planner.StepID]*[2]lineSplitter
	// stepOf has the step of each task by name.
	stepOf map[string]planner.StepID
	// writeErr is the first failure to write. No further line is written.
	writeErr error
}

func (e *eventRecorder) begin(at time.Time, plan *planner.Plan, names *planner.DisplayNames) {
	e.names, e.lines, e.stepOf = names, map[planner.StepID]*[2]lineSplitter{}, map[string]planner.StepID{}
	started := event{FormatVersion: eventsVersion, Event: "run_started", Project: e.mask(plan.Project)}
	for _, s := range plan.Steps {
		if planner.RunsCommand(s) {
			e.stepOf[planner.TaskOf(s).Name] = names.ID(s)
		}
		kind, name := names.Subject(s)
		step := eventStep{
			ID: string(names.ID(s)), Kind: kind, Name: name, Verb: string(s.Verb), Reason: e.mask(s.Reason.String()),
		}
		for _, n := range s.Needs {
			step.Needs = append(step.Needs, string(names.NeedID(n.Step)))
		}
		started.Steps = append(started.Steps, step)
	}
	e.write(at, started)
}

func (e *eventRecorder) notice(at time.Time, n executor.Notice) {
	line := event{Verb: string(n.Verb), Text: e.mask(n.Text), Elapsed: milliseconds(n.Elapsed)}
	for _, reason := range n.FailedAttempts {
		line.Retried = append(line.Retried, e.mask(reason))
	}
	if n.Step != nil {
		line.Step = string(e.names.ID(n.Step))
		if n.Kind == executor.Done || n.Kind == executor.Failed {
			e.flush(at, e.names.ID(n.Step))
		}
	}
	if n.Err != nil {
		line.Error = e.mask(n.Err.Error())
	}
	switch n.Kind {
	case executor.Started:
		line.Event = "step_started"
	case executor.Progressed:
		line.Event = "progress"
	case executor.Done:
		line.Event = "step_done"
	case executor.Failed:
		line.Event = "step_failed"
		if n.Err == nil || n.Code != 0 { // a timeout matches both errors
			line.ExitCode = &n.Code
		}
	case executor.Skipped:
		line.Event = "step_skipped"
		if n.Cause != nil {
			line.Cause = string(e.names.ID(n.Cause))
		}
	case executor.Warned:
		line.Event = "warning"
	case executor.Interrupted:
		line.Event = "interrupted"
	}
	e.write(at, line)
}

func (e *eventRecorder) hasOutput() bool { return e.isWithOutput }

// output writes an event for each line.
func (e *eventRecorder) output(at time.Time, task string, toErr bool, text []byte) {
	id := e.stepOf[task]
	if e.lines[id] == nil {
		e.lines[id] = &[2]lineSplitter{}
	}
	i := 0
	if toErr {
		i = 1
	}
	e.lines[id][i].push(text, e.lineWriter(at, id, i))
}

// flush writes the open lines of a step.
func (e *eventRecorder) flush(at time.Time, id planner.StepID) {
	if lines := e.lines[id]; lines != nil {
		for i := range lines {
			lines[i].flush(e.lineWriter(at, id, i))
		}
	}
}

// lineWriter writes the lines of a stream as events.
func (e *eventRecorder) lineWriter(at time.Time, id planner.StepID, stream int) func(string) {
	names := [2]string{"stdout", "stderr"}
	return func(text string) {
		e.write(at, event{Event: "output", Step: string(id), Stream: names[stream], Text: text})
	}
}

func (e *eventRecorder) end(at time.Time, result executor.Result) error {
	for id := range e.lines {
		e.flush(at, id)
	}
	ended := event{Event: "run_ended", ExitCode: &result.Code, Elapsed: milliseconds(result.Elapsed)}
	if result.Err != nil {
		ended.Error = e.mask(result.Err.Error())
	}
	e.write(at, ended)
	return e.writeErr
}

func (e *eventRecorder) watch(at time.Time, w WatchEvent) {
	line := event{
		Event: w.Kind, Text: e.mask(w.Text), Files: e.maskAll(w.Files), Tasks: e.maskAll(w.Tasks), ExitCode: w.ExitCode,
	}
	if w.Err != nil {
		line.Error = e.mask(w.Err.Error())
	}
	e.write(at, line)
}

func (e *eventRecorder) maskAll(texts []string) (masked []string) {
	for _, text := range texts {
		masked = append(masked, e.mask(text))
	}
	return masked
}

func (e *eventRecorder) write(at time.Time, line event) {
	if e.writeErr != nil {
		return
	}
	line.Time = at.UTC()
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // plain strings and numbers
	}
	_, err = e.Write(append(text, '\n'))
	e.writeErr = cmp.Or(e.writeErr, err)
}

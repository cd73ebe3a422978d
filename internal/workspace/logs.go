package workspace

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// unlimitedTail selects all lines of a log.
const unlimitedTail = -1

// LogEngine is an engine with readable logs. executor/docker implements the interface.
type LogEngine interface {
	Engine
	StreamLog(ctx context.Context, id string, options engine.LogOptions, stdout, stderr io.Writer) error
}

// LogSelection selects logs of a project.
type LogSelection struct {
	// Services are the services; empty: all containers, one-offs included.
	Services []string
	// Index is the number of a replica, from 1; 0: all.
	Index int
	// Tail is the number of lines before the present; "all": all lines.
	Tail string
	// Since is a time or a duration before the present; empty: the start of the logs.
	Since string
	// only are the ids of the selected containers; nil: all.
	only map[string]bool
}

// Check returns an error for values without a meaning.
func (s LogSelection) Check() error {
	if s.Index != 0 && len(s.Services) != 1 {
		return fmt.Errorf("--index %d: name the service, and only one", s.Index)
	}
	if s.Index < 0 {
		return fmt.Errorf("--index %d: the containers of a service are counted from 1", s.Index)
	}
	if _, err := parseTail(s.Tail); err != nil {
		return err
	}
	_, err := parseLogTime(s.Since, time.Now())
	return err
}

// includes reports whether a container is selected. No process shows the output of a helper container.
func (s LogSelection) includes(c *observed.Container) bool {
	if c.IsHelper() || s.only != nil && !s.only[c.ID] || len(s.Services) > 0 && !slices.Contains(s.Services, c.Service()) {
		return false
	}
	return s.Index == 0 || !c.IsOneOff() && c.Number() == s.Index
}

func parseTail(text string) (int, error) {
	if text == "" || text == "all" {
		return unlimitedTail, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("--tail %s: it is a number of lines, or all", text)
	}
	return n, nil
}

// parseLogTime returns a time of --since in RFC 3339; empty for an empty text.
func parseLogTime(text string, now time.Time) (string, error) {
	if text == "" {
		return "", nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		return formatLogTime(now.Add(-ago)), nil
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return formatLogTime(time.UnixMicro(int64(seconds * 1e6))), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, strings.Replace(text, " ", "T", 1), time.Local); err == nil {
			return formatLogTime(at), nil
		}
	}
	return "", fmt.Errorf("--since %s: it is a duration (10m), a time (2006-01-02T15:04:05Z) or seconds since 1970", text)
}

func formatLogTime(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// LogReader reads the logs of a project.
type LogReader struct {
	engine    LogEngine
	project   string
	selection LogSelection
	options   engine.LogOptions
	warn      func(string)
	// started is the time of the first look, by the clock of the engine.
	started time.Time
	// containers are the selected containers at the first look.
	containers []*observed.Container
}

// ContainerLog is the log of a container. Each line starts with a time. Read writes the log and returns at the end.
type ContainerLog struct {
	Name string
	Read func(ctx context.Context, stdout, stderr io.Writer) error
}

// OpenLogs looks for the selected containers of the project. Unknown services give [hcl.Diagnostics] as the error.
func (ws *Workspace) OpenLogs(ctx context.Context, selection LogSelection) (*LogReader, error) {
	project, connected, err := ws.Connect()
	if err != nil {
		return nil, err
	}
	source := connected.(LogEngine) // see makeApp of the command line
	snapshot, err := source.Snapshot(ctx, observed.Query{Project: project.Name()})
	if err != nil {
		if diags := ws.CheckServices(selection.Services, nil); diags.HasErrors() {
			return nil, diags
		}
		return nil, &RunError{err}
	}
	if diags := ws.CheckServices(selection.Services, snapshot.Containers); diags.HasErrors() {
		return nil, diags
	}
	r := &LogReader{
		engine: source, project: project.Name(), selection: selection, warn: ws.config.warn, started: snapshot.TakenAt,
	}
	r.options.Timestamps = true
	if r.options.Tail, err = parseTail(selection.Tail); err != nil {
		return nil, err
	}
	if r.options.Since, err = parseLogTime(selection.Since, snapshot.TakenAt); err != nil {
		return nil, err
	}
	for _, c := range snapshot.Containers {
		if selection.includes(c) {
			r.containers = append(r.containers, c)
		}
	}
	if selection.Index > 0 && len(r.containers) == 0 {
		return nil, fmt.Errorf("service %s has no container number %d", selection.Services[0], selection.Index)
	}
	return r, nil
}

// Logs returns the present logs.
func (r *LogReader) Logs() []ContainerLog {
	var logs []ContainerLog
	for _, c := range r.containers {
		logs = append(logs, ContainerLog{Name: c.Name, Read: func(ctx context.Context, stdout, stderr io.Writer) error {
			return r.read(ctx, c, r.options, stdout, stderr)
		}})
	}
	return logs
}

// read reads a log. A log that the engine cannot read is a warning, a container that is gone no error.
func (r *LogReader) read(
	ctx context.Context, c *observed.Container, options engine.LogOptions, stdout, stderr io.Writer,
) error {
	err := r.engine.StreamLog(ctx, c.ID, options, stdout, stderr)
	switch {
	case engine.IsNotFound(err):
		return nil
	case engine.IsNotImplemented(err):
		r.warn(fmt.Sprintf("service %s: the log of container %s cannot be read: %s", c.Service(), c.Name, err))
		return nil
	}
	return err
}

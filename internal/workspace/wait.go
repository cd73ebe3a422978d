package workspace

import (
	"context"
	"fmt"
	"slices"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// OneOffEnd is the end of a one-off.
type OneOffEnd struct {
	Container, Task string
	// ExitCode counts only without an error.
	ExitCode int
	// Err is the reason why the exit code is unknown.
	Err error
}

// OpenOneOffs looks for the one-offs of the project with these names. A name is the name of a container, or of a task:
// all one-offs of the task. Without names: all one-offs. The started standby of a watch is not included. A name without
// a one-off is an error.
func OpenOneOffs(ctx context.Context, ws *Workspace, names []string) (*LogReader, error) {
	reader, err := ws.OpenLogs(ctx, LogSelection{})
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	var selected []*observed.Container
	for _, c := range reader.containers {
		if !c.IsOneOff() || c.IsStandby() {
			continue
		}
		task := c.Labels[observed.LabelTask]
		if len(names) > 0 && !slices.Contains(names, c.Name) && !slices.Contains(names, task) {
			continue
		}
		found[c.Name], found[task] = true, true
		selected = append(selected, c)
	}
	for _, name := range names {
		if !found[name] {
			return nil, fmt.Errorf("project %s has no one-off of a task %q, nor with this name. `tasks ps` lists the one-offs",
				reader.project, name)
		}
	}
	reader.containers, reader.selection.only = selected, map[string]bool{}
	for _, c := range selected {
		reader.selection.only[c.ID] = true
	}
	return reader, nil
}

// Ends returns the ends of the selected containers, after Follow has returned.
func (r *LogReader) Ends(ctx context.Context) []OneOffEnd {
	ends := make([]OneOffEnd, len(r.containers))
	for i, c := range r.containers {
		end := OneOffEnd{Container: c.Name, Task: c.Labels[observed.LabelTask]}
		state, err := r.engine.InspectContainer(ctx, c.ID)
		switch {
		case engine.IsNotFound(err):
			end.Err = fmt.Errorf("container %s was removed before its exit code was read", c.Name)
		case err != nil:
			end.Err = err
		case !state.State.HasExited():
			end.Err = fmt.Errorf("container %s has not ended: its state is %q", c.Name, state.State)
		}
		end.ExitCode = state.ExitCode
		ends[i] = end
	}
	return ends
}

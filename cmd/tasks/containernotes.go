package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"tasks/executor"
	"tasks/executor/docker"
	"tasks/internal/state"
	"tasks/planner"
)

// containerNotes keep in the state directory what the labels of containers cannot tell. Each stands under its kind and the
// container's id, and begins with a line that names the project, until a look at that shows no such container.
type containerNotes struct{ *state.Dir }

const (
	containerPrefix = "containers/"
	// replacingKind is of what another one is to take the place of.
	replacingKind = "replacing/"
	// leftKind is of one-offs that their runs have left to themselves.
	leftKind = "left/"
	// startedKind is of what was down, and is to be so again: with the service, and when it was started.
	startedKind = "started/"
)

// Replacing and Settled implement [executor.ContainerNotes].
func (n containerNotes) Replacing(project, id string) error {
	return n.Jot(containerPrefix+replacingKind+id, []byte(project))
}

func (n containerNotes) Settled(id string) error {
	return n.RemoveFile(containerPrefix + replacingKind + id)
}

// Left implements [executor.ContainerNotes]. It outlives the machine, as the container does.
func (n containerNotes) Left(project, id string) error {
	return n.WriteFile(containerPrefix+leftKind+id, []byte(project))
}

// Started, Stopped and Starts implement [executor.ContainerNotes].
func (n containerNotes) Started(start executor.StartNote) error {
	content := strings.Join([]string{start.Project, start.Service, start.At.UTC().Format(time.RFC3339Nano)}, "\n")
	return n.WriteFile(containerPrefix+startedKind+start.ID, []byte(content))
}

func (n containerNotes) Stopped(id string) error {
	return n.RemoveFile(containerPrefix + startedKind + id)
}

func (n containerNotes) Starts(project string) []executor.StartNote {
	var starts []executor.StartNote
	names, _ := n.PeekNames(containerPrefix + startedKind) // without an answer all go on running
	for _, name := range names {
		content, _ := n.ReadFile(name)
		lines := strings.Split(string(content), "\n")
		if len(lines) != 3 || lines[0] != project {
			continue
		}
		if at, err := time.Parse(time.RFC3339Nano, lines[2]); err == nil {
			id := strings.TrimPrefix(name, containerPrefix+startedKind)
			starts = append(starts, executor.StartNote{Project: project, Service: lines[1], ID: id, At: at})
		}
	}
	return starts
}

// noted are the names of notes, as they stood before a look at the engine.
type noted []string

// read does without what cannot be read. It makes nothing.
func (n containerNotes) read() noted {
	names, _ := n.PeekNames(containerPrefix)
	return names
}

func (names noted) has(kind string) func(id string) bool {
	return func(id string) bool { return slices.Contains(names, containerPrefix+kind+id) }
}

// snapshot looks at a project, with what the notes tell that were read before. Where it may, it sweeps them.
func (n containerNotes) snapshot(ctx context.Context, engine *docker.Engine, query planner.Query, names noted, maySweep bool) (*planner.Observed, error) {
	seen, err := engine.Snapshot(ctx, query)
	if err != nil {
		return nil, &exitError{code: codeRunFailed, err: err}
	}
	if maySweep {
		n.sweep(names, query.Project, seen)
	}
	seen.Containers = ownersWith(names).Disown(seen.Containers)
	return seen, nil
}

// sweep takes away the notes of a project's containers that a look, which began after they were read, does not show.
func (n containerNotes) sweep(names noted, project string, seen *planner.Observed) {
	for _, name := range names {
		id := name[strings.LastIndexByte(name, '/')+1:]
		if slices.ContainsFunc(seen.Containers, func(c *planner.ObservedContainer) bool { return c.ID == id }) {
			continue
		}
		content, err := n.ReadFile(name)
		if of, _, _ := strings.Cut(string(content), "\n"); err == nil && of == project {
			_ = n.RemoveFile(name) // the next look tries again
		}
	}
}

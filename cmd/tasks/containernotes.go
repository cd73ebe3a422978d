package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tasks/executor"
	"tasks/executor/docker"
	"tasks/internal/state"
	"tasks/planner"
)

// containerNotes keep what the labels of containers cannot tell, in the first of their directories that can be written: the one that
// all checkouts of a user share, else that of the project. Each stands under its kind and the container's id, and begins with a line
// that names the project, until a look at that shows no such container.
type containerNotes struct{ dirs []*state.Dir }

func (a *app) containerNotes(root string) containerNotes {
	return containerNotes{slices.DeleteFunc([]*state.Dir{a.engineState(), state.Open(root)}, func(d *state.Dir) bool { return d == nil })}
}

// names are those of the notes that begin with a prefix. What cannot be read is done without, and nothing is made.
func (n containerNotes) names(prefix string) (names []string) {
	for _, dir := range n.dirs {
		more, _ := dir.PeekNames(prefix)
		names = append(names, more...)
	}
	return names
}

func (n containerNotes) content(name string) string {
	for _, dir := range n.dirs {
		if content, err := dir.Peek(name); err == nil && len(content) > 0 {
			return string(content)
		}
	}
	return ""
}

// keep writes a note in the way of one of the methods of a directory.
func (n containerNotes) keep(write func(d *state.Dir, name string, content []byte) error, name, content string) (err error) {
	for _, dir := range n.dirs {
		if err = write(dir, name, []byte(content)); err == nil {
			return nil
		}
	}
	return err
}

func (n containerNotes) remove(name string) error {
	var errs []error
	for _, dir := range n.dirs {
		errs = append(errs, dir.RemoveFile(name))
	}
	return errors.Join(errs...)
}

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
	return n.keep((*state.Dir).Jot, containerPrefix+replacingKind+id, project)
}

func (n containerNotes) Settled(id string) error {
	return n.remove(containerPrefix + replacingKind + id)
}

// Left implements [executor.ContainerNotes]. It outlives the machine, as the container does.
func (n containerNotes) Left(project, id string) error {
	return n.keep((*state.Dir).WriteFile, containerPrefix+leftKind+id, project)
}

// Started, Stopped and Starts implement [executor.ContainerNotes].
func (n containerNotes) Started(start executor.StartNote) error {
	content := strings.Join([]string{start.Project, start.Service, start.At.UTC().Format(time.RFC3339Nano)}, "\n")
	return n.keep((*state.Dir).WriteFile, containerPrefix+startedKind+start.ID, content)
}

func (n containerNotes) Stopped(id string) error {
	return n.remove(containerPrefix + startedKind + id)
}

func (n containerNotes) Starts(project string) []executor.StartNote {
	var starts []executor.StartNote
	for _, name := range n.names(containerPrefix + startedKind) { // without an answer all go on running
		lines := strings.Split(n.content(name), "\n")
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

func (n containerNotes) read() noted { return n.names(containerPrefix) }

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
		if of, _, _ := strings.Cut(n.content(name), "\n"); of == project {
			_ = n.remove(name) // the next look tries again
		}
	}
}

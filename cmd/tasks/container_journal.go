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

// countJournalEntries keep what the labels of containers cannot tell, in the first of their directories that can be written: the one that
// all checkouts of a user share, else that of the project. Each stands under its kind and the container's id, and begins with a line
// that names the project, until a look at that shows no such container.
type ContainerJournal struct{ dirs []*state.Dir }

func (a *app) containerJournal(root string) ContainerJournal {
	return ContainerJournal{slices.DeleteFunc([]*state.Dir{a.sharedDir(), state.OpenProjectDir(root)}, func(d *state.Dir) bool { return d == nil })}
}

// listEntries are those of the notes that begin with a prefix. What cannot be read is done without, and nothing is made.
func (n ContainerJournal) listEntries(prefix string) (names []string) {
	for _, dir := range n.dirs {
		more, _ := dir.NamesIfExists(prefix)
		names = append(names, more...)
	}
	return names
}

func (n ContainerJournal) readEntry(name string) string {
	for _, dir := range n.dirs {
		if content, err := dir.ReadIfExists(name); err == nil && len(content) > 0 {
			return string(content)
		}
	}
	return ""
}

// keep writes a note in the way of one of the methods of a directory.
func (n ContainerJournal) writeEntry(write func(d *state.Dir, name string, content []byte) error, name, content string) (err error) {
	for _, dir := range n.dirs {
		if err = write(dir, name, []byte(content)); err == nil {
			return nil
		}
	}
	return err
}

func (n ContainerJournal) removeEntry(name string) error {
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
	// detachedKind is of one-offs that their runs have left to themselves.
	detachedKind = "left/"
	// restartedKind is of what was down, and is to be so again: with the service, and when it was started.
	restartedKind = "started/"
)

// RecordReplacing and Settled implement [executor.ContainerJournal].
func (n ContainerJournal) RecordReplacing(project, id string) error {
	return n.writeEntry((*state.Dir).WriteCache, containerPrefix+replacingKind+id, project)
}

func (n ContainerJournal) ClearReplacing(id string) error {
	return n.removeEntry(containerPrefix + replacingKind + id)
}

// RecordDetached implements [executor.ContainerJournal]. It outlives the machine, as the container does.
func (n ContainerJournal) RecordDetached(project, id string) error {
	return n.writeEntry((*state.Dir).WriteFile, containerPrefix+detachedKind+id, project)
}

// RecordStart, Stopped and Starts implement [executor.ContainerJournal].
func (n ContainerJournal) RecordStart(start executor.StartEntry) error {
	content := strings.Join([]string{start.Project, start.Service, start.StartedAt.UTC().Format(time.RFC3339Nano)}, "\n")
	return n.writeEntry((*state.Dir).WriteFile, containerPrefix+restartedKind+start.ID, content)
}

func (n ContainerJournal) ClearStart(id string) error {
	return n.removeEntry(containerPrefix + restartedKind + id)
}

func (n ContainerJournal) StartEntries(project string) []executor.StartEntry {
	var starts []executor.StartEntry
	for _, name := range n.listEntries(containerPrefix + restartedKind) { // without an answer all go on running
		lines := strings.Split(n.readEntry(name), "\n")
		if len(lines) != 3 || lines[0] != project {
			continue
		}
		if at, err := time.Parse(time.RFC3339Nano, lines[2]); err == nil {
			id := strings.TrimPrefix(name, containerPrefix+restartedKind)
			starts = append(starts, executor.StartEntry{Project: project, Service: lines[1], ID: id, StartedAt: at})
		}
	}
	return starts
}

// noted are the names of notes, as they stood before a look at the engine.
type EntryNames []string

func (n ContainerJournal) Entries() EntryNames { return n.listEntries(containerPrefix) }

func (names EntryNames) recordedAs(kind string) func(id string) bool {
	return func(id string) bool { return slices.Contains(names, containerPrefix+kind+id) }
}

// idsOf are the ids of the containers with an entry of a kind.
func (names EntryNames) idsOf(kind string) map[string]bool {
	ids := map[string]bool{}
	for _, name := range names {
		if id, found := strings.CutPrefix(name, containerPrefix+kind); found {
			ids[id] = true
		}
	}
	return ids
}

// Snapshot looks at a project, with what the notes tell that were read before. Where it may, it sweeps them.
func (n ContainerJournal) Snapshot(ctx context.Context, engine *docker.Engine, query planner.Query, entries EntryNames, sweepAllowed bool) (*planner.Snapshot, error) {
	snapshot, err := engine.Snapshot(ctx, query)
	if err != nil {
		return nil, &exitError{code: codeRunFailed, err: err}
	}
	if sweepAllowed {
		n.sweepEntries(entries, query.Project, snapshot)
	}
	snapshot.Containers = OwnershipFrom(entries).ApplyNotes(snapshot.Containers)
	return snapshot, nil
}

// sweepEntries takes away the notes of a project's containers that a look, which began after they were read, does not show.
func (n ContainerJournal) sweepEntries(entries EntryNames, project string, snapshot *planner.Snapshot) {
	for _, name := range entries {
		id := name[strings.LastIndexByte(name, '/')+1:]
		if slices.ContainsFunc(snapshot.Containers, func(c *planner.ObservedContainer) bool { return c.ID == id }) {
			continue
		}
		if of, _, _ := strings.Cut(n.readEntry(name), "\n"); of == project {
			_ = n.removeEntry(name) // the next look tries again
		}
	}
}

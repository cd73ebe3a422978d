package coord

import (
	"slices"
	"strings"
	"time"
)

// RecordReplacing records the start of a replacement: before the creation of a container in the place of the
// container with the id.
func (j *Journal) RecordReplacing(project, id string) error {
	return j.Append(Entry{Kind: ReplacingEntry, ID: id, Project: project})
}

// ClearReplacing records the end of a replacement.
func (j *Journal) ClearReplacing(id string) error { return j.Remove(ReplacingEntry, id) }

// RecordDetached records a detached one-off.
func (j *Journal) RecordDetached(project, id string) error {
	return j.Append(Entry{Kind: DetachedEntry, ID: id, Project: project})
}

// StartEntry is the start of a stopped container.
type StartEntry struct {
	Project, Service, ID string
	// StartedAt is the time of the start by the engine's clock: a later start has another time.
	StartedAt time.Time
}

// RecordStart records the start of a stopped container.
func (j *Journal) RecordStart(start StartEntry) error {
	return j.Append(Entry{
		Kind: StartedEntry, ID: start.ID, Project: start.Project,
		Data: []string{start.Service, start.StartedAt.UTC().Format(time.RFC3339Nano)},
	})
}

// ClearStart removes the record of a start.
func (j *Journal) ClearStart(id string) error { return j.Remove(StartedEntry, id) }

// StartEntries returns the recorded starts of a project. Without an answer of the files all containers keep
// running.
func (j *Journal) StartEntries(project string) (starts []StartEntry) {
	for _, name := range j.containerNames(StartedEntry) {
		entry, ok := parseEntry(StartedEntry, name, j.readContainerEntry(name))
		if !ok || entry.Project != project || len(entry.Data) != 2 {
			continue
		}
		if at, err := time.Parse(time.RFC3339Nano, entry.Data[1]); err == nil {
			starts = append(starts, StartEntry{Project: project, Service: entry.Data[0], ID: entry.ID, StartedAt: at})
		}
	}
	return starts
}

// containerNames returns the names of entries about containers of the engine, and creates no directory. Unreadable
// directories count as empty.
func (j *Journal) containerNames(prefix EntryKind) (names []string) {
	for _, dir := range j.containerDirs() {
		found, _ := dir.NamesIfExists(string(prefix))
		if dir == j.project {
			found = slices.DeleteFunc(found, func(name string) bool {
				content, _ := dir.ReadIfExists(name) // without an answer the entry counts
				entry, ok := parseEntry(prefix, name, content)
				return ok && j.isOfOtherEngine(entry)
			})
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (j *Journal) readContainerEntry(name string) []byte {
	for _, dir := range j.containerDirs() {
		if content, err := dir.ReadIfExists(name); err == nil && len(content) > 0 {
			return content
		}
	}
	return nil
}

// ContainerEntries are the entries about containers at one moment: before a snapshot of the engine.
type ContainerEntries []string

// ContainerEntries reads the current entries.
func (j *Journal) ContainerEntries() ContainerEntries { return j.containerNames(containerKinds) }

// Has reports whether there is an entry of a kind for the container with the id.
func (e ContainerEntries) Has(kind EntryKind, id string) bool {
	return slices.Contains(e, string(kind)+id)
}

// IDs returns the ids of the containers with an entry of a kind.
func (e ContainerEntries) IDs(kind EntryKind) map[string]bool {
	ids := map[string]bool{}
	for _, name := range e {
		if id, found := strings.CutPrefix(name, string(kind)); found {
			ids[id] = true
		}
	}
	return ids
}

// SweepContainers removes the entries of a project without a container. exists must be newer than the
// entries.
func (j *Journal) SweepContainers(entries ContainerEntries, project string, exists func(id string) bool) {
	for _, name := range entries {
		kind := EntryKind(name[:strings.LastIndexByte(name, '/')+1])
		id := strings.TrimPrefix(name, string(kind))
		if exists(id) {
			continue
		}
		if entry, ok := parseEntry(kind, name, j.readContainerEntry(name)); ok && entry.Project == project {
			_ = j.Remove(kind, id) // the next sweep tries again
		}
	}
}

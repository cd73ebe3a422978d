package coord

import (
	"errors"
	"slices"
	"strings"
)

// Journal records facts for later processes, one small file for each entry: the owner of a running command,
// and facts about a container that are not in the container's labels. A Journal is safe for concurrent use.
type Journal struct {
	// project holds the entries of commands.
	project *Dir
	// shared hold the entries of containers, in each writable directory. Without a writable directory an entry stands
	// in project.
	shared []*Dir
	// receipts has a copy of each entry of a host command. A repository may bring entries of its own, so an entry
	// without a copy kills no process.
	receipts *Dir
	// self returns the owner of new entries. Without an answer the journal records no command.
	self func() (Owner, bool)
	// engine identifies the engine in the entries of project: another run of the checkout may use another engine. Empty:
	// the engine is not known.
	engine string
}

// EntryKind is the kind of an entry. The names of files begin with the text.
type EntryKind string

const (
	// HostCommandEntry is for a command on the host.
	HostCommandEntry EntryKind = "commands/"
	// ExecCommandEntry is for a command in a service container.
	ExecCommandEntry EntryKind = "execs/"
	// ReplacingEntry is for a container during the replacement by a new container.
	ReplacingEntry EntryKind = containerKinds + "replacing/"
	// DetachedEntry is for a one-off after a detach by the user.
	DetachedEntry EntryKind = containerKinds + "left/"
	// StartedEntry is for a started container. The last user stops the container again.
	StartedEntry EntryKind = containerKinds + "started/"
)

// containerKinds begins the kinds of entries about containers.
const containerKinds = "containers/"

// hasOwner reports whether an entry of the kind belongs to one process.
func (k EntryKind) hasOwner() bool { return k == HostCommandEntry || k == ExecCommandEntry }

// hasProject reports whether an entry of the kind belongs to a compose project.
func (k EntryKind) hasProject() bool { return k != HostCommandEntry }

// isDurable reports whether an entry of the kind must survive a restart of the machine, as the container
// does.
func (k EntryKind) isDurable() bool { return k == DetachedEntry || k == StartedEntry }

// Entry is an entry of the journal. The fields after the id are the lines of the file, in this order.
type Entry struct {
	Kind EntryKind
	// ID is the id of a container, the mark of a command in a container, or a hash of a process on the host.
	ID string
	// Owner is the process of a command; empty for containers.
	Owner string
	// Project is the compose project; empty for commands on the host.
	Project string
	// Data are further lines.
	Data []string
	// Engine identifies the engine of an entry in the directory of the project; empty: the entry of an older version, or
	// an entry in the shared directory of an engine.
	Engine string
}

// enginePrefix begins the last line of an entry with an engine. No other line of an entry begins so.
const enginePrefix = "engine="

func (e Entry) name() string { return string(e.Kind) + e.ID }

// content returns the file of the entry. Entries with an owner end with a newline.
func (e Entry) content() []byte {
	var lines []string
	if e.Kind.hasOwner() {
		lines = append(lines, e.Owner)
	}
	if e.Kind.hasProject() {
		lines = append(lines, e.Project)
	}
	lines = append(lines, e.Data...)
	if e.Engine != "" {
		lines = append(lines, enginePrefix+e.Engine)
	}
	text := strings.Join(lines, "\n")
	if e.Kind.hasOwner() {
		text += "\n"
	}
	return []byte(text)
}

// parseEntry reads a file. An empty file has just been removed, and is no entry.
func parseEntry(kind EntryKind, name string, content []byte) (e Entry, ok bool) {
	if len(content) == 0 {
		return Entry{}, false
	}
	e = Entry{Kind: kind, ID: strings.TrimPrefix(name, string(kind))}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if kind.hasOwner() {
		e.Owner, lines = lines[0], lines[1:]
	}
	if kind.hasProject() {
		if len(lines) == 0 {
			return Entry{}, false
		}
		e.Project, lines = lines[0], lines[1:]
		if last := len(lines) - 1; last >= 0 {
			if engine, hasEngine := strings.CutPrefix(lines[last], enginePrefix); hasEngine {
				e.Engine, lines = engine, lines[:last]
			}
		}
	}
	e.Data = lines
	return e, true
}

// isOfOtherEngine reports whether an entry is about a container of another engine. This engine cannot tell whether such
// a container exists.
func (j *Journal) isOfOtherEngine(e Entry) bool {
	return e.Engine != "" && j.engine != "" && e.Engine != j.engine
}

// containerDirs returns all directories with entries of containers.
func (j *Journal) containerDirs() []*Dir { return append(slices.Clone(j.shared), j.project) }

// dirs returns the directories with entries of a kind.
func (j *Journal) dirs(kind EntryKind) []*Dir {
	if kind.hasOwner() {
		return []*Dir{j.project}
	}
	return slices.DeleteFunc(j.containerDirs(), func(d *Dir) bool {
		_, err := d.Path()
		return errors.Is(err, errSameDir)
	})
}

// Append writes an entry. An entry of a container stands in each shared directory: a run of the user may know only one
// of them.
func (j *Journal) Append(e Entry) (err error) {
	write := (*Dir).WriteCache
	if e.Kind.isDurable() {
		write = (*Dir).WriteFile
	}
	isWritten := false
	for _, dir := range j.dirs(e.Kind) {
		if dir == j.project && isWritten {
			break
		}
		if dir == j.project && e.Kind.hasProject() {
			e.Engine = j.engine
		}
		if writeErr := write(dir, e.name(), e.content()); writeErr == nil {
			isWritten = true
		} else {
			err = writeErr
		}
	}
	if isWritten {
		return nil
	}
	return err
}

// Remove removes an entry from all directories.
func (j *Journal) Remove(kind EntryKind, id string) error {
	var errs []error
	for _, dir := range j.dirs(kind) {
		errs = append(errs, dir.RemoveFile(string(kind)+id))
	}
	return errors.Join(errs...)
}

// DeadEntry is an entry of a dead process.
type DeadEntry struct {
	Entry
	// Liveness tells a dead process from a restart of the machine.
	Liveness Liveness
}

// Dead returns the entries of a kind with a dead owner, without those about another engine. After an error the entries
// so far count.
func (j *Journal) Dead(kind EntryKind) (dead []DeadEntry, err error) {
	self, ok := j.self()
	if !ok {
		return nil, nil
	}
	names, err := j.project.FileNames(string(kind))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		content, err := j.project.ReadFile(name)
		if err != nil {
			return dead, err
		}
		entry, ok := parseEntry(kind, name, content)
		owner, hasOwner := ParseOwner(entry.Owner)
		if !ok || !hasOwner || j.isOfOtherEngine(entry) {
			continue
		}
		if liveness := self.LivenessOf(owner, j.project.Age(name)); liveness.isDead() {
			dead = append(dead, DeadEntry{entry, liveness})
		}
	}
	return dead, nil
}

package coord

import (
	"fmt"
	"path/filepath"
	"sync"
	"time"
)

// Store is the place of coordination for a project: the state directory of the project, and the directories for
// all checkouts.
type Store struct {
	// Project is the state directory of the project.
	Project *Dir
	// shared are the directories for all checkouts of the user: by the environment, as older versions have it, and by
	// the user id. Without a known engine there are none. All processes use the same order.
	shared  []*Dir
	root    string
	leases  *Leases
	journal *Journal
}

// OpenStore returns the store of the project in root. The address names the engine; empty: the engine is not
// known, and the store has no shared directory. OpenStore creates no file.
func OpenStore(root, address string) *Store {
	s := &Store{Project: OpenProjectDir(root), root: root}
	if address != "" {
		shared := OpenSharedDir(address)
		s.shared = []*Dir{shared, openAccountDir(address, shared)}
	}
	s.leases = newLeases(append([]*Dir{s.Project}, s.shared...))
	engine := ""
	if address != "" {
		engine = keyOf("", canonicalAddress(address))
	}
	s.journal = &Journal{
		engine: engine, project: s.Project, shared: s.shared, receipts: openReceipts(), self: sync.OnceValues(CurrentOwner),
	}
	return s
}

// Leases returns the leases of this process. All callers share the same leases.
func (s *Store) Leases() *Leases { return s.leases }

// Journal returns the journal of the project.
func (s *Store) Journal() *Journal { return s.journal }

// Sweep removes old files of the project with one of the prefixes; see [Dir.Sweep].
func (s *Store) Sweep(now time.Time, prefixes ...string) error {
	return s.Project.Sweep(now, prefixes...)
}

// ForeignWarning returns a warning where another user may have written into the project's state directory,
// else an empty text.
func (s *Store) ForeignWarning() string {
	dir, isPrivate := s.Project.IsPrivate()
	reason := s.Project.Foreign()
	if !isPrivate || reason == "" {
		return ""
	}
	return fmt.Sprintf("%s: the content is ignored. Locks, leases and the journal are in %s; "+
		"runs of other users do not see them", reason, dir)
}

// UnsharedWarning returns a warning where runs of other users do not see the locks and leases of this
// process: the user cannot write the project's directory, or another user may have written into the
// directory. Else the text is empty.
func (s *Store) UnsharedWarning() string {
	if warning := s.ForeignWarning(); warning != "" {
		return warning
	}
	dir, isPrivate := s.Project.IsPrivate()
	if !isPrivate {
		return ""
	}
	return fmt.Sprintf("cannot write %s: locks, leases and the journal are in %s; "+
		"runs of other users do not see them", filepath.Join(s.root, DirName), dir)
}

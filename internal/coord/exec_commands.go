package coord

import "sync"

// ExecEntry is a command in a service container. The processes of the command have the mark in the
// environment.
type ExecEntry struct{ Project, Service, Container, Mark string }

// RecordExec records a command before the start. remove removes the entry. A command without an entry runs
// all the same.
func (j *Journal) RecordExec(x ExecEntry) (remove func()) {
	self, ok := j.self()
	entry := Entry{Kind: ExecCommandEntry, ID: x.Mark, Owner: self.String(), Project: x.Project}
	entry.Data = []string{x.Service, x.Container}
	if !ok || j.Append(entry) != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { j.RemoveExec(x) })
}

// RemoveExec removes the entry of a command.
func (j *Journal) RemoveExec(x ExecEntry) {
	_ = j.Remove(ExecCommandEntry, x.Mark) // the next process tries again
}

// OrphanedExecs returns the commands of dead processes. The commands may still run, but not after a restart
// of the machine.
func (j *Journal) OrphanedExecs() (orphaned []ExecEntry, err error) {
	dead, err := j.Dead(ExecCommandEntry)
	for _, entry := range dead {
		if len(entry.Data) >= 2 {
			orphaned = append(orphaned, ExecEntry{entry.Project, entry.Data[0], entry.Data[1], entry.ID})
		}
	}
	return orphaned, err
}

package orphans

import (
	"strings"
	"sync"

	"tasks/internal/owner"
)

// execPrefix begins the names of the notes of commands in containers.
const execPrefix = "execs/"

// Exec is a command in the container of a service. The processes of it bear the mark.
type Exec struct{ Project, Service, Container, Mark string }

// RecordExec notes a command before it is started; ended takes the note away. Where that cannot be done the command runs all
// the same.
func (n *CommandJournal) RecordExec(x Exec) (remove func()) {
	content := strings.Join([]string{n.self.String(), x.Project, x.Service, x.Container}, "\n") + "\n"
	if !n.hasSelf || n.dir.WriteCache(execPrefix+x.Mark, []byte(content)) != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { n.RemoveExec(x) })
}

// RemoveExec takes the note of a command away.
func (n *CommandJournal) RemoveExec(x Exec) {
	_ = n.dir.RemoveFile(execPrefix + x.Mark) // the next one tries again
}

// OrphanedExecs are the commands of dead processes: they may still run. After a restart of the machine none does.
func (n *CommandJournal) OrphanedExecs() ([]Exec, error) {
	if !n.hasSelf {
		return nil, nil
	}
	names, err := n.dir.FileNames(execPrefix)
	if err != nil {
		return nil, err
	}
	var orphaned []Exec
	for _, name := range names {
		content, err := n.dir.ReadFile(name)
		if err != nil {
			return orphaned, err
		}
		lines := strings.Split(string(content), "\n")
		if len(lines) < 4 {
			continue // it has just been taken away
		}
		creator, ok := owner.ParseOwner(lines[0])
		x := Exec{Project: lines[1], Service: lines[2], Container: lines[3], Mark: strings.TrimPrefix(name, execPrefix)}
		if liveness := n.self.LivenessOf(creator, n.dir.Age(name)); ok && (liveness == owner.LivenessDead || liveness == owner.LivenessRebooted) {
			orphaned = append(orphaned, x)
		}
	}
	return orphaned, nil
}

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

// Executing notes a command before it is started; ended takes the note away. Where that cannot be done the command runs all
// the same.
func (n *Notes) Executing(x Exec) (ended func()) {
	content := strings.Join([]string{n.self.String(), x.Project, x.Service, x.Container}, "\n") + "\n"
	if !n.ok || n.dir.Jot(execPrefix+x.Mark, []byte(content)) != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { n.Forget(x) })
}

// Forget takes the note of a command away.
func (n *Notes) Forget(x Exec) {
	_ = n.dir.RemoveFile(execPrefix + x.Mark) // the next one tries again
}

// Executed are the commands of dead processes: they may still run. After a restart of the machine none does.
func (n *Notes) Executed() ([]Exec, error) {
	if !n.ok {
		return nil, nil
	}
	names, err := n.dir.Names(execPrefix)
	if err != nil {
		return nil, err
	}
	var left []Exec
	for _, name := range names {
		content, err := n.dir.ReadFile(name)
		if err != nil {
			return left, err
		}
		lines := strings.Split(string(content), "\n")
		if len(lines) < 4 {
			continue // it has just been taken away
		}
		who, ok := owner.Parse(lines[0])
		x := Exec{Project: lines[1], Service: lines[2], Container: lines[3], Mark: strings.TrimPrefix(name, execPrefix)}
		if fate := n.self.Fate(who, n.dir.Age(name)); ok && (fate == owner.Dead || fate == owner.Rebooted) {
			left = append(left, x)
		}
	}
	return left, nil
}

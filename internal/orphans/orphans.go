// Package orphans ends host commands whose tasks has died. A process that is killed cannot end what it has started: so a
// note of each command stands in .tasks while it runs, and the next call of the project reads what the dead have left.
package orphans

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"

	"tasks/internal/owner"
	"tasks/internal/state"
)

// prefix begins the names of the notes.
const prefix = "commands/"

// Notes are those of one project.
type Notes struct {
	dir  *state.Dir
	self owner.Owner
	ok   bool
}

// Of are the notes of a project's state directory.
func Of(dir *state.Dir) *Notes {
	self, ok := owner.Self()
	return &Notes{dir: dir, self: self, ok: ok}
}

// Started notes a command by its process, which leads a process group; ended takes the note away. Where that cannot be
// done the command runs all the same.
func (n *Notes) Started(pid int) (ended func()) {
	leader, ok := owner.Of(pid)
	if !n.ok || !ok {
		return func() {}
	}
	name := noteName(leader)
	if n.dir.Jot(name, []byte(n.self.String()+"\n"+leader.String()+"\n")) != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { _ = n.dir.RemoveFile(name) })
}

// noteName is that of a command's note. Several machines, and containers, may share the directory, and their process ids.
func noteName(leader owner.Owner) string {
	sum := sha256.Sum256([]byte(leader.String()))
	return prefix + hex.EncodeToString(sum[:16])
}

// End ends what dead processes have left running, and takes their notes away. It returns how many commands these were.
func (n *Notes) End() (ended int, err error) {
	if !n.ok {
		return 0, nil
	}
	names, err := n.dir.Names(prefix)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		content, err := n.dir.ReadFile(name)
		if err != nil {
			return ended, err
		}
		ended += n.end(name, string(content))
	}
	return ended, nil
}

// end is End for one note. Those of other machines, and of the living, are left alone.
func (n *Notes) end(name, content string) (ended int) {
	by, leader, _ := strings.Cut(strings.TrimSpace(content), "\n")
	who, ok := owner.Parse(by)
	command, okToo := owner.Parse(leader)
	if !ok || !okToo {
		return 0 // it has just been taken away
	}
	switch n.self.Fate(who, n.dir.Age(name)) {
	case owner.Dead:
		if kill(command) {
			ended = 1
		}
	case owner.Rebooted:
	default:
		return 0
	}
	_ = n.dir.RemoveFile(name) // the next one tries again
	return ended
}

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

// commandPrefix begins the names of the notes.
const commandPrefix = "commands/"

// CommandJournal are those of one project.
type CommandJournal struct {
	dir     *state.Dir
	self    owner.Owner
	hasSelf bool
}

// OpenCommandJournal are the notes of a project's state directory.
func OpenCommandJournal(dir *state.Dir) *CommandJournal {
	self, ok := owner.CurrentOwner()
	return &CommandJournal{dir: dir, self: self, hasSelf: ok}
}

// RecordCommand notes a command by its process, which leads a process group; ended takes the note away. Where that cannot be
// done the command runs all the same.
func (n *CommandJournal) RecordCommand(pid int) (remove func()) {
	leader, ok := owner.OwnerOf(pid)
	if !n.hasSelf || !ok {
		return func() {}
	}
	name := entryName(leader)
	if n.dir.WriteCache(name, []byte(n.self.String()+"\n"+leader.String()+"\n")) != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { _ = n.dir.RemoveFile(name) })
}

// entryName is that of a command's note. Several machines, and containers, may share the directory, and their process ids.
func entryName(leader owner.Owner) string {
	sum := sha256.Sum256([]byte(leader.String()))
	return commandPrefix + hex.EncodeToString(sum[:16])
}

// KillOrphans ends what dead processes have left running, and takes their notes away. It returns how many commands these were.
func (n *CommandJournal) KillOrphans() (killed int, err error) {
	if !n.hasSelf {
		return 0, nil
	}
	names, err := n.dir.FileNames(commandPrefix)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		content, err := n.dir.ReadFile(name)
		if err != nil {
			return killed, err
		}
		killed += n.killOrphan(name, string(content))
	}
	return killed, nil
}

// end is End for one note. Those of other machines, and of the living, are left alone.
func (n *CommandJournal) killOrphan(name, content string) (killed int) {
	ownerText, leaderText, _ := strings.Cut(strings.TrimSpace(content), "\n")
	creator, ok := owner.ParseOwner(ownerText)
	command, hasLeader := owner.ParseOwner(leaderText)
	if !ok || !hasLeader {
		return 0 // it has just been taken away
	}
	switch n.self.LivenessOf(creator, n.dir.Age(name)) {
	case owner.LivenessDead:
		if killGroup(command) {
			killed = 1
		}
	case owner.LivenessRebooted:
	default:
		return 0
	}
	_ = n.dir.RemoveFile(name) // the next one tries again
	return killed
}

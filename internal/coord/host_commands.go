package coord

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
)

// RecordCommand records a command on the host by the process id of the leader of the process group. remove
// removes the entry. A command without an entry runs all the same.
func (j *Journal) RecordCommand(pid int) (remove func()) {
	leader, hasLeader := OwnerOf(pid)
	self, hasSelf := j.self()
	if !hasSelf || !hasLeader {
		return func() {}
	}
	entry := commandEntry(self, leader)
	if j.Append(entry) != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { _ = j.Remove(entry.Kind, entry.ID) })
}

// commandEntry returns the entry of a command. The id holds the machine too: several machines and containers
// may share the directory, and use the same process ids.
func commandEntry(owner, leader Owner) Entry {
	sum := sha256.Sum256([]byte(leader.String()))
	id := hex.EncodeToString(sum[:16])
	return Entry{Kind: HostCommandEntry, ID: id, Owner: owner.String(), Data: []string{leader.String()}}
}

// KillOrphans kills the commands of dead processes on the host, and removes the entries. The count is the
// number of killed commands.
func (j *Journal) KillOrphans() (killed int, err error) {
	dead, err := j.Dead(HostCommandEntry)
	for _, entry := range dead {
		leader, ok := Owner{}, false
		if len(entry.Data) > 0 {
			leader, ok = ParseOwner(entry.Data[0])
		}
		if !ok {
			continue
		}
		if entry.Liveness == LivenessDead && killGroup(leader) {
			killed++
		}
		_ = j.Remove(entry.Kind, entry.ID) // the next process tries again
	}
	return killed, err
}

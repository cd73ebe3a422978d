package coord

import (
	"bytes"
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
	_ = j.receipts.WriteCache(entry.name(), entry.content()) // without the copy the command is not killed
	_ = j.Append(entry)
	return sync.OnceFunc(func() { j.removeCommand(entry) })
}

// removeCommand removes an entry and its copy.
func (j *Journal) removeCommand(entry Entry) {
	_ = j.Remove(entry.Kind, entry.ID) // the next process tries again
	_ = j.receipts.RemoveFile(entry.name())
}

// hasReceipt reports whether this user's program wrote the entry. A cloned or copied repository may have entries.
func (j *Journal) hasReceipt(entry Entry) bool {
	content, err := j.receipts.ReadIfExists(entry.name())
	return err == nil && bytes.Equal(content, entry.content())
}

// commandEntry returns the entry of a command. The id holds the machine too: several machines and containers
// may share the directory, and use the same process ids.
func commandEntry(owner, leader Owner) Entry {
	sum := sha256.Sum256([]byte(leader.String()))
	id := hex.EncodeToString(sum[:16])
	return Entry{Kind: HostCommandEntry, ID: id, Owner: owner.String(), Data: []string{leader.String()}}
}

// KillOrphans kills the commands of dead processes on the host, and removes the entries. The count is the number of
// killed commands. Entries of other programs, and of older versions, stay as they are.
func (j *Journal) KillOrphans() (killed int, err error) {
	dead, err := j.Dead(HostCommandEntry)
	for _, entry := range dead {
		leader, ok := Owner{}, false
		if len(entry.Data) > 0 {
			leader, ok = ParseOwner(entry.Data[0])
		}
		if !ok || !j.hasReceipt(entry.Entry) {
			continue
		}
		if entry.Liveness == LivenessDead && killGroup(leader) {
			killed++
		}
		j.removeCommand(entry.Entry)
	}
	return killed, err
}

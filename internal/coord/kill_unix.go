//go:build unix

package coord

import (
	"syscall"
	"time"
)

// killGroup kills the process group of a command, and reports whether a process of the group was alive. After
// the end of the leader, the system does not use the id of the group again while a process of the group is
// alive. So a new process with the id is from another group.
func killGroup(leader Owner) bool {
	if now, isAlive := OwnerOf(leader.Pid); isAlive && now != leader {
		return false
	}
	if syscall.Kill(-leader.Pid, syscall.SIGKILL) != nil {
		return false
	}
	// The next command must not run beside the old command.
	for deadline := time.Now().Add(killTimeout); syscall.Kill(-leader.Pid, 0) == nil && time.Now().Before(deadline); {
		time.Sleep(killTimeout / 200)
	}
	return true
}

// killTimeout is longer than the end of a killed process takes. Without a wait by the parent, a zombie stays
// for ever.
const killTimeout = time.Second

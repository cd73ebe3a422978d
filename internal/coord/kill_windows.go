package coord

import (
	"os"
)

// killGroup kills the leader alone: Windows has no process groups. A new process with the same id stays.
func killGroup(leader Owner) bool {
	if now, isAlive := OwnerOf(leader.Pid); !isAlive || now != leader {
		return false
	}
	process, err := os.FindProcess(leader.Pid)
	return err == nil && process.Kill() == nil
}

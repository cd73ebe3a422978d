//go:build unix

package coord

import (
	"syscall"
	"time"
)

// killGroup ends the command's process group, and says whether anything was left of it. The id of a group whose leader has ended
// is nobody else's while one of its processes lives; one that has a process again is another's.
func killGroup(leader Owner) bool {
	if now, alive := OwnerOf(leader.Pid); alive && now != leader {
		return false
	}
	if syscall.Kill(-leader.Pid, syscall.SIGKILL) != nil {
		return false
	}
	// What comes next is not to run beside it.
	for deadline := time.Now().Add(killTimeout); syscall.Kill(-leader.Pid, 0) == nil && time.Now().Before(deadline); {
		time.Sleep(killTimeout / 200)
	}
	return true
}

// killTimeout is longer than processes that are killed take to be gone. Where nobody asks for their ends they never are.
const killTimeout = time.Second

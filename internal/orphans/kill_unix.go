//go:build unix

package orphans

import (
	"syscall"
	"time"

	"tasks/internal/owner"
)

// kill ends the command's process group, and says whether anything was left of it. The id of a group whose leader has ended
// is nobody else's while one of its processes lives; one that has a process again is another's.
func kill(leader owner.Owner) bool {
	if now, alive := owner.Of(leader.Pid); alive && now != leader {
		return false
	}
	if syscall.Kill(-leader.Pid, syscall.SIGKILL) != nil {
		return false
	}
	// What comes next is not to run beside it.
	for end := time.Now().Add(endTime); syscall.Kill(-leader.Pid, 0) == nil && time.Now().Before(end); {
		time.Sleep(endTime / 200)
	}
	return true
}

// endTime is longer than processes that are killed take to be gone. Where nobody asks for their ends they never are.
const endTime = time.Second

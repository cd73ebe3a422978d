//go:build unix

package orphans

import (
	"syscall"

	"tasks/internal/owner"
)

// kill ends the command's process group, and says whether anything was left of it. The id of a group whose leader has ended
// is nobody else's while one of its processes lives; one that has a process again is another's.
func kill(leader owner.Owner) bool {
	if now, alive := owner.Of(leader.Pid); alive && now != leader {
		return false
	}
	return syscall.Kill(-leader.Pid, syscall.SIGKILL) == nil
}

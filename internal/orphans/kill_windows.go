package orphans

import (
	"os"

	"tasks/internal/owner"
)

// killGroup ends the command itself, as far as it is still that one: there are no groups.
func killGroup(leader owner.Owner) bool {
	if now, alive := owner.Of(leader.Pid); !alive || now != leader {
		return false
	}
	process, err := os.FindProcess(leader.Pid)
	return err == nil && process.Kill() == nil
}

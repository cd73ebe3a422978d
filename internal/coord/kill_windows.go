package coord

import (
	"os"
)

// killGroup ends the command itself, as far as it is still that one: there are no groups.
func killGroup(leader Owner) bool {
	if now, alive := OwnerOf(leader.Pid); !alive || now != leader {
		return false
	}
	process, err := os.FindProcess(leader.Pid)
	return err == nil && process.Kill() == nil
}

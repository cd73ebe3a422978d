package host

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxKillRounds limits the searches for the rest of a session, because the session may fork during the search.
const maxKillRounds = 100

// killSession kills the rest of the command's session: a shell with job control gives each job its own group. The
// leader has ended and is not reaped. Therefore no other process can have the session's id. A command with the terminal
// has no session of its own.
func (p osProcess) killSession() {
	if p.terminal != nil {
		return
	}
	for range maxKillRounds {
		members := sessionMembers(p.leader)
		if len(members) == 0 {
			return
		}
		for _, pid := range members {
			_ = syscall.Kill(pid, syscall.SIGKILL) // the only error: the process has just ended
		}
		time.Sleep(time.Millisecond)
	}
}

// sessionMembers returns the living processes of a session, without the leader.
func sessionMembers(leader int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var members []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == leader {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // the process has just ended
		}
		// "1 (a (name)) S parent group session …"
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) > 3 && fields[0] != "Z" && fields[0] != "X" && fields[3] == strconv.Itoa(leader) {
			members = append(members, pid)
		}
	}
	return members
}

package host

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxKillRounds bounds how often what is left of a session is looked for: it may fork while it is killed.
const maxKillRounds = 100

// killSession kills what is left of the command's session: a shell with job control gives each of its jobs a group of its own. The
// leader has ended and is not reaped, so that the session's id is nobody else's. A command with the terminal is of our own
// session, and has none.
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
			_ = syscall.Kill(pid, syscall.SIGKILL) // its only error is that it has just ended
		}
		time.Sleep(time.Millisecond)
	}
}

// sessionMembers are the living processes of a session, but for its leader.
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
			continue // it has just ended
		}
		// "1 (a (name)) S parent group session …"
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) > 3 && fields[0] != "Z" && fields[0] != "X" && fields[3] == strconv.Itoa(leader) {
			members = append(members, pid)
		}
	}
	return members
}

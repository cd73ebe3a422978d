//go:build linux

package main

import (
	"syscall"

	"tasks/internal/prober/wire"
)

const (
	// killRounds limits the rounds of SIGKILL, killPause is the pause between two rounds in milliseconds. Each round
	// finds the processes forked since the last.
	killRounds = 500
	killPause  = 10
	// most is more than the size of an environment or a line of /proc.
	most = 4 << 20
)

// signalMarked sends a signal to the processes of a command: the processes with the mark in the environment, their
// descendants, and their sessions. A session may hold processes without the environment. signalMarked runs in the
// process namespace of the container, and repeats SIGKILL until all processes have ended.
func signalMarked(mark string, signal syscall.Signal) int {
	found := marked(mark)
	if len(found) == 0 {
		return wire.NoProcess
	}
	for round := 0; len(found) > 0; round++ {
		if round == killRounds {
			say("some processes do not end by SIGKILL")
			return wire.GaveUp
		}
		for _, pid := range found {
			// A process that has just ended is no failure. Root with the capability may signal all other processes.
			if err := syscall.Kill(pid, signal); err != nil && err != syscall.ESRCH {
				say("process " + digits(pid) + ": " + err.Error())
				return wire.GaveUp
			}
		}
		if signal != syscall.SIGKILL {
			return wire.Ready
		}
		sleep(killPause)
		found = marked(mark)
	}
	return wire.Ready
}

// process is a process of the namespace.
type process struct {
	pid, parent, session int
	mine                 bool
}

// marked returns the living processes of a command.
func marked(mark string) []int {
	all := processes(mark)
	sessions := map[int]bool{}
	for _, p := range all {
		if p.mine {
			sessions[p.session] = true
		}
	}
	for _, p := range all {
		if p.pid == 1 {
			delete(sessions, p.session) // the session of the container itself
		}
	}
	delete(sessions, 0)
	mine := map[int]bool{}
	for more := true; more; {
		more = false
		for _, p := range all {
			if !mine[p.pid] && p.pid != 1 && (p.mine || sessions[p.session] || mine[p.parent]) {
				mine[p.pid], more = true, true
			}
		}
	}
	var pids []int
	for pid := range mine {
		pids = append(pids, pid)
	}
	return pids
}

// processes returns all living processes except this process.
func processes(mark string) []process {
	var all []process
	for _, name := range entries("/proc") {
		pid := int(number(name))
		if pid < 1 || pid == syscall.Getpid() {
			continue
		}
		// "1 (some (name)) S parent group session …"; a zombie counts as dead.
		stat := read("/proc/" + name + "/stat")
		fields := split(afterLast(stat, ')'), ' ')
		if len(fields) < 5 || fields[1] == "Z" || fields[1] == "X" {
			continue
		}
		p := process{pid: pid, parent: int(number(fields[2])), session: int(number(fields[4]))}
		for _, variable := range split(read("/proc/"+name+"/environ"), 0) {
			if variable == mark {
				p.mine = true
				break
			}
		}
		all = append(all, p)
	}
	return all
}

// entries returns the names in a directory, or nothing for an unreadable directory.
func entries(path string) []string {
	directory, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(directory)
	var names []string
	for buffer := make([]byte, 32<<10); ; {
		n, err := syscall.ReadDirent(directory, buffer)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return names
		}
		_, _, names = syscall.ParseDirent(buffer[:n], -1, names)
	}
}

// read returns the content of a file, or nothing for a process that has ended.
func read(path string) string {
	file, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer syscall.Close(file)
	var content []byte
	for buffer := make([]byte, 16<<10); len(content) < most; {
		n, err := syscall.Read(file, buffer)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			break
		}
		content = append(content, buffer[:n]...)
	}
	return string(content)
}

// afterLast returns the text after the last occurrence of a byte.
func afterLast(text string, b byte) string {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == b {
			return text[i+1:]
		}
	}
	return ""
}

func digits(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return digits(n/10) + string(rune('0'+n%10))
}

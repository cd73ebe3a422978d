// Package owner tells which process made a thing, and whether that process still lives: what a dead one left behind may be
// removed, what a living one has may not.
package owner

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Owner is one process, told apart from all others of all times and machines.
type Owner struct {
	// Host is the machine, and the world of process ids on it where that is not the machine's own.
	Host string
	// Boot changes with each start of the machine.
	Boot string
	Pid  int
	// Start is when the process began, in whatever unit the system counts: process ids are used again.
	Start string
}

// Fate is what has become of an owner.
type Fate int

const (
	// Unknown: another machine's, or one that cannot be told. Nothing of it may be touched.
	Unknown Fate = iota
	Living
	Dead
	// Rebooted: the machine of that name was started anew since. Names of machines are not sure to be unique, so that only
	// what does not run may be touched.
	Rebooted
)

// Self is this process. It is not ok where the system does not tell; then nothing has an owner.
func Self() (Owner, bool) { return Of(os.Getpid()) }

// Of is the process that has an id now. It is not ok where there is none, or the system does not tell.
func Of(pid int) (Owner, bool) {
	name, err := os.Hostname()
	boot, ok := bootID()
	start, alive := startOf(pid)
	if err != nil || !ok || !alive {
		return Owner{}, false
	}
	return Owner{Host: name + pidSpace(), Boot: boot, Pid: pid, Start: start}, true
}

// String is the form that [Parse] reads.
func (o Owner) String() string {
	return fmt.Sprintf("%s/%s/%d/%s", o.Host, o.Boot, o.Pid, o.Start)
}

// Parse reads what String has written.
func Parse(text string) (Owner, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 4 {
		return Owner{}, false
	}
	pid, err := strconv.Atoi(parts[2])
	return Owner{Host: parts[0], Boot: parts[1], Pid: pid, Start: parts[3]}, err == nil && pid > 0
}

// Fate tells what has become of an owner, as seen by o.
func (o Owner) Fate(of Owner) Fate {
	switch {
	case o.Host == "" || of.Host != o.Host:
		return Unknown
	case of.Boot != o.Boot:
		return Rebooted
	}
	start, alive := startOf(of.Pid)
	switch {
	case alive && start == of.Start:
		return Living
	case alive && start == "":
		return Unknown
	}
	return Dead
}

package coord

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Owner identifies a process among all processes of all times and machines. An Owner created a resource or a
// journal entry.
type Owner struct {
	// Host is the name of the machine, followed by the pid namespace in a container, and by a time namespace.
	Host string
	// Machine is a hash of the machine's id, and separates machines with the same name. Empty: the machine
	// has no id, or hides the id.
	Machine string
	// Boot changes with each start of the machine.
	Boot string
	Pid  int
	// Start is the start of the process, in a unit of the system: the system uses process ids again.
	Start string
}

// Liveness is the state of an owner's process.
type Liveness int

const (
	// LivenessUnknown is for another machine, or a process without an answer. No process may touch resources
	// of the owner.
	LivenessUnknown Liveness = iota
	LivenessAlive
	LivenessDead
	// LivenessRebooted is for the same machine after another start. A copy of a disk has the same machine id.
	// So only resources that do not run may be touched.
	LivenessRebooted
)

// CurrentOwner returns this process. Without an answer of the system, ok is false, and nothing has an owner.
func CurrentOwner() (o Owner, ok bool) { return OwnerOf(os.Getpid()) }

// OwnerOf returns the process with an id. Without a process, or without an answer of the system, ok is false.
func OwnerOf(pid int) (o Owner, ok bool) {
	name, err := os.Hostname()
	boot, hasBoot := bootID()
	start, isAlive := processStart(pid)
	if err != nil || !hasBoot || !isAlive || !hasOwnProc() {
		return Owner{}, false
	}
	o = Owner{Host: name, Boot: boot, Pid: pid, Start: start}
	if spaces := namespaces(); spaces != "" {
		o.Host += spaces // no machine id: many machines may share the image of a container
	} else {
		o.Machine = hashOf(machineID())
	}
	return o, true
}

// hashOf hides the id of a machine: machine-id(5) forbids to publish the id.
func hashOf(id string) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("tasks.owner " + id))
	return hex.EncodeToString(sum[:8])
}

// machineMark separates host and machine in the text of an owner. Older versions read both as the name of
// another machine, and touch no resource of the owner.
const machineMark = "+machine:"

// String returns the text for [ParseOwner].
func (o Owner) String() string {
	host := o.Host
	if o.Machine != "" {
		host += machineMark + o.Machine
	}
	return fmt.Sprintf("%s/%s/%d/%s", host, o.Boot, o.Pid, o.Start)
}

// World identifies the machine between two starts, and the namespaces.
func (o Owner) World() string {
	world := o.Host + "\x00" + o.Boot
	if o.Boot == noBootID {
		world += "\x00" + o.Machine
	}
	return world
}

// ParseOwner reads a text of String, from this version or an older version.
func ParseOwner(text string) (Owner, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 4 {
		return Owner{}, false
	}
	pid, err := strconv.Atoi(parts[2])
	host, machine, _ := strings.Cut(parts[0], machineMark)
	return Owner{Host: host, Machine: machine, Boot: parts[1], Pid: pid, Start: parts[3]}, err == nil && pid > 0
}

// noBootID replaces the boot id on a system without boot ids. All machines with such a system have the same
// text.
const noBootID = "-"

// LivenessOf returns the state of another owner's process, as seen by o. The age is the age of a resource of
// the other owner; 0: not known.
func (o Owner) LivenessOf(other Owner, age time.Duration) Liveness {
	return o.liveness(other, age, uptime)
}

// clockError is more than the error of a clock during the life of a resource: of the engine's clock after a
// sleep, say.
const clockError = time.Minute

func (o Owner) liveness(of Owner, age time.Duration, uptime func() (time.Duration, bool)) Liveness {
	isSame := o.Machine != "" && o.Machine == of.Machine
	isOther := o.Machine != of.Machine && o.Machine != "" && of.Machine != ""
	switch {
	case o.Host == "" || of.Host != o.Host || isOther:
		return LivenessUnknown
	case of.Boot != o.Boot:
		// A copy of this machine has the same id, and may be up. Only a resource from before this start
		// proves a reboot.
		if up, ok := uptime(); isSame && ok && age > up+clockError {
			return LivenessRebooted
		}
		return LivenessUnknown
	case o.Boot == noBootID && !isSame:
		return LivenessUnknown // another machine with the same name may have the same process ids
	}
	start, isAlive := processStart(of.Pid)
	switch {
	case isAlive && start == of.Start:
		return LivenessAlive
	case isAlive && (start == "" || !isTimeComparable(of.Pid)):
		return LivenessUnknown
	}
	return LivenessDead
}

// IsAlive reports whether the process of a text is alive, as seen by o. The process of an unknown text may be alive,
// too.
func (o Owner) IsAlive(text string) bool {
	other, ok := ParseOwner(text)
	return ok && o.LivenessOf(other, 0) == LivenessAlive
}

// isDead reports whether the process does not run any more, on this start of the machine or before.
func (l Liveness) isDead() bool { return l == LivenessDead || l == LivenessRebooted }

// IsDead reports whether the process of a text is dead, as seen by o. For the age see LivenessOf.
func (o Owner) IsDead(text string, age time.Duration) bool {
	other, ok := ParseOwner(text)
	return ok && o.LivenessOf(other, age).isDead()
}

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

// Owner is one process, told apart from all others of all times and machines.
type Owner struct {
	// Host is the machine, and the world of process ids on it where that is not the machine's own.
	Host string
	// Machine is a hash of the machine's own id, and tells machines of one name apart. Empty: the machine has none,
	// or hides the id.
	Machine string
	// Boot changes with each start of the machine.
	Boot string
	Pid  int
	// Start is when the process began, in whatever unit the system counts: process ids are used again.
	Start string
}

// Fate is what has become of an owner.
type Liveness int

const (
	// LivenessUnknown: another machine's, or one that cannot be told. Nothing of it may be touched.
	LivenessUnknown Liveness = iota
	LivenessAlive
	LivenessDead
	// LivenessRebooted: the same machine was started again since. Ids of machines are copied with disks, so that only what
	// does not run may be touched.
	LivenessRebooted
)

// CurrentOwner is this process. It is not ok where the system does not tell; then nothing has an owner.
func CurrentOwner() (Owner, bool) { return OwnerOf(os.Getpid()) }

// OwnerOf is the process that has an id now. It is not ok where there is none, or the system does not tell.
func OwnerOf(pid int) (Owner, bool) {
	name, err := os.Hostname()
	boot, ok := bootID()
	start, alive := processStart(pid)
	if err != nil || !ok || !alive {
		return Owner{}, false
	}
	o := Owner{Host: name, Boot: boot, Pid: pid, Start: start}
	if space := pidNamespace(); space != "" {
		o.Host += space // the image of a container may hold an id, and be used on many machines
	} else {
		o.Machine = hashOf(machineID())
	}
	return o, true
}

// hashOf hides the id of a machine: others may not see the id itself (machine-id(5)).
func hashOf(id string) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("tasks.owner " + id))
	return hex.EncodeToString(sum[:8])
}

// machineMark stands in the text of an owner between host and machine. Older versions take both for the name of another
// machine, and leave alone all that has the text.
const machineMark = "+machine:"

// String is the form that [Parse] reads.
func (o Owner) String() string {
	host := o.Host
	if o.Machine != "" {
		host += machineMark + o.Machine
	}
	return fmt.Sprintf("%s/%s/%d/%s", host, o.Boot, o.Pid, o.Start)
}

// World names the machine since its last start, with its processes.
func (o Owner) World() string {
	world := o.Host + "\x00" + o.Boot
	if o.Boot == noBootID {
		world += "\x00" + o.Machine
	}
	return world
}

// ParseOwner reads what String has written, in this version or an older one.
func ParseOwner(text string) (Owner, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 4 {
		return Owner{}, false
	}
	pid, err := strconv.Atoi(parts[2])
	host, machine, _ := strings.Cut(parts[0], machineMark)
	return Owner{Host: host, Machine: machine, Boot: parts[1], Pid: pid, Start: parts[3]}, err == nil && pid > 0
}

// noBootID stands where the system has no id of its last start. All machines of that system have the same word there.
const noBootID = "-"

// LivenessOf tells what has become of an owner, as seen by o. A thing of the owner was made as long ago as age says; 0: its
// age is not known.
func (o Owner) LivenessOf(other Owner, age time.Duration) Liveness {
	return o.fate(other, age, uptime)
}

// clockError is more than clocks go wrong while a thing is there: that of the engine, say, after its machine's sleep.
const clockError = time.Minute

func (o Owner) fate(of Owner, age time.Duration, uptime func() (time.Duration, bool)) Liveness {
	isSame := o.Machine != "" && o.Machine == of.Machine
	isOther := o.Machine != of.Machine && o.Machine != "" && of.Machine != ""
	switch {
	case o.Host == "" || of.Host != o.Host || isOther:
		return LivenessUnknown
	case of.Boot != o.Boot:
		// A copy of this machine has the same id, and may be up. Its run did not begin before this machine's start.
		if up, ok := uptime(); isSame && ok && age > up+clockError {
			return LivenessRebooted
		}
		return LivenessUnknown
	case o.Boot == noBootID && !isSame:
		return LivenessUnknown // another machine of that name counts its own processes
	}
	start, alive := processStart(of.Pid)
	switch {
	case alive && start == of.Start:
		return LivenessAlive
	case alive && start == "":
		return LivenessUnknown
	}
	return LivenessDead
}

// isDead reports whether the process does not run any more.
func (l Liveness) isDead() bool { return l == LivenessDead || l == LivenessRebooted }

// IsDead reports whether the process of a text is dead, as seen by o. For age see LivenessOf.
func (o Owner) IsDead(text string, age time.Duration) bool {
	other, ok := ParseOwner(text)
	return ok && o.LivenessOf(other, age).isDead()
}

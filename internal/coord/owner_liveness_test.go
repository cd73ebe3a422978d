package coord

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestDeathOnASharedEngine: two machines with the same name must not take owners of each other for dead.
func TestDeathOnASharedEngine(t *testing.T) {
	const up = time.Hour
	here := Owner{Host: "vm", Machine: "aaaa", Boot: "today", Pid: 1 << 30, Start: "1"}
	with := func(change func(*Owner)) Owner {
		o := here
		change(&o)
		return o
	}
	before := with(func(o *Owner) { o.Boot = "yesterday" })
	other := with(func(o *Owner) { o.Machine, o.Boot = "bbbb", "yesterday" })
	otherSameBoot := with(func(o *Owner) { o.Machine = "bbbb" })
	old := with(func(o *Owner) { o.Machine = "" })
	oldBefore := with(func(o *Owner) { o.Machine, o.Boot = "", "yesterday" })
	windows := with(func(o *Owner) { o.Boot = noBootID })
	otherWindows := with(func(o *Owner) { o.Machine, o.Boot = "bbbb", noBootID })
	oldWindows := with(func(o *Owner) { o.Machine, o.Boot = "", noBootID })
	for name, c := range map[string]struct {
		me, of Owner
		age    time.Duration
		want   Liveness
	}{
		"a dead process":                           {here, here, 0, LivenessDead},
		"a dead process, of an older version":      {here, old, 0, LivenessDead},
		"a dead process, for a machine without id": {old, here, 0, LivenessDead},
		"before the start":                         {here, before, up + time.Hour, LivenessRebooted},
		"another start, made since this one":       {here, before, time.Minute, LivenessUnknown},
		"another start, made about this one":       {here, before, up + time.Second, LivenessUnknown},
		"another start, of unknown age":            {here, before, 0, LivenessUnknown},
		"another machine of that name":             {here, other, up + time.Hour, LivenessUnknown},
		"another start, of an older version":       {here, oldBefore, up + time.Hour, LivenessUnknown},
		"another start, for a machine without id":  {old, before, up + time.Hour, LivenessUnknown},
		"another start, both without id":           {old, oldBefore, up + time.Hour, LivenessUnknown},
		"one boot id, two machines":                {here, otherSameBoot, 0, LivenessUnknown},
		"no boot id, a dead process":               {windows, windows, 0, LivenessDead},
		"no boot id, another machine":              {windows, otherWindows, up + time.Hour, LivenessUnknown},
		"no boot id, of an older version":          {windows, oldWindows, up + time.Hour, LivenessUnknown},
		"no boot id, two machines without ids":     {oldWindows, oldWindows, up + time.Hour, LivenessUnknown},
	} {
		if got := c.me.liveness(c.of, c.age, func() (time.Duration, bool) { return up, true }); got != c.want {
			t.Errorf("%s: liveness %d, want %d", name, got, c.want)
		}
	}
	noUptime := func() (time.Duration, bool) { return 0, false }
	if got := here.liveness(before, up+time.Hour, noUptime); got != LivenessUnknown {
		t.Errorf("without the time of the start: liveness %d", got)
	}
}

// TestTextOfVersions: older versions know four parts, and compare the first part as a whole.
func TestTextOfVersions(t *testing.T) {
	now := Owner{Host: "vm", Machine: "0123456789abcdef", Boot: "b", Pid: 7, Start: "9"}
	parts := strings.Split(now.String(), "/")
	if len(parts) != 4 || parts[0] == now.Host || strings.Join(parts[1:], "/") != "b/7/9" {
		t.Errorf("an older version reads %q", parts)
	}
	for text, want := range map[string]Owner{
		now.String():                now,
		"vm/b/7/9":                  {Host: "vm", Boot: "b", Pid: 7, Start: "9"},
		"vm+pid:[4026532000]/b/7/9": {Host: "vm+pid:[4026532000]", Boot: "b", Pid: 7, Start: "9"},
	} {
		if read, ok := ParseOwner(text); !ok || read != want || read.String() != text {
			t.Errorf("%q is read as %+v, %t", text, read, ok)
		}
	}
}

// TestWorld: the text has the form of older versions. Machines without a boot id have different texts.
func TestWorld(t *testing.T) {
	here := Owner{Host: "vm", Machine: "aaaa", Boot: "b"}
	if got := here.World(); got != "vm\x00b" {
		t.Errorf("world %q", got)
	}
	here.Boot = noBootID
	other := here
	other.Machine = "bbbb"
	if here.World() == other.World() {
		t.Error("two machines without boot ids have the same text")
	}
}

func TestSelfHasAMachine(t *testing.T) {
	me, ok := CurrentOwner()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	id := machineID()
	isShown := id != "" && strings.Contains(me.String(), id)
	if namespaces() == "" && (me.Machine != hashOf(id) || isShown) {
		t.Errorf("%q has the machine %q", me, me.Machine)
	}
	up, known := uptime()
	if known && (up <= 0 || up > 100*365*24*time.Hour) {
		t.Errorf("up for %s", up)
	}
	if _, err := os.Stat("/proc/uptime"); err == nil && !known {
		t.Error("the time since the start is not known")
	}
}

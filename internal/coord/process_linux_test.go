package coord

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// TestProcessHiddenByHidepid: with hidepid=2 processes of other users are not in /proc, and are alive.
func TestProcessHiddenByHidepid(t *testing.T) {
	ended := exec.Command("/bin/true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	hidden := t.TempDir()
	for name, c := range map[string]struct {
		proc    string
		pid     int
		isAlive bool
	}{
		"one that lives":  {hidden, os.Getpid(), true},
		"that of init":    {hidden, 1, true}, // without root, no signal may go to init
		"an ended one":    {hidden, ended.Process.Pid, false},
		"ended, in /proc": {"/proc", ended.Process.Pid, false},
	} {
		if start, isAlive := processStartIn(c.proc, c.pid); isAlive != c.isAlive || start != "" {
			t.Errorf("%s: started %q, alive %t; want %t", name, start, isAlive, c.isAlive)
		}
	}
}

// namespaceLinks makes a directory with the links of namespaces.
func namespaceLinks(t *testing.T, dir string, targets ...string) {
	t.Helper()
	err := os.MkdirAll(dir, 0o755)
	for i, target := range targets {
		if target != "" {
			err = errors.Join(err, os.Symlink(target, filepath.Join(dir, []string{"pid", "time"}[i])))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestNamespaces: the starts in /proc are relative to a time namespace. So the namespace is a part of an owner.
func TestNamespaces(t *testing.T) {
	const pid, clock = "pid:[4026531836]", "time:[4026531834]"
	for _, test := range []struct{ pid, clock, want string }{
		{pid, clock, ""},
		{pid, "", ""}, // an old kernel
		{"", "", ""},
		{"pid:[4026532000]", clock, "+pid:[4026532000]"},
		{pid, "time:[4026532001]", "+time:[4026532001]"},
		{"pid:[4026532000]", "time:[4026532001]", "+pid:[4026532000]+time:[4026532001]"},
	} {
		dir := t.TempDir()
		namespaceLinks(t, dir, test.pid, test.clock)
		if got := namespacesIn(dir); got != test.want {
			t.Errorf("%+v: namespaces %q", test, got)
		}
	}
}

// TestIsTimeComparable: an older version in a time namespace writes an owner without the namespace.
func TestIsTimeComparable(t *testing.T) {
	proc := t.TempDir()
	namespaceLinks(t, filepath.Join(proc, "self/ns"), "", "time:[4026531834]")
	namespaceLinks(t, filepath.Join(proc, "7/ns"), "", "time:[4026531834]")
	namespaceLinks(t, filepath.Join(proc, "8/ns"), "", "time:[4026532001]")
	for pid, want := range map[int]bool{7: true, 8: false, 9: true} {
		if got := isTimeComparableIn(proc, pid); got != want {
			t.Errorf("process %d: %t", pid, got)
		}
	}
}

// TestProcOfAnotherNamespace: with the /proc of another pid namespace no process has an owner.
func TestProcOfAnotherNamespace(t *testing.T) {
	for self, want := range map[string]bool{strconv.Itoa(os.Getpid()): true, strconv.Itoa(os.Getpid() + 1): false, "": false} {
		proc := t.TempDir()
		if self != "" {
			if err := os.Symlink(self, filepath.Join(proc, "self")); err != nil {
				t.Fatal(err)
			}
		}
		if got := hasOwnProcIn(proc); got != want {
			t.Errorf("/proc/self is %q: %t", self, got)
		}
	}
}

// TestTimeNamespace: a process in another time namespace takes no process outside for dead.
func TestTimeNamespace(t *testing.T) {
	me := currentOwner(t)
	command := helper(t.TempDir(), "dead", me.String())
	namespaced := exec.Command("unshare", append([]string{"--time", "--boottime", "100000", "--"}, command.Args...)...)
	namespaced.Env = command.Env
	out, err := namespaced.CombinedOutput()
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: no time namespace: %v %s", err, out)
	}
	if string(out) != "false" {
		t.Errorf("the owner outside is dead: %s", out)
	}
}

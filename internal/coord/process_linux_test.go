package coord

import (
	"os"
	"os/exec"
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

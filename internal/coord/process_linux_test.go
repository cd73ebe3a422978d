package coord

import (
	"os"
	"os/exec"
	"testing"
)

// With hidepid=2 other users' processes are not to be seen in /proc, and live all the same.
func TestProcessHiddenByHidepid(t *testing.T) {
	ended := exec.Command("/bin/true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	hidden := t.TempDir()
	for name, c := range map[string]struct {
		proc  string
		pid   int
		alive bool
	}{
		"one that lives":  {hidden, os.Getpid(), true},
		"that of init":    {hidden, 1, true}, // where we are not root, it may not be signalled
		"an ended one":    {hidden, ended.Process.Pid, false},
		"ended, in /proc": {"/proc", ended.Process.Pid, false},
	} {
		if start, alive := processStartIn(c.proc, c.pid); alive != c.alive || start != "" {
			t.Errorf("%s: started %q, alive %t; want %t", name, start, alive, c.alive)
		}
	}
}

package coord

import (
	"fmt"
	"os"
	"testing"
)

// runIdleProcess writes the owner of the process, and lives until the end of stdin.
func runIdleProcess(string) error {
	self, _ := CurrentOwner()
	_, err := os.Stdout.WriteString(self.String())
	_ = os.Stdout.Close()
	_, _ = os.Stdin.Read(make([]byte, 1))
	return err
}

// runDeathCheck writes whether the owner of the first argument is dead.
func runDeathCheck(string) error {
	self, _ := CurrentOwner()
	_, err := fmt.Print(self.IsDead(os.Args[2], 0))
	return err
}

func currentOwner(t *testing.T) Owner {
	t.Helper()
	me, ok := CurrentOwner()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	return me
}

func TestCurrentOwnerIsAlive(t *testing.T) {
	me := currentOwner(t)
	read, ok := ParseOwner(me.String())
	if !ok || read != me {
		t.Errorf("%q is read as %+v, %t", me, read, ok)
	}
	if liveness := me.LivenessOf(read, 0); liveness != LivenessAlive {
		t.Errorf("our own liveness is %d", liveness)
	}
}

func TestLiveness(t *testing.T) {
	me := currentOwner(t)
	elsewhere, earlier, again := me, me, me
	elsewhere.Host, earlier.Boot, again.Start = "elsewhere", "before", "1"
	for name, c := range map[string]struct {
		of   Owner
		want Liveness
	}{
		"another machine":              {elsewhere, LivenessUnknown},
		"another start":                {earlier, LivenessUnknown},
		"a process id that came again": {again, LivenessDead},
	} {
		if got := me.LivenessOf(c.of, 0); got != c.want {
			t.Errorf("%s: liveness %d, want %d", name, got, c.want)
		}
	}
	if got := (Owner{}).LivenessOf(me, 0); got != LivenessUnknown {
		t.Errorf("an unknown process finds liveness %d", got)
	}
}

// TestDeadProcess: a process is dead before the parent's wait, too.
func TestDeadProcess(t *testing.T) {
	me := currentOwner(t)
	child := helper(t.TempDir(), "idle")
	out, _ := child.StdoutPipe()
	in, _ := child.StdinPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 500)
	n, _ := out.Read(text)
	of, ok := ParseOwner(string(text[:n]))
	if !ok || of.Pid != child.Process.Pid {
		t.Fatalf("the child, process %d, says that it is %q", child.Process.Pid, text[:n])
	}
	if liveness := me.LivenessOf(of, 0); liveness != LivenessAlive {
		t.Errorf("the liveness of the living child is %d", liveness)
	}
	in.Close()
	child.Wait()
	if liveness := me.LivenessOf(of, 0); liveness != LivenessDead {
		t.Errorf("the liveness of the dead child is %d", liveness)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "a/b/c", "a/b/x/d", "a/b/0/d", "a/b/1/d/e"} {
		if o, ok := ParseOwner(text); ok {
			t.Errorf("%q is read as %+v", text, o)
		}
	}
}

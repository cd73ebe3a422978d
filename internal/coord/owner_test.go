package coord

import (
	"os"
	"testing"
)

// runIdleProcess writes its owner, and lives until its stdin ends.
func runIdleProcess(string) error {
	self, _ := CurrentOwner()
	_, err := os.Stdout.WriteString(self.String())
	_ = os.Stdout.Close()
	_, _ = os.Stdin.Read(make([]byte, 1))
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
	if fate := me.LivenessOf(read, 0); fate != LivenessAlive {
		t.Errorf("our own fate is %d", fate)
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
			t.Errorf("%s: fate %d, want %d", name, got, c.want)
		}
	}
	if got := (Owner{}).LivenessOf(me, 0); got != LivenessUnknown {
		t.Errorf("who does not know himself finds fate %d", got)
	}
}

// TestDeadProcess: also before the parent has asked for it.
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
	if fate := me.LivenessOf(of, 0); fate != LivenessAlive {
		t.Errorf("the child's fate is %d, and it lives", fate)
	}
	in.Close()
	child.Wait()
	if fate := me.LivenessOf(of, 0); fate != LivenessDead {
		t.Errorf("the child's fate is %d, and it is dead", fate)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "a/b/c", "a/b/x/d", "a/b/0/d", "a/b/1/d/e"} {
		if o, ok := ParseOwner(text); ok {
			t.Errorf("%q is read as %+v", text, o)
		}
	}
}

package owner_test

import (
	"os"
	"os/exec"
	"testing"

	"tasks/internal/owner"
)

// TestMain lets the test's program be a process that lives until its stdin ends.
func TestMain(m *testing.M) {
	if os.Getenv("TASKS_OWNER_CHILD") == "" {
		os.Exit(m.Run())
	}
	me, _ := owner.CurrentOwner()
	os.Stdout.WriteString(me.String())
	os.Stdout.Close()
	os.Stdin.Read(make([]byte, 1))
}

func currentOwner(t *testing.T) owner.Owner {
	t.Helper()
	me, ok := owner.CurrentOwner()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	return me
}

func TestCurrentOwnerIsAlive(t *testing.T) {
	me := currentOwner(t)
	read, ok := owner.ParseOwner(me.String())
	if !ok || read != me {
		t.Errorf("%q is read as %+v, %t", me, read, ok)
	}
	if fate := me.LivenessOf(read, 0); fate != owner.LivenessAlive {
		t.Errorf("our own fate is %d", fate)
	}
}

func TestLiveness(t *testing.T) {
	me := currentOwner(t)
	elsewhere, earlier, again := me, me, me
	elsewhere.Host, earlier.Boot, again.Start = "elsewhere", "before", "1"
	for name, c := range map[string]struct {
		of   owner.Owner
		want owner.Liveness
	}{
		"another machine":              {elsewhere, owner.LivenessUnknown},
		"another start":                {earlier, owner.LivenessUnknown},
		"a process id that came again": {again, owner.LivenessDead},
	} {
		if got := me.LivenessOf(c.of, 0); got != c.want {
			t.Errorf("%s: fate %d, want %d", name, got, c.want)
		}
	}
	if got := (owner.Owner{}).LivenessOf(me, 0); got != owner.LivenessUnknown {
		t.Errorf("who does not know himself finds fate %d", got)
	}
}

// TestDeadProcess: also before the parent has asked for it.
func TestDeadProcess(t *testing.T) {
	me := currentOwner(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "TASKS_OWNER_CHILD=1")
	out, _ := child.StdoutPipe()
	in, _ := child.StdinPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 500)
	n, _ := out.Read(text)
	of, ok := owner.ParseOwner(string(text[:n]))
	if !ok || of.Pid != child.Process.Pid {
		t.Fatalf("the child, process %d, says that it is %q", child.Process.Pid, text[:n])
	}
	if fate := me.LivenessOf(of, 0); fate != owner.LivenessAlive {
		t.Errorf("the child's fate is %d, and it lives", fate)
	}
	in.Close()
	child.Wait()
	if fate := me.LivenessOf(of, 0); fate != owner.LivenessDead {
		t.Errorf("the child's fate is %d, and it is dead", fate)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "a/b/c", "a/b/x/d", "a/b/0/d", "a/b/1/d/e"} {
		if o, ok := owner.ParseOwner(text); ok {
			t.Errorf("%q is read as %+v", text, o)
		}
	}
}

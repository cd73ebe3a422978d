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
	me, _ := owner.Self()
	os.Stdout.WriteString(me.String())
	os.Stdout.Close()
	os.Stdin.Read(make([]byte, 1))
}

func self(t *testing.T) owner.Owner {
	t.Helper()
	me, ok := owner.Self()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	return me
}

func TestSelfLives(t *testing.T) {
	me := self(t)
	read, ok := owner.Parse(me.String())
	if !ok || read != me {
		t.Errorf("%q is read as %+v, %t", me, read, ok)
	}
	if fate := me.Fate(read, 0); fate != owner.Living {
		t.Errorf("our own fate is %d", fate)
	}
}

func TestFates(t *testing.T) {
	me := self(t)
	elsewhere, earlier, again := me, me, me
	elsewhere.Host, earlier.Boot, again.Start = "elsewhere", "before", "1"
	for name, c := range map[string]struct {
		of   owner.Owner
		want owner.Fate
	}{
		"another machine":              {elsewhere, owner.Unknown},
		"another start":                {earlier, owner.Unknown},
		"a process id that came again": {again, owner.Dead},
	} {
		if got := me.Fate(c.of, 0); got != c.want {
			t.Errorf("%s: fate %d, want %d", name, got, c.want)
		}
	}
	if got := (owner.Owner{}).Fate(me, 0); got != owner.Unknown {
		t.Errorf("who does not know himself finds fate %d", got)
	}
}

// TestDeathIsSeen: also before the parent has asked for it.
func TestDeathIsSeen(t *testing.T) {
	me := self(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "TASKS_OWNER_CHILD=1")
	out, _ := child.StdoutPipe()
	in, _ := child.StdinPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 500)
	n, _ := out.Read(text)
	of, ok := owner.Parse(string(text[:n]))
	if !ok || of.Pid != child.Process.Pid {
		t.Fatalf("the child, process %d, says that it is %q", child.Process.Pid, text[:n])
	}
	if fate := me.Fate(of, 0); fate != owner.Living {
		t.Errorf("the child's fate is %d, and it lives", fate)
	}
	in.Close()
	child.Wait()
	if fate := me.Fate(of, 0); fate != owner.Dead {
		t.Errorf("the child's fate is %d, and it is dead", fate)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "a/b/c", "a/b/x/d", "a/b/0/d", "a/b/1/d/e"} {
		if o, ok := owner.Parse(text); ok {
			t.Errorf("%q is read as %+v", text, o)
		}
	}
}

//go:build linux

package host_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tasks/executor/host"
)

// safeBuffer allows reads during writes.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// family starts a command with a child in the given role, and returns once the child is ready.
func family(t *testing.T, role, what string) (p *host.Process, child int, out *safeBuffer) {
	t.Helper()
	out = &safeBuffer{}
	c := play("parent", role, what)
	c.Stdout, c.Stderr = out, out
	p = start(t, c)
	waitFor(t, "the child is ready", func() bool {
		_, err := fmt.Sscanf(out.String(), "child %d ready", &child)
		return err == nil
	})
	return p, child, out
}

func TestGrandchildDiesWithTheLeader(t *testing.T) {
	p, child, _ := family(t, "stubborn", "leave")
	if code := waitSoon(t, p); code != 7 {
		t.Errorf("exit code %d, want the leader's 7", code)
	}
	waitFor(t, "the grandchild is dead", func() bool { return !alive(child) })
}

func TestKillReachesAll(t *testing.T) {
	p, child, _ := family(t, "stubborn", "wait")
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if code := waitSoon(t, p); code != 137 {
		t.Errorf("exit code %d, want 137", code)
	}
	waitFor(t, "the grandchild is dead", func() bool { return !alive(child) })
}

func TestSignalReachesAll(t *testing.T) {
	p, child, out := family(t, "echo-term", "stay")
	if err := syscall.Kill(p.Pid(), syscall.SIGSTOP); err != nil { // so that the leader does not end first
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the grandchild's answer", func() bool { return strings.Contains(out.String(), "the child got it") })
	waitFor(t, "the grandchild is dead", func() bool { return !alive(child) })
	if err := syscall.Kill(p.Pid(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if code := waitSoon(t, p); code != 143 {
		t.Errorf("exit code %d, want 143", code)
	}
}

// A shell with job control gives each job its own group. On a stop, the whole session of the command ends.
func TestJobsDieWithACommandThatIsAskedToEnd(t *testing.T) {
	for name, end := range map[string]func(*host.Process) error{
		"signal": func(p *host.Process) error { return p.Signal(syscall.SIGTERM) },
		"kill":   (*host.Process).Kill,
	} {
		t.Run(name, func(t *testing.T) {
			p, child, _ := family(t, "stubborn", "job")
			if err := end(p); err != nil {
				t.Fatal(err)
			}
			if code := waitSoon(t, p); code < 128 {
				t.Errorf("exit code %d, want that of a signal", code)
			}
			if alive(child) {
				t.Error("the job is alive")
			}
		})
	}
}

// A process outside the group survives, but must not block Wait.
func TestEscapedGrandchildDoesNotBlockTheEnd(t *testing.T) {
	p, child, _ := family(t, "stubborn", "escaped")
	defer func() { _ = syscall.Kill(child, syscall.SIGKILL) }()
	if code := waitSoon(t, p); code != 7 {
		t.Errorf("exit code %d, want 7", code)
	}
	if !alive(child) {
		t.Error("a process of another session was killed")
	}
}

func TestNothingSurvivesWithoutWait(t *testing.T) {
	_, child, _ := family(t, "stubborn", "leave")
	waitFor(t, "the grandchild is dead", func() bool { return !alive(child) })
}

func TestUnknownSignal(t *testing.T) {
	p, _, _ := family(t, "stubborn", "wait")
	if err := p.Signal(oddSignal{}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("error %v, want EINVAL", err)
	}
}

type oddSignal struct{}

func (oddSignal) String() string { return "odd" }
func (oddSignal) Signal()        {}

func TestManySignalsAtTheEnd(t *testing.T) {
	for range 20 {
		p := start(t, host.Command{Args: []string{"true"}})
		var senders sync.WaitGroup
		for range 4 {
			senders.Go(func() {
				for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
					if err := p.Signal(syscall.SIGCONT); err != nil {
						if !errors.Is(err, os.ErrProcessDone) {
							t.Errorf("Signal: %v", err)
						}
						return
					}
				}
				t.Error("the command does not end")
			})
		}
		senders.Wait()
		if code := wait(t, p); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
}

// Without a terminal there is no /dev/tty. A prompt there fails, and is not stopped forever.
func TestNoTerminalToAskAt(t *testing.T) {
	var out bytes.Buffer
	p := start(t, host.Command{Args: []string{"sh", "-c", "cat < /dev/tty"}, Stdout: &out, Stderr: &out})
	if code := waitSoon(t, p); code == 0 {
		t.Errorf("/dev/tty could be opened: %s", out.String())
	}
}

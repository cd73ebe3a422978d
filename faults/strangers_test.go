//go:build linux

package faults

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/toolbox"
)

// strangerKind is a kind of call from elsewhere, beside the runs of a case. Each has a checkout of its own with the same
// compose project.
type strangerKind string

const (
	// otherMachine has the same name, but other ids. copiedMachine has the same machine id, as a copy of a disk.
	otherMachine  strangerKind = "a second machine of the same name"
	copiedMachine strangerKind = "a copy of the machine"
	otherHome     strangerKind = "another HOME"
	otherUser     strangerKind = "another user"
)

// strangerKinds returns the kinds that this process can play: most need root.
func strangerKinds() []strangerKind {
	kinds := []strangerKind{otherHome}
	if os.Getuid() == 0 {
		kinds = append(kinds, otherMachine, copiedMachine)
		if socketGroup() >= 0 {
			kinds = append(kinds, otherUser)
		}
	}
	return kinds
}

// socketPath is the socket of an engine on this host.
const socketPath = "/var/run/docker.sock"

// socketGroup returns the group of the engine's socket, or -1 for an engine elsewhere.
func socketGroup() int {
	info, err := os.Stat(socketPath)
	if err != nil || os.Getenv("DOCKER_HOST") != "" {
		return -1
	}
	return int(info.Sys().(*syscall.Stat_t).Gid)
}

// strangerID is a user id without an account.
const strangerID = 20001

// strangerCall is a call from elsewhere.
type strangerCall struct {
	kind  strangerKind
	args  []string
	after time.Duration
}

func (c strangerCall) String() string {
	return fmt.Sprintf("tasks %s of %s after %s", strings.Join(c.args, " "), c.kind, c.after.Round(time.Millisecond))
}

func drawStranger(r *rand.Rand, within time.Duration) *strangerCall {
	c := &strangerCall{kind: choose(r, strangerKinds()), args: []string{"ps"}, after: randomBelow(r, within)}
	if c.kind == otherHome && r.IntN(2) == 0 {
		c.args = []string{"run", "passing"} // runs of one user know of each other
	}
	return c
}

// call performs the call, and returns the problems.
func (c strangerCall) call(p *project) []string {
	dir, home := p.t.TempDir(), p.t.TempDir()
	cmd := exec.Command(program, c.args...)
	if c.kind == otherMachine || c.kind == copiedMachine {
		cmd = exec.Command("unshare", "-m", "sh", "-c", c.disguise(p.t)+` exec "$0" "$@"`, program)
		cmd.Args = append(cmd.Args, c.args...)
	}
	cmd.Dir, cmd.WaitDelay = dir, 5*time.Second
	cmd.Env = append(slices.DeleteFunc(slices.Clone(p.env), func(e string) bool { return strings.HasPrefix(e, "XDG_") }), "HOME="+home)
	p.writeTo(dir, "compose.yaml", compose)
	p.writeTo(dir, "Tasks.hcl", tasksHCL)
	if c.kind == otherUser {
		c.giveAway(p.t, dir, home)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: strangerID, Gid: strangerID, Groups: []uint32{uint32(socketGroup())}}}
	}
	output := &toolbox.Buffer{}
	cmd.Stdout, cmd.Stderr = output, output
	err := cmd.Run()
	if err == nil && !strings.Contains(output.String(), "panic:") {
		return nil
	}
	return []string{fmt.Sprintf("%s: %v\n%s", c, err, indent(output.String()))}
}

// disguise returns the shell commands for the ids of another machine, in a mount namespace of its own.
func (c strangerCall) disguise(t *testing.T) string {
	text := mountOver(t, "/proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n")
	if c.kind == otherMachine {
		for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
			if _, err := os.Stat(path); err == nil {
				text += mountOver(t, path, "0123456789abcdef0123456789abcdef\n")
			}
		}
	}
	return text
}

func mountOver(t *testing.T, path, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("mount --bind %s %s &&", file, path)
}

// giveAway gives directories and their files to the other user. The parents belong to the test.
func (strangerCall) giveAway(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Chown(path, strangerID, strangerID)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

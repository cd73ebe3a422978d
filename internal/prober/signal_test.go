//go:build linux

package prober

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/prober/wire"
)

// runSignaller runs the program to signal the processes of this machine with a mark.
func runSignaller(t *testing.T, mark string, sig syscall.Signal) (output string, code int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the program is for Linux")
	}
	program, err := Program(runtime.GOARCH)
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "prober")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path)
	for name, value := range SignalEnviron(mark, int(sig)) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, _ := cmd.CombinedOutput() // the test checks the exit code
	return string(out), cmd.ProcessState.ExitCode()
}

// processTree holds processes of a command with different ways of escape: a child, a process in another session, a
// child without the mark, and a grandchild. Each process writes its ID to a file.
const processTree = `
sleep 1001 & echo $! >$DIR/child
setsid sh -c 'echo $$ >$DIR/session; exec sleep 1002' &
env -i DIR=$DIR sh -c 'echo $$ >$DIR/bare; sleep 1003 & echo $! >$DIR/below; wait' &
setsid env -i DIR=$DIR sh -c 'echo $$ >$DIR/both; exec sleep 1004' &
trap '' TERM
wait
`

// startProcessTree starts the processes with a mark, and returns their IDs by name.
func startProcessTree(t *testing.T, mark string) (leader *exec.Cmd, pids map[string]int) {
	t.Helper()
	dir := t.TempDir()
	leader = exec.Command("sh", "-c", processTree)
	leader.Env = append(os.Environ(), "MARK="+mark, "DIR="+dir)
	leader.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := leader.Start(); err != nil {
		t.Fatal(err)
	}
	pids = map[string]int{}
	t.Cleanup(func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = leader.Process.Kill()
		_ = leader.Wait()
	})
	for _, name := range []string{"child", "session", "bare", "below", "both"} {
		eventually(t, name+" to begin", func() bool {
			text, _ := os.ReadFile(filepath.Join(dir, name))
			pids[name], _ = strconv.Atoi(strings.TrimSpace(string(text)))
			return pids[name] > 0
		})
	}
	return leader, pids
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited too long for " + what)
		}
	}
}

// isAlive reports whether a process exists and is no zombie.
func isAlive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, state, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(state, "Z")
}

func TestSignalReachesAllProcesses(t *testing.T) {
	t.Parallel()
	_, mine := startProcessTree(t, "mine-"+t.Name())
	_, others := startProcessTree(t, "others-"+t.Name())
	if said, code := runSignaller(t, "MARK=mine-"+t.Name(), syscall.SIGKILL); code != wire.Ready || said != "" {
		t.Errorf("code %d, said %q", code, said)
	}
	for name, pid := range mine {
		if isAlive(pid) {
			t.Errorf("%s was not found", name)
		}
	}
	for name, pid := range others {
		if !isAlive(pid) {
			t.Errorf("%s of another command was killed", name)
		}
	}
}

func TestSignalIsSentOnce(t *testing.T) {
	t.Parallel()
	leader, pids := startProcessTree(t, t.Name())
	if said, code := runSignaller(t, "MARK="+t.Name(), syscall.SIGTERM); code != wire.Ready || said != "" {
		t.Errorf("code %d, said %q", code, said)
	}
	eventually(t, "the end of the child", func() bool { return !isAlive(pids["child"]) })
	// The leader ignores the signal, and has no child left to wait for.
	if err := leader.Wait(); err != nil {
		t.Errorf("the leader: %v", err)
	}
}

func TestSignalWithoutProcesses(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"MARK=unused", "MARK"} {
		if said, code := runSignaller(t, mark, syscall.SIGKILL); code != wire.NoProcess || said != "" {
			t.Errorf("%s: code %d, said %q", mark, code, said)
		}
	}
}

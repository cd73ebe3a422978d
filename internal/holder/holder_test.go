package holder

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/holder/wire"
	"tasks/internal/testing/embedded"
)

var update = flag.Bool("update", false, "rebuild the checked-in programs")

func TestEmbeddedProgramsMatchTheSource(t *testing.T) {
	embedded.Program{Name: "holder", LinkerFlags: "-E main.entry", Limit: 1200, Embedded: Program}.Check(t, *update)
}

func TestUnknownArchitecture(t *testing.T) {
	if _, err := Program("riscv64"); err == nil || !strings.Contains(err.Error(), "linux/riscv64") {
		t.Errorf("error %v", err)
	}
}

// held is a waiting process.
type held struct {
	*exec.Cmd
	out, errOut strings.Builder
}

// hold starts the program of this machine, and waits until the program waits.
func hold(t *testing.T, directory string, environ []string, command ...string) *held {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the program is for Linux")
	}
	program, err := Program(runtime.GOARCH)
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "holder")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	arguments := Arguments("token", directory, command)
	h := &held{Cmd: exec.CommandContext(t.Context(), path, arguments[1:]...)}
	h.Env, h.Stdout, h.Stderr = environ, &h.out, &h.errOut
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	waitAsleep(t, h.Process.Pid)
	return h
}

// waitAsleep waits until a process sleeps: the program sleeps nowhere else.
func waitAsleep(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); runtime.Gosched() {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err == nil && strings.Contains(string(stat), "(holder) S ") {
			return
		}
	}
	t.Fatalf("process %d does not wait", pid)
}

// release releases the process, and returns its exit code.
func (h *held) release(t *testing.T) (code int) {
	t.Helper()
	if err := h.Process.Signal(syscall.Signal(wire.Release)); err != nil {
		t.Fatal(err)
	}
	_ = h.Wait() // the exit code is checked
	return h.ProcessState.ExitCode()
}

func TestBecomesTheCommand(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		path    string
		command []string
		want    string
		code    int
	}{
		"found in the path":        {"/nonexistent:/usr/bin:/bin", []string{"sh", "-c", `echo "$0 $1"; pwd; exit 7`, "a", "b"}, "a b\n" + dir + "\n", 7},
		"absolute":                 {"", []string{"/bin/sh", "-c", "echo x"}, "x\n", 0},
		"a directory has the name": {dir + "/1:/usr/bin:/bin", []string{"sh", "-c", "echo y"}, "y\n", 0},
		"relative with a slash":    {"", []string{"./script", "z"}, "z\n", 0},
		"slash at the end":         {dir + "/", []string{"script", "w"}, "w\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, filepath.Join(dir, "script"), "#!/bin/sh\necho $1\n", 0o755)
			if err := os.MkdirAll(filepath.Join(dir, "1", "sh"), 0o755); err != nil {
				t.Fatal(err)
			}
			h := hold(t, dir, []string{"A=1", "PATH=" + test.path}, test.command...)
			if code := h.release(t); code != test.code || h.out.String() != test.want || h.errOut.String() != "" {
				t.Errorf("exit code %d, output %q, errors %q", code, &h.out, &h.errOut)
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "plain"), "#!/bin/sh\n", 0o644)
	write(t, filepath.Join(dir, "text"), "no program\n", 0o755)
	for name, test := range map[string]struct {
		directory, path string
		command         []string
	}{
		"missing command":        {dir, "/bin", []string{"no-such-command"}},
		"no path":                {dir, "", []string{"sh"}},
		"missing file":           {dir, "/bin", []string{"/no/such/file"}},
		"missing directory":      {dir + "/none", "/bin", []string{"sh", "-c", "exit 0"}},
		"not executable":         {dir, "/bin", []string{dir + "/plain"}},
		"no format":              {dir, dir, []string{"text"}},
		"a directory":            {dir, "/bin", []string{dir}},
		"empty name":             {dir, "/bin", []string{""}},
		"element of other forms": {dir, "/bin/../bin", []string{"sh", "-c", "exit 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := hold(t, test.directory, []string{"PATH=" + test.path}, test.command...)
			if code := h.release(t); code != wire.Refused || h.errOut.String() != wire.Refusal("token") || h.out.String() != "" {
				t.Errorf("exit code %d, errors %q", code, &h.errOut)
			}
		})
	}
}

// The command has the signals, the limits and the open files of a command without the program.
func TestLeavesNoTrace(t *testing.T) {
	const script = `grep -E "^(Sig[^Q]|Cap|NoNewPrivs|Seccomp|Threads|Umask|Groups|Uid|Gid)" /proc/self/status; ` +
		`cat /proc/self/limits /proc/self/cgroup /proc/self/oom_score_adj /proc/self/personality; ls /proc/self/fd; env; umask; cat /proc/$$/cmdline`
	environ := []string{"PATH=/usr/bin:/bin", "X=y", "Z="}
	h := hold(t, "/", environ, "sh", "-c", script)
	h.release(t)
	plain := exec.CommandContext(t.Context(), "sh", "-c", script)
	plain.Env, plain.Dir = environ, "/"
	var out strings.Builder
	plain.Stdout, plain.Stderr = &out, &out
	_ = plain.Run() // some kernels hide a file
	if got := h.out.String() + h.errOut.String(); got != out.String() {
		t.Errorf("with the program:\n%s\nwithout:\n%s", got, out.String())
	}
}

func TestEndsBySignal(t *testing.T) {
	h := hold(t, "/", nil, "true")
	if err := h.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = h.Wait()
	if code := h.ProcessState.ExitCode(); code != 143 {
		t.Errorf("exit code %d; want 143", code)
	}
}

// Another process may dismiss a standby at any time. A command that has begun goes on.
func TestDismissal(t *testing.T) {
	h := hold(t, "/", nil, "true")
	if err := h.Process.Signal(syscall.Signal(wire.Dismiss)); err != nil {
		t.Fatal(err)
	}
	_ = h.Wait() // the exit code is checked
	if code := h.ProcessState.ExitCode(); code != wire.Refused || h.errOut.String() != wire.Refusal("token") {
		t.Errorf("exit code %d of a waiting process, errors %q", code, &h.errOut)
	}
	h = hold(t, "/", []string{"PATH=/usr/bin:/bin"}, "sh", "-c", "kill -URG $$; echo end; exit 3")
	if code := h.release(t); code != 3 || h.out.String() != "end\n" {
		t.Errorf("exit code %d of a command, output %q", code, &h.out)
	}
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

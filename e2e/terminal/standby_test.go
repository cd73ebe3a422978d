//go:build unix

package terminal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// standbyText is the explanation of a started standby.
const standbyText = "explain: standby of x: started"

// selfPortrait prints all that a command can see of its process and its surroundings.
const selfPortrait = `for f in limits cgroup mountinfo environ oom_score_adj personality uid_map gid_map cmdline comm loginuid sessionid; ` +
	`do echo "== $f"; cat /proc/1/$f; done; echo == self; cat /proc/self/status; echo == files; ls /proc/1/fd /proc/self/fd; ` +
	`echo == root; ls / /tmp /dev; echo == env; env; id; tty; cat; exit 7`

// shell and shellWords are the command of a portrait, for images with and without an entrypoint.
var (
	shellWords = fmt.Sprintf("[%q]", selfPortrait)
	shell      = fmt.Sprintf(`["sh", "-c", %q]`, selfPortrait)
)

// firstProcess is a command without another process beside.
const firstProcess = `["cat", "/proc/1/status", "/proc/1/limits", "/proc/self/status", "/proc/1/mountinfo", "/proc/1/cgroup", "/none"]`

// standbyCases are services and tasks that run both ways.
var standbyCases = map[string]struct {
	service, command, task string
	code                   int
}{
	"plain":         {"", shell, "", 7},
	"first process": {"", firstProcess, "", 1},
	"user":          {"user: \"1000:1000\"\n    group_add: [\"7\"]\n    working_dir: /home/app/new", shell, "", 7},
	"user first":    {"user: app\n    cap_drop: [ALL]", firstProcess, "", 1},
	"process":       {"environment: {A: \"1\", PATH: \"/none:/bin\"}\n    stop_signal: SIGUSR1", shell, "", 7},
	"rights": {"cap_drop: [ALL]\n    cap_add: [NET_RAW]\n    user: app\n    security_opt: [\"no-new-privileges:true\"]\n" +
		"    ulimits: {nofile: {soft: 100, hard: 200}, core: 0}", shell, "", 7},
	"limits":   {"tmpfs: [/tmp]\n    mem_limit: 64m\n    pids_limit: 50\n    oom_score_adj: 300", shell, "", 7},
	"terminal": {"", shell, "tty = true", 7},
	"workdir":  {"entrypoint: [/bin/sh, -c]", shellWords, `workdir = "/src"`, 7},
}

// A command sees no difference between a container of its own and a released standby.
func TestStandbyIsThePlainContainer(t *testing.T) {
	t.Parallel()
	for name, test := range standbyCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, "services:\n  web:\n    @offline\n    volumes: [\"./src:/src\"]\n    "+test.service+"\n",
				fmt.Sprintf("task \"x\" {\n  service = \"web\"\n  command = %s\n  %s\n}\n", test.command, test.task))
			a.Write("src/a.txt", "one\n")
			p := a.Start("watch", "--explain", "x")
			p.WaitOutputTimes(standbyText, 1)
			p.WaitOutputTimes(apptest.WatchIdleText, 1)
			first := p.Stdout.String()
			a.Write("src/a.txt", "two\n")
			p.WaitOutputTimes(apptest.WatchIdleText, 2)
			r := p.EndWatch()
			if strings.Count(r.Stderr, fmt.Sprintf("watch x  exit code %d", test.code)) != 2 {
				t.Errorf("stderr lacks the exit code of two runs:\n%s", r.Stderr)
			}
			plain, standby := portraitLines(first), portraitLines(strings.TrimPrefix(r.Stdout, first))
			if len(plain) < 50 {
				t.Fatalf("the command printed only %d lines:\n%s\n%s", len(plain), r.Stdout, r.Stderr)
			}
			for i := range max(len(plain), len(standby)) {
				if i >= len(plain) || i >= len(standby) || plain[i] != standby[i] {
					t.Fatalf("line %d differs\nplain:\n%s\n\nstandby:\n%s", i, strings.Join(plain[max(0, i-3):min(i+3, len(plain))], "\n"),
						strings.Join(standby[max(0, i-3):min(i+3, len(standby))], "\n"))
				}
			}
		})
	}
}

// portraitLines are the lines of a portrait without the parts that differ between two plain containers.
func portraitLines(portrait string) []string {
	for pattern, with := range map[string]string{
		`[0-9a-f]{64}`: "ID", `HOSTNAME=[0-9a-f]{12}`: "HOSTNAME=ID", `overlay2/[^ ,]*`: "LAYER", `snapshots/[0-9]+`: "LAYER", `(?m)^[0-9]+ [0-9]+ [0-9]+:[0-9]+ `: "MOUNT ",
		`(master|shared):[0-9]+`: "$1:N", `/l/[A-Z0-9]+`: "/l/LAYER",
	} {
		portrait = regexp.MustCompile(pattern).ReplaceAllString(portrait, with)
	}
	lines := strings.Split(strings.ReplaceAll(portrait, "\r\n", "\n"), "\n")
	volatile := regexp.MustCompile(`^(State|SigBlk|Vm|Rss|Hugetlb|voluntary|nonvoluntary|SigQ|Pid|PPid|Tgid|NS|Threads|Cpus_allowed|Mems_allowed|FDSize)`)
	return slices.DeleteFunc(lines, volatile.MatchString)
}

// standbyOf waits for the started standby of a watch, and returns its id.
func standbyOf(a *apptest.App, p *apptest.Process) (id string) {
	a.T.Helper()
	apptest.Eventually(a.T, "a started standby", func() bool {
		for _, c := range a.OneOffs() {
			if strings.Contains(c.Name, "-standby-") && c.State.Running {
				id = c.ID
			}
		}
		return id != ""
	}, p.Stderr.String)
	return id
}

const standbyCompose = `
services:
  web:
    @offline
    volumes: ["./src:/src"]
`

// A command that is gone at the release ends as in a plain run: with its code and the words of the engine.
func TestStandbyWithoutItsCommand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(a *apptest.App)
		code   string
		text   string
	}{
		"missing": {func(a *apptest.App) { a.RemoveFile("src/command") }, "127", `"/src/command" is not in the image (no such file or directory)`},
		"not executable": {func(a *apptest.App) {
			if err := os.Chmod(filepath.Join(a.Dir, "src/command"), 0o644); err != nil {
				a.T.Fatal(err)
			}
			a.Write("src/a.txt", "")
		}, "126", `"/src/command" is not executable in the image (permission denied)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, standbyCompose, "task \"x\" {\n  service = \"web\"\n  command = [\"/src/command\"]\n}\n")
			a.Write("src/command", "#!/bin/sh\necho hello\n")
			if err := os.Chmod(filepath.Join(a.Dir, "src/command"), 0o755); err != nil {
				t.Fatal(err)
			}
			p := a.Start("watch", "--explain", "x")
			p.WaitOutputTimes(standbyText, 1)
			p.WaitOutputTimes(apptest.WatchIdleText, 1)
			test.change(a)
			p.WaitOutputTimes(apptest.WatchIdleText, 2)
			r := p.EndWatch()
			if r.Stdout != "hello\n" || !strings.Contains(r.Stderr, test.text) || !strings.Contains(r.Stderr, "exit code "+test.code) {
				t.Errorf("stdout %q, stderr lacks %q and %s:\n%s", r.Stdout, test.text, test.code, r.Stderr)
			}
		})
	}
}

// A standby that others end or remove makes room for a plain container.
func TestLostStandby(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(a *apptest.App, id string) error{
		"killed": func(a *apptest.App, id string) error {
			_, err := a.Engine.ContainerKill(a.T.Context(), id, client.ContainerKillOptions{Signal: "KILL"})
			return err
		},
		"removed": func(a *apptest.App, id string) error {
			_, err := a.Engine.ContainerRemove(a.T.Context(), id, client.ContainerRemoveOptions{Force: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, standbyCompose, "task \"x\" {\n  service = \"web\"\n  command = [\"cat\", \"/src/a.txt\"]\n}\n")
			a.Write("src/a.txt", "one\n")
			p := a.Start("watch", "--explain", "x")
			p.WaitOutputTimes(apptest.WatchIdleText, 1)
			p.WaitOutputTimes(standbyText, 1)
			if err := lose(a, standbyOf(a, p)); err != nil {
				t.Fatal(err)
			}
			a.Write("src/a.txt", "two\n")
			p.WaitOutputTimes(apptest.WatchIdleText, 2)
			standbyOf(a, p)
			a.Write("src/a.txt", "three\n")
			p.WaitOutputTimes(apptest.WatchIdleText, 3)
			if r := p.EndWatch(); r.Stdout != "one\ntwo\nthree\n" {
				t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
			}
		})
	}
}

// A started standby keeps its mounts. A file renamed over a mounted file, as editors save, needs another container.
func TestStandbyMadeAgain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(a *apptest.App){
		"mounted file renamed": func(a *apptest.App) {
			a.Write("new.txt", "two\n")
			if err := os.Rename(filepath.Join(a.Dir, "new.txt"), filepath.Join(a.Dir, "src/a.txt")); err != nil {
				a.T.Fatal(err)
			}
		},
		"environment": func(a *apptest.App) {
			a.Write("compose.yaml", strings.ReplaceAll(mountedFileCompose, "one", "two")+"\nname: @project\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, mountedFileCompose,
				"task \"x\" {\n  service = \"web\"\n  command = [\"sh\", \"-c\", \"cat /a.txt; echo $VALUE\"]\n}\n")
			a.Write("src/a.txt", "one\n")
			p := a.StartWatch("x")
			before := standbyOf(a, p)
			change(a)
			p.WaitOutputTimes(apptest.WatchIdleText, 2)
			if after := standbyOf(a, p); after == before {
				t.Error("the standby is the same")
			}
			if r := p.EndWatch(); !strings.Contains(r.Stdout, "two\n") {
				t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
			}
		})
	}
}

const mountedFileCompose = `
services:
  web:
    @offline
    environment: {VALUE: one}
    volumes: ["./src/a.txt:/a.txt"]
`

// A killed watch leaves its standby. The next command of the project removes it.
func TestStandbyOfAKilledWatch(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, standbyCompose, "task \"x\" {\n  service = \"web\"\n  command = [\"true\"]\n}\n")
	a.Write("src/a.txt", "one\n")
	p := a.StartWatch("x")
	id := standbyOf(a, p)
	if list := a.Start("ps").Wait().Stdout; !strings.Contains(list, "the next run of task x") {
		t.Errorf("the list does not show the standby:\n%s", list)
	}
	p.Signal(syscall.SIGKILL)
	p.Wait()
	if left := a.OneOffs(); len(left) != 1 || left[0].ID != id {
		t.Fatalf("one-offs %v; want the standby", left)
	}
	a.Tasks("ps")
	if left := a.OneOffs(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// A watch killed right after the release leaves a command without a reader. The next command of the project removes the
// container and the standby after.
func TestWatchKilledAtTheRelease(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, standbyCompose, "task \"x\" {\n  service = \"web\"\n  command = [\"sh\", \"-c\", \"cat /src/a.txt; sleep 100\"]\n}\n")
	a.Write("src/a.txt", "one\n")
	calls := a.LogCalls()
	p := a.Start("watch", "--explain", "x")
	p.WaitStdout("one\n")
	p.WaitOutputTimes("created, but not started: the sources of its bind mounts are on another machine", 1)
	p.Signal(syscall.SIGKILL)
	p.Wait()
	if left := a.OneOffs(); len(left) != 2 {
		t.Errorf("%d one-offs are left; want the command and the created standby", len(left))
	}
	a.Tasks("ps")
	a.Write("compose.yaml", strings.Replace(standbyCompose, "volumes: [\"./src:/src\"]", "", 1)+"\nname: @project\n")
	a.Write("Tasks.hcl", "task \"x\" {\n  service = \"web\"\n  command = [\"sh\", \"-c\", \"echo hello; sleep 100\"]\n  watch { paths = [\"src\"] }\n}\n")
	p = a.Start("watch", "--explain", "x")
	p.WaitStdout("hello\n")
	p.WaitOutputTimes(standbyText, 1)
	calls.React("POST /containers/kill", func() { p.Signal(syscall.SIGKILL) }) // the release
	a.Write("src/a.txt", "two\n")
	p.Wait()
	a.Tasks("ps")
	if left := a.OneOffs(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// A run without its image fails with a clear message. With the image again, the watch goes on.
func TestStandbyWithoutItsImage(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, standbyCompose, "task \"x\" {\n  service = \"web\"\n  command = [\"cat\", \"/src/a.txt\"]\n}\n")
	ref := a.Project + ":standby"
	a.Tag(a.Image, ref)
	a.Write("compose.yaml", strings.Replace(standbyCompose, "@offline", "image: "+ref+"\n    network_mode: none\n    pull_policy: never", 1)+"\nname: @project\n")
	a.Write("src/a.txt", "one\n")
	p := a.Start("watch", "--explain", "x")
	p.WaitOutputTimes(standbyText, 1)
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	a.RemoveImage(ref)
	a.Write("src/a.txt", "two\n")
	p.WaitOutputTimes("exit code 125; "+apptest.WatchIdleText, 1)
	a.Tag(a.Image, ref)
	a.Write("src/a.txt", "three\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	if r := p.EndWatch(); r.Stdout != "one\nthree\n" || !strings.Contains(r.Stderr, ref) {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
}

//go:build linux

package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/toolbox"
)

// standbyWatch is a watch with standbys on the engine of DOCKER_HOST.
type standbyWatch struct {
	t      *testing.T
	dir    string
	env    []string
	cmd    *exec.Cmd
	output toolbox.Buffer
}

// startStandbyWatch starts a watch of a task that prints a file, and waits for its standby.
func startStandbyWatch(t *testing.T) *standbyWatch {
	t.Helper()
	w := &standbyWatch{t: t, dir: t.TempDir()}
	w.env = append(os.Environ(), toolbox.StateVariables(t.TempDir())...)
	w.write("compose.yaml", "name: "+toolbox.Project(t)+"\nservices:\n  web:\n    image: "+toolbox.Image(t)+"\n    volumes: [\"./src:/src\"]\n")
	w.write("Tasks.hcl", "task \"x\" {\n  service = \"web\"\n  command = [\"cat\", \"/src/a.txt\"]\n}\n")
	w.write("src/a.txt", "text-1.\n")
	t.Cleanup(func() { w.tasks("down") })
	w.cmd = exec.CommandContext(t.Context(), program, "watch", "--explain", "x")
	w.cmd.Dir, w.cmd.Env, w.cmd.WaitDelay = w.dir, w.env, 5*time.Second
	w.cmd.Stdout, w.cmd.Stderr = &w.output, &w.output
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.await("text-1.")
	w.await("standby of x: started")
	return w
}

// tasks runs another command of the project.
func (w *standbyWatch) tasks(args ...string) {
	w.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Errorf("tasks %q: %v\n%s", args, err, out)
	}
}

func (w *standbyWatch) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// await waits for a text in the output.
func (w *standbyWatch) await(text string) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(w.output.String(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("no %q in the output:\n%s", text, w.output.String())
		}
	}
}

// Another process changes the network of the project, and takes the project down, beside an idle watch with a standby.
func TestOtherProcessesDismissTheStandby(t *testing.T) {
	w := startStandbyWatch(t)
	compose, err := os.ReadFile(filepath.Join(w.dir, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("other.yaml", string(compose)+"networks: {default: {labels: {changed: \"yes\"}}}\n")
	w.tasks("--compose-file", "other.yaml", "run", "x")
	w.write("src/a.txt", "text-2.\n")
	w.await("text-2.")
	w.tasks("--yes", "down")
	w.write("src/a.txt", "text-3.\n")
	w.await("text-3.")
	if err := w.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Wait(); err != nil {
		t.Errorf("the watch ended with %v\n%s", err, w.output.String())
	}
}

// A standby does not survive its engine. The watch goes on with a plain container.
func TestStandbyOfARestartedEngine(t *testing.T) {
	if !*ownEngineFlag {
		t.Skip("SKIPPED, NOT TESTED: -own-engine starts an engine of the campaign's own, and disturbs the engine")
	}
	t.Setenv("TASKS_ENGINE", engineName)
	t.Setenv("TASKS_ENGINE_SIZE", engineSize)
	t.Setenv("DOCKER_HOST", "unix:///run/"+engineName+"/docker.sock")
	ownEngine(t, "start")
	t.Cleanup(func() { ownEngine(t, "stop") })
	for name, disturb := range map[string]func(){
		"restart": func() { ownEngine(t, "again") },
		"crash": func() {
			ownEngine(t, "crash")
			ownEngine(t, "again")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := startStandbyWatch(t)
			disturb()
			w.write("src/a.txt", "text-2.\n")
			w.await("text-2.")
			w.write("src/a.txt", "text-3.\n")
			w.await("text-3.")
			if err := w.cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if err := w.cmd.Wait(); err != nil {
				t.Errorf("the watch ended with %v\n%s", err, w.output.String())
			}
			w.tasks("ps") // removes the containers that the engine could not remove
		})
	}
}

//go:build linux

package terminal_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// faultyCompose has a service with an image of its own, a network and a dependency.
const faultyCompose = `
services:
  web:
    image: "@project-web"
    pull_policy: never
    depends_on: {db: {condition: service_healthy}}
    volumes: ["./src:/src"]
    stop_grace_period: 1s
  db:
    image: "@image"
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "true"]}
    stop_grace_period: 1s
`

const faultyTask = `
task "x" {
  service = "web"
  command = ["sh", "-c", "echo read $(cat /src/a.txt); test ! -e /src/server || exec sleep infinity"]
}
`

// engine calls the engine.
func (w *faultyWatch) engine(_ any, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *faultyWatch) kill(c container.InspectResponse) {
	w.t.Helper()
	w.engine(w.Engine.ContainerKill(w.t.Context(), c.ID, client.ContainerKillOptions{}))
}

// serve makes the command of the next run a server, and returns the container of the server. The standby of the next run
// is another container.
func (w *faultyWatch) serve() (server container.InspectResponse) {
	w.t.Helper()
	w.Write("src/server", "")
	apptest.Eventually(w.t, "the server", func() bool {
		for _, c := range w.OneOffs() {
			if c.State.Running && !strings.Contains(c.Name, "-standby-") {
				server = c
				return true
			}
		}
		return false
	})
	return server
}

// TestWatchSurvivesFaultsOfTheEngine: after each fault of containers, images and networks the watch reruns the task.
func TestWatchSurvivesFaultsOfTheEngine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]watchFault{
		"the container dies alone": {says: "exit code 137", fault: func(w *faultyWatch) {
			w.kill(w.serve())
			w.WaitOutput("exit code 137; waiting")
			w.remove("src/server")
		}},
		"the container is removed": {says: "exit code", fault: func(w *faultyWatch) {
			w.Remove(w.serve())
			w.WaitOutputTimes(apptest.WatchIdleText, 2)
			w.remove("src/server")
		}},
		"the standby is killed": {fault: func(w *faultyWatch) {
			apptest.Eventually(w.t, "the standby", func() bool {
				all := w.OneOffs()
				return len(all) == 1 && all[0].State.Running
			})
			w.kill(w.OneOffs()[0])
		}},
		"a dependency is killed": {says: "service db  started", fault: func(w *faultyWatch) {
			w.kill(w.App.Service("db"))
		}},
		"a dependency is killed during a run": {fault: func(w *faultyWatch) {
			w.serve()
			w.kill(w.App.Service("db"))
			w.remove("src/server")
		}},
		"a dependency is removed": {fault: func(w *faultyWatch) {
			w.Remove(w.App.Service("db"))
		}},
		"another command removes all": {fault: func(w *faultyWatch) {
			w.Start("down", "--yes").Wait()
			w.Write("src/a.txt", "between\n")
			w.WaitOutput("read between")
		}},
		"the image is removed": {says: "image", fault: func(w *faultyWatch) {
			w.engine(w.Engine.ImageRemove(w.t.Context(), w.Project+"-web", client.ImageRemoveOptions{Force: true}))
			w.Write("src/a.txt", "without the image\n")
			w.WaitOutputTimes(apptest.WatchIdleText, 2)
			w.Tag(w.Image, w.Project+"-web")
		}},
		"the network is removed": {fault: func(w *faultyWatch) {
			network := w.Network()
			for _, c := range w.Containers() { // also the standby
				w.engine(w.Engine.NetworkDisconnect(w.t.Context(), network,
					client.NetworkDisconnectOptions{Container: c.ID, Force: true}))
			}
			w.engine(w.Engine.NetworkRemove(w.t.Context(), network, client.NetworkRemoveOptions{}))
		}},
		"the compose file is deleted and made again": {says: "keeping the last valid files", fault: func(w *faultyWatch) {
			text := w.read("compose.yaml")
			w.remove("compose.yaml")
			w.WaitOutputTimes(apptest.WatchIdleText, 2)
			w.Write("compose.yaml", text)
			w.WaitOutputTimes(apptest.WatchIdleText, 3)
		}},
		"the mounted directory is replaced": {fault: func(w *faultyWatch) {
			w.Write("new/a.txt", "replaced\n")
			w.rename("src", "old")
			w.rename("new", "src")
			w.WaitOutput("read replaced")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newEngineWatch(t)
			test.fault(w)
			w.Write("src/a.txt", "after the fault\n")
			w.WaitOutput("read after the fault")
			if r := w.EndWatch(); !strings.Contains(r.Stdout+r.Stderr, test.says) {
				t.Errorf("no %q in\n%s%s", test.says, r.Stdout, r.Stderr)
			}
			w.ExpectNoRunResources("after the watch")
		})
	}
}

// newEngineWatch starts a watch, and waits for its first run.
func newEngineWatch(t *testing.T) *faultyWatch {
	t.Helper()
	a := apptest.NewApp(t, faultyCompose, faultyTask)
	a.Tag(a.Image, a.Project+"-web")
	a.Write("src/a.txt", "first\n")
	return &faultyWatch{a, a.StartWatch("x"), t}
}

// After a kill -9 of a watch, the next command removes the container of the command, and the standby. The engine may still
// create the standby for the dead process while the command looks; then the command after it removes the standby.
func TestKilledWatchLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newEngineWatch(t)
	w.serve()
	w.Signal(syscall.SIGKILL)
	w.Wait()
	apptest.Eventually(t, "the next commands to remove everything", func() bool {
		return w.Start("ps").Wait().Code == 0 && len(w.RunResources()) == 0
	})
	if _, err := os.Stat(w.path("src/server")); err != nil {
		t.Error(err)
	}
}

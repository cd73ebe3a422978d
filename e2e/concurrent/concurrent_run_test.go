//go:build unix

package concurrent_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// sharedCompose has a dependency that takes a moment to become healthy, and is expected once, whoever asks for it.
const sharedCompose = `
services:
  web: {image: @image, depends_on: {db: {condition: service_healthy}}}
  worker: {image: @image, depends_on: [db]}
  db:
    image: @image
    command: [serve, -tcp, ":5432", -after, 300ms]
    healthcheck: {test: [CMD, probe, tcp, "localhost:5432"], interval: 10s}
    environment: {GENERATION: "first"}
`

const sharedTasks = `
task "x" {
  service = "web"
  command = ["sh", "-c", "probe tcp db:5432 && echo $0", args]
}
task "y" {
  service = "worker"
  command = ["echo", args]
}
task "z" {
  image   = "@image"
  command = ["echo", args]
}
`

// startMany starts many calls at once, each with a number as its last word, and wants each one's own output of each.
func startMany(t *testing.T, start func(i int, word string) *apptest.Process, size int) []apptest.Result {
	t.Helper()
	var running []*apptest.Process
	for i := range size {
		running = append(running, start(i, fmt.Sprint("number ", i)))
	}
	var ended []apptest.Result
	for i, p := range running {
		r := p.Wait()
		if want := fmt.Sprint("ok\nnumber ", i, "\n"); r.Code != 0 || !strings.HasSuffix(want, r.Stdout) || r.Stdout == "" {
			t.Errorf("%d of %d: code %d, output %q\n%s", i, size, r.Code, r.Stdout, r.Stderr)
		}
		ended = append(ended, r)
	}
	return ended
}

func TestTwentyRunsAtOnceShareADependency(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, sharedCompose, sharedTasks)
	startMany(t, func(_ int, word string) *apptest.Process { return a.Start("run", "x", word) }, 20)
	a.ExpectSharedOnce()
}

// Two users have no state directory in common: only the engine keeps them apart.
func TestTwoUsersAtOnceShareADependency(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, sharedCompose, sharedTasks)
	checkouts := []*apptest.App{a, a.CheckoutOfOtherUser()}
	startMany(t, func(i int, word string) *apptest.Process { return checkouts[i%2].Start("run", "x", word) }, 10)
	a.ExpectSharedOnce()
}

func TestChangedDependencyIsRecreatedOnce(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"one checkout": 10, "two checkouts": 6, "two users": 6} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, sharedCompose, sharedTasks)
			checkouts := []*apptest.App{a, a}
			switch name {
			case "two checkouts":
				checkouts[1] = a.Checkout()
			case "two users":
				checkouts[1] = a.CheckoutOfOtherUser()
			}
			a.Ok("run", "x", "before")
			before := a.Service("db").ID
			for _, checkout := range checkouts {
				checkout.Write("compose.yaml", strings.Replace(sharedCompose, "first", "second", 1)+"\nname: @project\n")
			}
			recreated := 0
			for _, r := range startMany(t, func(i int, word string) *apptest.Process { return checkouts[i%2].Start("run", "x", word) }, size) {
				recreated += strings.Count(r.Stderr, "service db  recreated")
			}
			if recreated != 1 && name != "two users" { // else the other user may have found the name free, and made it anew
				t.Errorf("recreated %d times; want once", recreated)
			}
			a.ExpectSharedOnce()
			if after := a.Service("db"); after.ID == before || !strings.Contains(fmt.Sprint(after.Config.Env), "GENERATION=second") {
				t.Errorf("container %s has %q; before it was %s", after.ID, after.Config.Env, before)
			}
		})
	}
}

func TestDifferentTasksAtOnce(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, sharedCompose, sharedTasks)
	tasks := []string{"x", "y", "z"}
	startMany(t, func(i int, word string) *apptest.Process { return a.Start("run", tasks[i%3], word) }, 6)
	a.ExpectSharedOnce()
}

func TestDownDuringARunAsks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, sharedCompose, sharedTasks+`
task "long" {
  service = "web"
  command = ["signals"]
}
`)
	p := a.Start("run", "long")
	p.WaitOutput("ready\n")
	r := a.Start("down").Wait()
	if r.Code != 125 || !strings.Contains(r.Stderr, "--yes") || !strings.Contains(r.Stderr, a.OneOffs()[0].Name[1:]) {
		t.Errorf("code %d; want 125, the one-off's name and the flag\n%s", r.Code, r.Stderr)
	}
	a.Service("db")
	p.Signal(syscall.SIGUSR1)
	p.WaitOutput("SIGUSR1 1")

	a.Ok("down", "--yes")
	if r := p.Wait(); r.Code != 143 || !strings.HasSuffix(r.Stdout, "SIGTERM 1\n") {
		t.Errorf("code %d, output %q of the run that was taken down\n%s", r.Code, r.Stdout, r.Stderr)
	}
	a.ExpectNothingLeft()
}

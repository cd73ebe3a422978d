//go:build unix

package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
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
func startMany(t *testing.T, start func(i int, word string) *process, size int) []result {
	t.Helper()
	var running []*process
	for i := range size {
		running = append(running, start(i, fmt.Sprint("number ", i)))
	}
	var ended []result
	for i, p := range running {
		r := p.wait()
		if want := fmt.Sprint("ok\nnumber ", i, "\n"); r.code != 0 || !strings.HasSuffix(want, r.stdout) || r.stdout == "" {
			t.Errorf("%d of %d: code %d, output %q\n%s", i, size, r.code, r.stdout, r.stderr)
		}
		ended = append(ended, r)
	}
	return ended
}

// expectSharedOnce wants that one network and one dependency is there, and no one-off.
func (a *testApp) expectSharedOnce() {
	a.t.Helper()
	if networks := a.networks(); len(networks) != 1 {
		a.t.Errorf("networks %q; want one", networks)
	}
	if db := a.service("db"); !db.State.Running || db.Name != "/"+a.project+"-db-1" {
		a.t.Errorf("container %s is %s", db.Name, db.State.Status)
	}
	for _, c := range a.oneOffs() {
		a.t.Errorf("one-off %s is left (%s)", c.Name, c.State.Status)
	}
}

func TestTwentyRunsAtOnceShareADependency(t *testing.T) {
	t.Parallel()
	a := newApp(t, sharedCompose, sharedTasks)
	startMany(t, func(_ int, word string) *process { return a.start("run", "x", word) }, 20)
	a.expectSharedOnce()
}

// Two users have no state directory in common: only the engine keeps them apart.
func TestTwoUsersAtOnceShareADependency(t *testing.T) {
	t.Parallel()
	a := newApp(t, sharedCompose, sharedTasks)
	checkouts := []*testApp{a, a.checkoutOfOtherUser()}
	startMany(t, func(i int, word string) *process { return checkouts[i%2].start("run", "x", word) }, 10)
	a.expectSharedOnce()
}

func TestChangedDependencyIsRecreatedOnce(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"one checkout": 10, "two checkouts": 6, "two users": 6} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, sharedCompose, sharedTasks)
			checkouts := []*testApp{a, a}
			switch name {
			case "two checkouts":
				checkouts[1] = a.checkout()
			case "two users":
				checkouts[1] = a.checkoutOfOtherUser()
			}
			a.ok("run", "x", "before")
			before := a.service("db").ID
			for _, checkout := range checkouts {
				checkout.write("compose.yaml", strings.Replace(sharedCompose, "first", "second", 1)+"\nname: @project\n")
			}
			recreated := 0
			for _, r := range startMany(t, func(i int, word string) *process { return checkouts[i%2].start("run", "x", word) }, size) {
				recreated += strings.Count(r.stderr, "service db  recreated")
			}
			if recreated != 1 && name != "two users" { // else the other user may have found the name free, and made it anew
				t.Errorf("recreated %d times; want once", recreated)
			}
			a.expectSharedOnce()
			if after := a.service("db"); after.ID == before || !strings.Contains(fmt.Sprint(after.Config.Env), "GENERATION=second") {
				t.Errorf("container %s has %q; before it was %s", after.ID, after.Config.Env, before)
			}
		})
	}
}

func TestDifferentTasksAtOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t, sharedCompose, sharedTasks)
	tasks := []string{"x", "y", "z"}
	startMany(t, func(i int, word string) *process { return a.start("run", tasks[i%3], word) }, 6)
	a.expectSharedOnce()
}

func TestDownDuringARunAsks(t *testing.T) {
	t.Parallel()
	a := newApp(t, sharedCompose, sharedTasks+`
task "long" {
  service = "web"
  command = ["signals"]
}
`)
	p := a.start("run", "long")
	p.waitOutput("ready\n")
	r := a.start("down").wait()
	if r.code != 125 || !strings.Contains(r.stderr, "--yes") || !strings.Contains(r.stderr, a.oneOffs()[0].Name[1:]) {
		t.Errorf("code %d; want 125, the one-off's name and the flag\n%s", r.code, r.stderr)
	}
	a.service("db")
	p.signal(syscall.SIGUSR1)
	p.waitOutput("SIGUSR1 1")

	a.ok("down", "--yes")
	if r := p.wait(); r.code != 143 || !strings.HasSuffix(r.stdout, "SIGTERM 1\n") {
		t.Errorf("code %d, output %q of the run that was taken down\n%s", r.code, r.stdout, r.stderr)
	}
	a.expectNothingLeft()
}

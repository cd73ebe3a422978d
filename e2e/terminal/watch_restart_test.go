//go:build linux

package terminal_test

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// A rerun starts after the end of the old container, so the published port is free.
func TestWatchFreesPublishedPorts(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	a := apptest.NewApp(t, `
services:
  web:
    image: "@image"
    volumes: ["./src:/src"]
    stop_grace_period: 1s
`, fmt.Sprintf(`
task "x" {
  service = "web"
  ports   = ["127.0.0.1:%d:5432"]
  command = ["sh", "-c", "echo up $(cat /src/a); exec serve -tcp :5432"]
}
`, port))
	a.Write("src/a", "0")
	p := a.Start("watch", "x")
	for n := range 4 {
		p.WaitOutput(fmt.Sprint("up ", n))
		apptest.Eventually(t, "the server", func() bool {
			connection, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
			if err == nil {
				connection.Close()
			}
			return err == nil
		})
		a.Write("src/a", fmt.Sprint(n+1))
	}
	p.WaitOutput("up 4")
	if r := p.EndWatch(); strings.Contains(r.Stderr, "failed") {
		t.Errorf("a run failed:\n%s", r.Stderr)
	}
}

// A rerun of a host task ends the whole process group, and runs the finally tasks before the next start.
func TestWatchRestartsAHostTask(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script  = "sleep 1h & echo grandchild $! of $(cat src/a); wait"
  finally = [task.tidy]
  watch { paths = ["src"] }
}

task "tidy" {
  script = "echo tidy $(cat src/a)"
}
`)
	a.Write("src/a", "0")
	p := a.Start("watch", "x")
	for n := range 3 {
		of := fmt.Sprint(" of ", n, "\n")
		p.WaitOutput(of)
		before, _, _ := strings.Cut(p.Stdout.String(), of)
		pid, err := strconv.Atoi(before[strings.LastIndex(before, " ")+1:])
		if err != nil {
			t.Fatal(err)
		}
		a.Write("src/a", fmt.Sprint(n+1))
		p.WaitOutput(fmt.Sprint("tidy ", n+1, "\n"))
		if !isProcessGone(pid) {
			t.Errorf("process %d still runs after its task", pid)
		}
	}
	p.EndWatch()
}

//go:build linux

package remote_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// talk is a command for host tasks: it sends a long text to an echo server by several connections, ends its side, and
// prints whether all came back.
func talk() {
	text := strings.Repeat("some words\n", 20_000)
	var all sync.WaitGroup
	failures := make([]error, 4)
	for i := range failures {
		all.Go(func() { failures[i] = echoed(os.Args[1], text) })
	}
	all.Wait()
	for _, err := range failures {
		fmt.Println(err)
	}
}

func echoed(address, text string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	go func() {
		_, _ = io.WriteString(conn, text) // the answer tells
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	answer, err := io.ReadAll(conn)
	if err == nil && string(answer) != text {
		err = fmt.Errorf("%d of %d bytes came back", len(answer), len(text))
	}
	return err
}

// TestPortsAreForwarded runs the program in a network namespace without a way to the engine's networks.
func TestPortsAreForwarded(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  echo:
    image: @image
    init: true
    command: [serve, -tcp, ":7"]
    ports: ["127.0.0.1::7"]
    stop_grace_period: 0s
`, `
service "echo" {
  ready {
    tcp = 7
  }
}
task "talk" {
  command = ["talk", "127.0.0.1:${service.echo.port["7"]}"]
}
task "hang" {
  script = "talk 127.0.0.1:${service.echo.port["7"]}; sleep 100"
}
task "both" {
  depends_on = [task.talk]
  command    = ["sh", "-c", "test -n \"$(cat /proc/net/tcp | grep 0100007F)\" && echo listens"]
}
`)
	start := func(args ...string) *apptest.Process {
		cmd := a.Command(append([]string{"run", "--engine", "here"}, args...)...)
		const script = `ip link set lo up && exec "$@"`
		cmd.Args = append([]string{"unshare", "-n", "sh", "-c", script, "sh", cmd.Path}, cmd.Args[1:]...)
		cmd.Path = "/usr/bin/unshare"
		return a.Launch(cmd)
	}
	run := func(args ...string) apptest.Result { return start(args...).Wait() }
	for range 2 { // the second run uses the running service
		if r := run("talk"); r.Code != 0 || r.Stdout != strings.Repeat("<nil>\n", 4) {
			t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
		}
		if helpers := a.ContainersWithLabels("tasks.probe"); len(helpers) > 0 {
			t.Errorf("helper containers are left: %s", helpers[0].Name)
		}
	}
	if r := run("both"); r.Code != 0 || r.Stdout != "listens\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	killed := start("hang")
	killed.WaitOutput("<nil>\n")
	killed.Signal(syscall.SIGKILL)
	apptest.Eventually(t, "the helper container of a killed run ends", func() bool {
		return len(a.ContainersWithLabels("tasks.probe")) == 0
	})
	// Here the engine's network is in reach, and nothing is forwarded.
	if r := a.Tasks("run", "--engine", "here", "talk"); r.Code != 0 || strings.Contains(r.Stderr, "warning") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

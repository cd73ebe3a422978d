//go:build unix

package services_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

// fetch is a command for host tasks: it prints what a web server says that may be just starting.
func fetch() {
	var err error
	for end := time.Now().Add(apptest.TestTimeout); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var answer *http.Response
		if answer, err = http.Get(os.Args[1]); err == nil {
			_, err = io.Copy(os.Stdout, answer.Body)
			answer.Body.Close()
			break
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const hostPortCompose = `
services:
  web:
    image: @image
    command: [serve, -http, ":8080"]
    ports: ["127.0.0.1::8080"]
    stop_grace_period: 0s
`

const hostPortTasks = `
locals {
  address = "http://127.0.0.1:${service.web.port["8080"]}"
}

task "hello" {
  command = ["fetch", "${local.address}/hello"]
}

task "ask" {
  command = ["fetch", "http://127.0.0.1:${arg.port}/hello"]
  arg "port" {}
}

task "all" {
  depends {
    task = task.ask
    args = [service.web.port["8080/tcp"]]
  }
}

task "env" {
  service = "web"
  command = ["env"]
  env     = { WEB = local.address }
}

task "wrong" {
  command = ["echo", service.web.port["8081"]]
}
`

func TestHostPortOfAService(t *testing.T) {
	t.Parallel()
	toolbox.SameNetwork(t)
	a := apptest.NewApp(t, hostPortCompose, hostPortTasks)
	if plan := a.Ok("plan", "hello"); !strings.Contains(plan, "which host port was given for 8080/tcp") {
		t.Errorf("plan:\n%s", plan)
	}
	if shown := a.Ok("show", "hello"); !strings.Contains(shown, `http://127.0.0.1:<service.web.port["8080"]>/hello`) {
		t.Errorf("shown:\n%s", shown)
	}
	if len(a.Containers()) > 0 {
		t.Error("looking has made containers")
	}
	if r := a.Tasks("run", "--no-deps", "env"); r.Code != 125 || !strings.Contains(r.Stderr, "service web does not run, and no_deps keeps it from being started") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	if r := a.Tasks("validate"); r.Code != 2 || strings.Count(r.Stderr, "error: ") != 1 {
		t.Errorf("validate ended with %d\n%s", r.Code, r.Stderr)
	}
	want := a.Ok("run", "hello")
	if want == "" {
		t.Error("the server said nothing")
	}
	if got := a.Ok("run", "all"); !strings.HasSuffix(got, want) {
		t.Errorf("as a word: %q, want %q at its end", got, want)
	}
	address := apptest.Published(a.Service("web"))["8080/tcp"]
	if env := a.Ok("run", "env"); !strings.Contains(env, "WEB=http://"+address+"\n") {
		t.Errorf("no %s in\n%s", address, env)
	}
	if env := a.Ok("run", "--no-deps", "env"); !strings.Contains(env, "WEB=http://"+address+"\n") {
		t.Errorf("no %s without dependencies in\n%s", address, env)
	}
	if r := a.Tasks("run", "wrong"); r.Code != 2 || !strings.Contains(r.Stderr, `service "web" does not publish port 8081/tcp`) || !strings.Contains(r.Stderr, "It publishes 8080/tcp.") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

// TestTakenHostPort: the message has the line of the port, the holder and a remedy. A private project gets another port.
func TestTakenHostPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	a := apptest.NewApp(t, fmt.Sprintf(`
services:
  web:
    image: @image
    command: [signals]
    stop_signal: SIGKILL
    ports:
      - "127.0.0.1:%d:80"
`, port), `
task "t" {
  command    = ["echo", "done"]
  depends_on = [service.web]
}
`)
	taken := fmt.Sprintf("compose.yaml:8:9: port %d/tcp of the host is already in use by another program of the host", port)
	a.Tasks("run", "t").ExpectStderr(t, 125, taken, "--isolated")
	if out := a.Ok("run", "--isolated", "t"); out != "done\n" {
		t.Errorf("in a private project: %q", out)
	}
}

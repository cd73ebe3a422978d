package options_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tasks/internal/testing/composetest"
	"tasks/internal/toolbox"

	"github.com/creack/pty"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// newSeed returns a project with a file of testdata/seed.
func newSeed(t *testing.T, file string) *project {
	t.Helper()
	p := newProject(t, "services: {}")
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{file: "compose.yaml", "python": "python"} {
		text, err := os.ReadFile("testdata/seed/" + from)
		if err != nil {
			t.Fatal(err)
		}
		p.Write(to, strings.ReplaceAll(string(text), "@postgres", filepath.Join(root, "examples/postgres")))
	}
	if err := os.Chmod(filepath.Join(p.Dir, "python"), 0o755); err != nil {
		t.Fatal(err)
	}
	return p
}

// terminalCall is a call of tasks at a terminal. The test types and reads.
type terminalCall struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	out    *toolbox.Buffer
}

// startAtTerminal starts `tasks once` with the page's arguments at a terminal.
func (p *project) startAtTerminal(line string) *terminalCall {
	p.T.Helper()
	s := &terminalCall{t: p.T, cmd: p.Command(tasks, append([]string{"once"}, strings.Fields(line)...)...), out: &toolbox.Buffer{}}
	var err error
	if s.master, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 33, Cols: 101}); err != nil {
		p.T.Fatal(err)
	}
	go io.Copy(s.out, s.master)
	p.T.Cleanup(func() { s.master.Close() })
	return s
}

// waitOutput waits for a text.
func (s *terminalCall) waitOutput(text string) {
	s.t.Helper()
	for end := time.Now().Add(composetest.Timeout); !strings.Contains(s.out.String(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited %s for %q in\n%s", composetest.Timeout, text, s.out.String())
		}
	}
}

// typeLine types a line.
func (s *terminalCall) typeLine(line string) {
	s.t.Helper()
	if _, err := s.master.WriteString(line + "\r"); err != nil {
		s.t.Fatal(err)
	}
}

// expectExit waits for the end of the program.
func (s *terminalCall) expectExit(code int) {
	s.t.Helper()
	late := time.AfterFunc(composetest.Timeout, func() { s.cmd.Process.Kill() })
	s.cmd.Wait()
	if !late.Stop() || s.cmd.ProcessState.ExitCode() != code {
		s.t.Errorf("%q ended with %d, want %d\n%s", s.cmd.Args, s.cmd.ProcessState.ExitCode(), code, s.out.String())
	}
}

// reach sends a line to an echo server, and expects the line back.
func reach(t *testing.T, addr string) {
	t.Helper()
	var last error
	for end := time.Now().Add(composetest.Timeout); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if last = echo(addr); last == nil {
			return
		}
	}
	t.Errorf("%s cannot be reached: %v", addr, last)
}

func echo(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	fmt.Fprintln(conn, "hello")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "hello\n" {
		err = fmt.Errorf("it answered %q", line)
	}
	return err
}

// freePortOr returns the port of the page if free, else any other.
func freePortOr(t *testing.T, port int) string {
	t.Helper()
	if freePort(t, port) == 0 {
		port = freePort(t, 0)
	}
	return strconv.Itoa(port)
}

// `docker-compose run --service-ports web python manage.py shell`
func TestSeedServicePorts(t *testing.T) {
	t.Parallel()
	p := newSeed(t, "compose.yaml")
	port := freePortOr(t, 8000)
	p.Env = append(p.Env, "WEB_PORT="+port)
	s := p.startAtTerminal("--service-ports web python manage.py shell")
	s.waitOutput(">>> ")
	reach(t, "127.0.0.1:"+port)
	s.typeLine("1 + 1")
	s.waitOutput("typed 1 + 1")
	s.typeLine("exit()")
	s.expectExit(0)

	// With -p, the call is an error before any action.
	p.Remove()
	if r := p.Run(tasks, "once", "--service-ports", "-p", "8080:80", "web", "true"); r.Code != 2 || !strings.Contains(r.Stderr, "--service-ports") {
		t.Errorf("%+v", r)
	}
	p.ExpectOnlyVolumes()
}

// `docker-compose run --publish 8080:80 -p 2022:22 -p 127.0.0.1:2021:21 web python manage.py shell`
func TestSeedPublish(t *testing.T) {
	t.Parallel()
	p := newSeed(t, "compose.yaml")
	http, ssh, ftp := freePortOr(t, 8080), freePortOr(t, 2022), freePortOr(t, 2021)
	s := p.startAtTerminal("--publish " + http + ":80 -p " + ssh + ":22 -p 127.0.0.1:" + ftp + ":21 web python manage.py shell")
	s.waitOutput(">>> ")
	for _, port := range []string{http, ssh, ftp} {
		reach(t, "127.0.0.1:"+port)
	}
	for _, c := range p.Containers() {
		for _, published := range c.Ports {
			if c.Labels["com.docker.compose.oneoff"] != "True" || published.PrivatePort == 8000 && published.PublicPort != 0 {
				t.Errorf("%s publishes %+v: the service's own ports are not asked for", composetest.NameOf(c), published)
			}
			if published.PrivatePort == 21 && published.IP.String() != "127.0.0.1" {
				t.Errorf("port 21 is published at %s", published.IP)
			}
		}
	}
	s.typeLine("exit()")
	s.expectExit(0)
}

// Services that are connected only by links start first, and are reachable by the link's alias.
func TestSeedLinks(t *testing.T) {
	t.Parallel()
	p := newSeed(t, "compose.yaml")
	for _, name := range []string{"db", "database"} {
		script := "until probe tcp " + name + ":5432; do sleep 0.1; done; echo hello | dial " + name + ":5432"
		if out := p.OK(tasks, "once", "--rm", "web", "sh", "-c", script); !strings.Contains(out, "hello") {
			t.Errorf("%s answered %q", name, out)
		}
	}
	if n := len(p.Service("db")); n != 1 {
		t.Errorf("db has %d containers, want the one that stays", n)
	}
}

// `docker-compose run --no-deps web python manage.py shell`
func TestSeedNoDeps(t *testing.T) {
	t.Parallel()
	p := newSeed(t, "compose.yaml")
	s := p.startAtTerminal("--no-deps web python manage.py shell")
	s.waitOutput("python manage.py shell")
	s.waitOutput(">>> ")
	if all := p.Containers(); len(all) != 1 || all[0].Labels["com.docker.compose.oneoff"] != "True" {
		t.Errorf("there are %d containers, want the one-off alone", len(all))
	}
	s.typeLine("exit()")
	s.expectExit(0)
}

// `docker-compose run --rm web python manage.py db upgrade`: the service's restart policy does not apply.
func TestSeedRemoved(t *testing.T) {
	t.Parallel()
	p := newSeed(t, "compose.yaml")
	for _, code := range []int{0, 3} {
		cmd := p.Command(tasks, "once", "--rm", "web", "python", "manage.py", "db", "upgrade")
		cmd.Env = append(cmd.Env, "CODE="+strconv.Itoa(code))
		if r := composetest.Finish(t, cmd); r.Code != code || r.Stdout != "python manage.py db upgrade\n" {
			t.Errorf("with code %d: %+v", code, r)
		}
	}
	if all := p.Containers(); len(all) != 1 || all[0].Labels["com.docker.compose.service"] != "db" {
		t.Errorf("there are %d containers, want db alone", len(all))
	}
	// Without --rm, the stopped container stays.
	p.OK(tasks, "once", "web", "python", "manage.py", "db", "upgrade")
	for _, c := range p.Containers() {
		// A current engine may list the container as running for a moment after the event of its end.
		seen, err := p.Engine.ContainerInspect(t.Context(), c.ID, client.ContainerInspectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if state := seen.Container.State.Status; c.Labels["com.docker.compose.oneoff"] == "True" && state != container.StateExited {
			t.Errorf("%s is %s", composetest.NameOf(c), state)
		}
	}
	if n := len(p.Containers()); n != 2 {
		t.Errorf("there are %d containers, want db and the one-off", n)
	}
}

// newPostgres returns a project with a real PostgreSQL and a real bash.
func newPostgres(t *testing.T) *project {
	t.Helper()
	p := newSeed(t, "postgres.yaml")
	if _, err := p.Engine.ImageInspect(t.Context(), "tasks-example-postgres"); err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("SKIPPED, NOT TESTED: there is no image of PostgreSQL: `.ci/run postgres` makes it (%v)", err)
		}
		t.Fatalf("there is no image of PostgreSQL: `.ci/run postgres` makes it (%v)", err)
	}
	return p
}

// `docker-compose run web bash`
func TestSeedShell(t *testing.T) {
	t.Parallel()
	p := newPostgres(t)
	s := p.startAtTerminal("web bash")
	s.waitOutput("$ ") // the prompt
	// The size follows the start of the process: an engine of API 1.41 takes no size before.
	s.typeLine(`until stty size | grep -q "^33 1"; do sleep 0.1; done; stty size; tty; echo $((6 * 7)); exit 5`)
	s.waitOutput("33 101")
	s.waitOutput("/dev/pts/0")
	s.waitOutput("42")
	s.expectExit(5)
}

// `docker-compose run db psql -h db -U docker`, beside the long-lived db.
func TestSeedDatabase(t *testing.T) {
	t.Parallel()
	p := newPostgres(t)
	p.Write("Tasks.hcl", "task \"up\" {\n  depends_on = [service.db]\n}\n")
	p.OK(tasks, "run", "up")
	db := p.Service("db")[0].ID
	s := p.startAtTerminal("db psql -h db -U docker")
	s.waitOutput("docker=> ")
	s.typeLine("SELECT 6 * 7 AS answer;")
	s.waitOutput("42")
	s.typeLine(`\q`)
	s.expectExit(0)
	if now := p.Service("db"); len(now) != 1 || now[0].ID != db {
		t.Errorf("the long-lived db was %.12s, now there are %d", db, len(now))
	}
	for _, c := range p.oneOffs("") {
		if _, err := p.Engine.ContainerInspect(t.Context(), c.ID, client.ContainerInspectOptions{}); err != nil || c.State != container.StateExited {
			t.Errorf("one-off %s is %s (%v): without --rm it stays, stopped", composetest.NameOf(c), c.State, err)
		}
	}
}

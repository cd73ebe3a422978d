//go:build unix

package commands_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

func TestExitCodeIsTheCommands(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	for _, code := range []int{0, 1, 2, 42, 125, 126, 127, 130, 255} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			if r := a.Start("run", "x", "exit", fmt.Sprint(code)).Wait(); r.Code != code {
				t.Errorf("code %d; want %d\n%s", r.Code, code, r.Stderr)
			}
		})
	}
}

func TestCommandThatCannotStart(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	for command, want := range map[string]struct {
		code int
		says string
	}{
		"/nope":       {127, "is not in the image"},
		"nope":        {127, "\"nope\" is not in the image"},
		"/etc/passwd": {126, "is not executable in the image"},
	} {
		r := a.Tasks("run", "x", command)
		if r.Code != want.code || !strings.Contains(r.Stderr, want.says) || !strings.Contains(r.Stderr, command) {
			t.Errorf("%s: code %d; want %d and %q in\n%s", command, r.Code, want.code, want.says, r.Stderr)
		}
	}
}

func TestCommandKilledFromOutside(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	p := a.Start("run", "x", "ignore", "TERM")
	p.WaitOutput("ready\n")
	if _, err := a.Engine.ContainerKill(t.Context(), a.OneOffs()[0].ID, client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		t.Fatal(err)
	}
	if r := p.Wait(); r.Code != 137 {
		t.Errorf("code %d; want 137\n%s", r.Code, r.Stderr)
	}
}

func TestPortThatIsTaken(t *testing.T) {
	t.Parallel()
	toolbox.SameNetwork(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	a := apptest.NewApp(t, "", fmt.Sprintf(`
task "x" {
  image   = "@image"
  command = ["echo", "ran"]
  ports   = ["%s:80"]
}
`, taken.Addr()))
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	apptest.ExpectFailedRun(t, a, port)
}

func TestStreamsStayApart(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	r := a.Tasks("run", "x", "sh", "-c", "echo to out; echo to err >&2; printf unfinished")
	if r.Code != 0 || r.Stdout != "to out\nunfinished" {
		t.Errorf("code %d, stdout %q", r.Code, r.Stdout)
	}
	if !strings.Contains(r.Stderr, "to err\n") || strings.Contains(r.Stderr, "to out") {
		t.Errorf("stderr %q", r.Stderr)
	}
}

func TestInputEnds(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	for _, input := range []string{"", "one\ntwo"} {
		cmd := a.Command("run", "x", "cat")
		cmd.Stdin = strings.NewReader(input)
		if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != input {
			t.Errorf("code %d, output %q; want 0 and %q\n%s", r.Code, r.Stdout, input, r.Stderr)
		}
	}
}

// A command need not read what it is given.
func TestUnreadInput(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	never, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	defer never.Close()
	cmd := a.Command("run", "x", "echo", "done")
	cmd.Stdin = never
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "done\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

// A loop of a shell reads its lines from stdin. With -i=false, a container task in the loop leaves the next lines alone.
func TestLoopOverLines(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	lines, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	if _, err := writer.WriteString("one\ntwo\n"); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	cmd := a.Command("run", "-i=false", "x", "echo", "done")
	cmd.Stdin = lines
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "done\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	if rest, err := io.ReadAll(lines); err != nil || string(rest) != "one\ntwo\n" {
		t.Errorf("left for the loop: %q, %v", rest, err)
	}
}

func TestLargeDataPassesUnchanged(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	const size = 20 << 20
	in, out := sha256.New(), sha256.New()
	r, w := io.Pipe()
	go func() {
		// Bytes that are no text and that do not repeat at the length of any buffer.
		block := make([]byte, 8191)
		for sent := 0; sent < size; sent += len(block) {
			for i := range block {
				block[i] = byte(sent*31 + i*i)
			}
			block = block[:min(len(block), size-sent)]
			in.Write(block)
			w.Write(block)
		}
		w.Close()
	}()
	cmd := a.Command("run", "x", "cat")
	var stderr toolbox.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r, out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if fmt.Sprintf("%x", in.Sum(nil)) != fmt.Sprintf("%x", out.Sum(nil)) {
		t.Error("what came out is not what went in")
	}
}

// `tasks run gen | head -c 10`: the reader has seen enough, and nobody tells `tasks` but a failing write.
func TestClosedOutput(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask+`
task "host" {
  command = ["sh", "-c", "yes"]
}
`)
	for name, args := range map[string][]string{"container": {"run", "x", "yes"}, "host": {"run", "host"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			p := &apptest.Process{T: t, Cmd: a.Command(args...), Stdout: &toolbox.Buffer{}, Stderr: &toolbox.Buffer{}}
			p.Cmd.Stdout, p.Cmd.Stderr = w, p.Stderr
			if err := p.Cmd.Start(); err != nil {
				t.Fatal(err)
			}
			w.Close()
			first := make([]byte, 10)
			if _, err := io.ReadFull(r, first); err != nil || string(first) != "y\ny\ny\ny\ny\n" {
				t.Errorf("read %q, %v", first, err)
			}
			r.Close()
			if end := p.Wait(); end.Code != 141 || strings.Contains(end.Stderr, "broken pipe") {
				t.Errorf("code %d; want 141, as of any program in a pipeline\n%s", end.Code, end.Stderr)
			}
		})
	}
}

// TestRefusedContainers: the engine's refusals have the place in the compose file, and words of this program, with every
// engine.
func TestRefusedContainers(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `services:
  user: {image: @image, user: nosuch, command: ["true"]}
  bind: {image: @image, volumes: [{type: bind, source: /nonexistent/x, target: /x, bind: {create_host_path: false}}]}
  onto: {image: @image, volumes: ["./file:/bin"], command: ["true"]}
  device: {image: @image, devices: [/dev/nosuch], command: ["true"]}
  runtime: {image: @image, runtime: nosuch, command: ["true"]}
  memory: {image: @image, mem_limit: 1m, command: ["true"]}
  log: {image: @image, logging: {driver: nosuch}, command: ["true"]}
  sysctl: {image: @image, sysctls: {net.nosuch: 1}, command: ["true"]}
  foreign: {image: @image, volumes: ["./foreign:/f"], command: [/f]}
  driver: {image: @image, networks: [odd], command: ["true"]}
networks:
  odd: {driver: nosuch}
`, "")
	a.Write("file", "text\n")
	a.Write("foreign", "no program\x00\n")
	if err := os.Chmod(filepath.Join(a.Dir, "foreign"), 0o755); err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]string{
		"user":    "failed: compose.yaml:2:\\d+: the image has no user nosuch: use a number",
		"bind":    "failed: compose.yaml:3:\\d+: bind source /nonexistent/x does not exist",
		"onto":    "/file cannot be mounted on /bin: one is a file",
		"device":  "failed: compose.yaml:5:\\d+: the machine of the engine has no device /dev/nosuch",
		"runtime": "failed: compose.yaml:6:\\d+: the engine has no runtime nosuch: `docker info`",
		"memory":  "failed: compose.yaml:7:\\d+: the memory limit is too low: the engine wants at least ",
		"log":     "the engine has no logging driver nosuch",
		"sysctl":  "the kernel of the engine has no ",
		"foreign": "failed: exit code (1|255): the program /f is not for the platform of the engine",
		"driver":  "failed: compose.yaml:13:\\d+: the engine has no network driver nosuch",
	} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			if r := a.Start("once", "--rm", service).Wait(); r.Code == 0 || !regexp.MustCompile(want).MatchString(r.Stderr) {
				t.Errorf("code %d, want %q in\n%s", r.Code, want, r.Stderr)
			}
		})
	}
}

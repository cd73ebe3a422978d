package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// words runs its words as the command.
const wordsTask = `
task "x" {
  image   = "@image"
  command = args
}
`

func TestExitCodeIsTheCommands(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	for _, code := range []int{0, 1, 2, 42, 125, 126, 127, 130, 255} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			if r := a.start("run", "x", "exit", fmt.Sprint(code)).wait(); r.code != code {
				t.Errorf("code %d; want %d\n%s", r.code, code, r.stderr)
			}
		})
	}
}

func TestCommandThatCannotStart(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	for command, want := range map[string]struct {
		code int
		says string
	}{
		"/nope":       {127, "was not found in the image"},
		"nope":        {127, "was not found in the image"},
		"/etc/passwd": {126, "is not executable in the image"},
	} {
		r := a.tasks("run", "x", command)
		if r.code != want.code || !strings.Contains(r.stderr, want.says) || !strings.Contains(r.stderr, command) {
			t.Errorf("%s: code %d; want %d and %q in\n%s", command, r.code, want.code, want.says, r.stderr)
		}
	}
}

func TestCommandKilledFromOutside(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	p := a.start("run", "x", "ignore", "TERM")
	p.waitOutput("ready\n")
	if _, err := a.engine.ContainerKill(t.Context(), a.oneOffs()[0].ID, client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		t.Fatal(err)
	}
	if r := p.wait(); r.code != 137 {
		t.Errorf("code %d; want 137\n%s", r.code, r.stderr)
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
	a := newApp(t, "", fmt.Sprintf(`
task "x" {
  image   = "@image"
  command = ["echo", "ran"]
  ports   = ["%s:80"]
}
`, taken.Addr()))
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	expectFailedRun(t, a, port)
}

func TestStreamsStayApart(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	r := a.tasks("run", "x", "sh", "-c", "echo to out; echo to err >&2; printf unfinished")
	if r.code != 0 || r.stdout != "to out\nunfinished" {
		t.Errorf("code %d, stdout %q", r.code, r.stdout)
	}
	if !strings.Contains(r.stderr, "to err\n") || strings.Contains(r.stderr, "to out") {
		t.Errorf("stderr %q", r.stderr)
	}
}

func TestInputEnds(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	for _, input := range []string{"", "one\ntwo"} {
		cmd := a.command("run", "x", "cat")
		cmd.Stdin = strings.NewReader(input)
		if r := a.launch(cmd).wait(); r.code != 0 || r.stdout != input {
			t.Errorf("code %d, output %q; want 0 and %q\n%s", r.code, r.stdout, input, r.stderr)
		}
	}
}

// A command need not read what it is given.
func TestUnreadInput(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	never, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	defer never.Close()
	cmd := a.command("run", "x", "echo", "done")
	cmd.Stdin = never
	if r := a.launch(cmd).wait(); r.code != 0 || r.stdout != "done\n" {
		t.Errorf("code %d, output %q\n%s", r.code, r.stdout, r.stderr)
	}
}

func TestLargeDataPassesUnchanged(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
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
	cmd := a.command("run", "x", "cat")
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
	a := newApp(t, "", wordsTask+`
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
			p := &process{t: t, cmd: a.command(args...), stdout: &toolbox.Buffer{}, stderr: &toolbox.Buffer{}}
			p.cmd.Stdout, p.cmd.Stderr = w, p.stderr
			if err := p.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			w.Close()
			first := make([]byte, 10)
			if _, err := io.ReadFull(r, first); err != nil || string(first) != "y\ny\ny\ny\ny\n" {
				t.Errorf("read %q, %v", first, err)
			}
			r.Close()
			if end := p.wait(); end.code != 141 || strings.Contains(end.stderr, "broken pipe") {
				t.Errorf("code %d; want 141, as of any program in a pipeline\n%s", end.code, end.stderr)
			}
		})
	}
}

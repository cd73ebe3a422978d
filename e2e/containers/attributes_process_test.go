//go:build unix

package containers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// What a process sees of its command, environment and streams.

func TestCommandsEntrypointsAndWords(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    @offline
    entrypoint: ["echo", "entry"]
    command: ["own", "command"]
    environment: { A: "a", B: "b" }
`, `
		task "own" { service = "web" }
		task "list" {
			service = "web"
			command = ["one", ["two  x", [3, true], null], args, "$HOME", "*"]
		}
		task "text" {
			service = "web"
			command = "one 'two  x' \"three\""
		}
		task "entry_list" {
			service    = "web"
			entrypoint = ["echo", "other"]
		}
		task "entry_text" {
			service    = "web"
			entrypoint = "echo 'a  b'"
			command    = ["c"]
		}
		task "entry_reset" {
			service    = "web"
			entrypoint = ""
			command    = ["echo", "bare"]
		}
		task "env" {
			service    = "web"
			entrypoint = ""
			command    = ["env"]
			env        = { B = null, PATH = "/bin", C = "c=d" }
		}
		task "script" {
			service    = "web"
			entrypoint = ""
			env        = { WHO = "me" }
			script     = <<-EOT
				echo "$0 $# <$1> $WHO $${UNSET:-none}"
				printf '<%s>' "$@"
				cat
			EOT
		}
		task "stops" {
			service    = "web"
			entrypoint = ""
			script     = "echo before; false; echo after"
		}
		task "shell" {
			service    = "web"
			entrypoint = ""
			shell      = ["sh", "-c"]
			script     = "false; echo goes on $0 $1"
		}
	`)
	for _, test := range []struct{ words, want string }{
		{"own", "entry own command\n"},
		{"own|words|instead", "entry words instead\n"},
		{"list|w 1|-w2", "entry one two  x 3 true w 1 -w2 $HOME *\n"},
		{"list|--|--|-n", "entry one two  x 3 true -- -n $HOME *\n"},
		{"text", "entry one two  x three\n"},
		{"entry_list", "other\n"},
		{"entry_text", "a  b c\n"},
		{"entry_reset", "bare\n"},
		{"env", "A=a\nC=c=d\nPATH=/bin\n"},
		{"script|one|two  x", "script 2 <one> me none\n<one><two  x>typed\n"},
		{"shell|word", "goes on shell word\n"},
	} {
		cmd := a.Command(append([]string{"run"}, strings.Split(test.words, "|")...)...)
		cmd.Stdin = strings.NewReader("typed\n")
		r := a.Launch(cmd).Wait()
		if got := withoutHostname(r.Stdout); r.Code != 0 || got != test.want {
			t.Errorf("%s: %d %q, want %q\n%s", test.words, r.Code, got, test.want, r.Stderr)
		}
	}
	if r := a.Tasks("run", "stops"); r.Code != 1 || r.Stdout != "before\n" {
		t.Errorf("a script that fails: %+v", r)
	}
}

// withoutHostname drops what the engine adds to each environment, and sorts what is left.
func withoutHostname(out string) string {
	if !strings.Contains(out, "HOSTNAME=") {
		return out
	}
	var lines []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "HOSTNAME=") && !strings.HasPrefix(line, "HOME=") {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func TestCodesOfContainers(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "code" {
			image   = "@image"
			command = ["exit", args]
		}
		task "missing" {
			image   = "@image"
			command = ["no-such-program"]
		}
		task "folder" {
			image   = "@image"
			command = ["/etc"]
		}
		task "killed" {
			image   = "@image"
			command = ["signals"]
		}
	`)
	for words, code := range map[string]int{"code": 0, "code 1": 1, "code 2": 2, "code 125": 125, "code 255": 255, "missing": 127, "folder": 126} {
		if r := a.Tasks(append([]string{"run"}, strings.Fields(words)...)...); r.Code != code {
			t.Errorf("%s: %d, want %d\n%s", words, r.Code, code, r.Stderr)
		}
	}
	p := a.Start("run", "killed")
	p.WaitOutput("ready")
	if _, err := a.Engine.ContainerKill(t.Context(), a.OneOffs()[0].ID, client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		t.Fatal(err)
	}
	if r := p.Wait(); r.Code != 137 {
		t.Errorf("killed: %+v", r)
	}
}

func TestStreamsAreSeparateAndBinary(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "cat" {
			image   = "@image"
			command = ["cat"]
		}
		task "both" {
			image  = "@image"
			script = "echo out; echo err >&2"
		}
		task "many" {
			image   = "@image"
			command = ["gen", 3000000]
		}
		task "closed" {
			image       = "@image"
			interactive = false
			command     = ["cat"]
		}
	`)
	typed := strings.Repeat("binary \x00\xff\r\n\x1b[", 50_000)
	cmd := a.Command("run", "cat")
	cmd.Stdin = strings.NewReader(typed)
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != typed {
		t.Errorf("cat: %d, %d bytes, want %d\n%s", r.Code, len(r.Stdout), len(typed), r.Stderr)
	}
	r := a.Tasks("run", "both")
	if r.Stdout != "out\n" || !strings.Contains(r.Stderr, "err\n") || strings.Contains(r.Stderr, "out\n") {
		t.Errorf("both: %+v", r)
	}
	if out := a.Ok("run", "many"); len(out) != 3_000_000 || !strings.HasPrefix(out, "0123456789") {
		t.Errorf("many: %d bytes", len(out))
	}
	cmd = a.Command("run", "closed")
	cmd.Stdin = strings.NewReader("not for you\n")
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "" {
		t.Errorf("closed: %+v", r)
	}
}

func TestTTYAndInteractive(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "tty" {
			image   = "@image"
			tty     = true
			command = ["signals"]
		}
		task "no_tty" {
			image   = "@image"
			tty     = false
			command = ["signals"]
		}
		task "deaf" {
			image       = "@image"
			interactive = false
			command     = ["signals"]
		}
	`)
	for task, flags := range map[string][3]bool{"tty": {true, true, true}, "no_tty": {false, true, true}, "deaf": {false, false, false}} {
		c := a.ContainerDuringRun(task)
		apptest.ExpectEqual(t, task+": tty, stdin open, once", [3]bool{c.Config.Tty, c.Config.OpenStdin, c.Config.StdinOnce}, flags)
	}
}

func TestOutputOfATaskIsAValue(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "version" {
			image  = "@image"
			script = "echo noise >&2; printf '1.2  beta\n\n'"
		}
		task "here" { command = ["echo", "on the host"] }
		task "uses" {
			image   = "@image"
			command = ["sh", "-c", "echo \"$V|$H|$1\"", "sh", "v${task.version.stdout}!"]
			env     = { V = task.version.stdout, H = task.here.stdout }
		}
		task "host" { command = ["echo", task.version.stdout] }
	`)
	r := a.Tasks("run", "uses")
	if r.Code != 0 || r.Stdout != "1.2  beta|on the host|v1.2  beta!\n" || !strings.Contains(r.Stderr, "noise") {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "on the host", a.Ok("run", "host"), "1.2  beta\n")
}

// The engine gives up the output of a terminal when its input ends. A pipe's end must not cost the output: it is typed, as
// Ctrl-D.
func TestTTYWithoutATerminal(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "late" {
			image   = "@image"
			tty     = true
			command = ["sh", "-c", "sleep 0.5; tty; cat; echo end"]
		}
	`)
	for typed, want := range map[string]string{"": "", "line\n": "line", "no newline": "no newline"} {
		cmd := a.Command("run", "late")
		cmd.Stdin = strings.NewReader(typed)
		r := a.Launch(cmd).Wait()
		if r.Code != 0 || !strings.Contains(r.Stdout, "/dev/pts/0\r\n") || !strings.HasSuffix(r.Stdout, want+"end\r\n") && !strings.HasSuffix(r.Stdout, want+"\r\nend\r\n") {
			t.Errorf("typed %q: %d %q\n%s", typed, r.Code, r.Stdout, r.Stderr)
		}
	}
}

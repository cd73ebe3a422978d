//go:build unix

package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// countsInterrupts tells its process id, then of each SIGINT, and of each line that it reads.
const countsInterrupts = `
task "x" {
  script = <<-EOT
    n=0
    trap 'n=$((n+1)); echo "int $n."' INT
    echo "group $$."
    while [ "$line" != quit ]; do
      if read line; then echo "at $n: $line."; fi
    done
    exit 4
  EOT
  shell = ["sh", "-c"]
}
`

func TestHostCommandHasTheTerminal(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", countsInterrupts)
	p := a.atTerminal(noRedirect, "run", "x")
	before := p.mode()
	group := regexp.MustCompile(`group (\d+)\.`)
	eventually(t, "the process id", func() bool { return group.MatchString(p.stdout.String()) })
	pid, err := strconv.Atoi(group.FindStringSubmatch(p.stdout.String())[1])
	if err != nil {
		t.Fatal(err)
	}
	if foreground, err := unix.IoctlGetInt(int(p.master.Fd()), unix.TIOCGPGRP); err != nil || foreground != pid {
		t.Errorf("group %d is in the foreground (%v); want the command's, %d", foreground, err, pid)
	}
	p.typeKeys(ctrlC)
	p.waitOutput("int 1.\r\n")
	p.typeKeys("word\n")
	p.waitOutput("at 1: word.\r\n")
	p.typeKeys(ctrlC)
	p.waitOutput("int 2.\r\n")
	p.typeKeys("quit\n")
	r := p.wait()
	if r.code != 4 || strings.Contains(r.stdout, "int 3") || strings.Contains(r.stdout, "once more") {
		t.Errorf("code %d; want 4, and each Ctrl-C once\n%s", r.code, r.stdout)
	}
	if after := p.mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
}

func TestInputIsTheNamedTasks(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  image      = "@image"
  command    = ["sh", "-c", "echo named: $(cat)"]
  depends_on = [task.container, task.host]
}
task "container" {
  image   = "@image"
  command = ["sh", "-c", "echo container:$(cat); tty || true"]
}
task "host" {
  script = "echo host:$(cat)"
}
`)
	cmd := a.command("run", "x")
	cmd.Stdin = strings.NewReader("typed in")
	r := a.launch(cmd).wait()
	if r.stdout != "named: typed in\n" {
		t.Errorf("stdout %q\n%s", r.stdout, r.stderr)
	}
	for _, want := range []string{"container | container:\n", "container | not a tty\n", "host | host:\n"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("stderr lacks %q\n%s", want, r.stderr)
		}
	}
	if strings.Contains(r.stderr, "typed in") {
		t.Errorf("a dependency has read the input\n%s", r.stderr)
	}
}

func TestWatchAtATerminalEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  image   = "@image"
  command = ["sh", "-c", "tty; signals"]
  watch { paths = ["src/**"] }
}
task "host" {
  script = "if read line; then echo read $line; fi; echo started; exec sleep 300"
  watch { paths = ["src/**"] }
}
`)
	for task, started := range map[string]string{"x": "not a tty\r\nready\r\n", "host": "started\r\n"} {
		p := a.atTerminal(noRedirect, "watch", task)
		before := p.mode()
		p.waitOutput(started)
		p.typeKeys(ctrlC)
		if r := p.wait(); r.code != 0 || strings.Contains(r.stdout, "SIGINT") || strings.Contains(r.stdout, "read ") {
			t.Errorf("%s: code %d; want 0, and no key for the command\n%s", task, r.code, r.stdout)
		}
		if after := p.mode(); after != before {
			t.Errorf("the terminal's mode was %s, is %s", before, after)
		}
	}
}

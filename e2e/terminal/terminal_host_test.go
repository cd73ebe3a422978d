//go:build unix

package terminal_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"tasks/internal/testing/apptest"
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
	a := apptest.NewApp(t, "", countsInterrupts)
	p := a.AtTerminal(apptest.NoRedirect, "run", "x")
	before := p.Mode()
	group := regexp.MustCompile(`group (\d+)\.`)
	apptest.Eventually(t, "the process id", func() bool { return group.MatchString(p.Stdout.String()) })
	pid, err := strconv.Atoi(group.FindStringSubmatch(p.Stdout.String())[1])
	if err != nil {
		t.Fatal(err)
	}
	if foreground, err := unix.IoctlGetInt(int(p.Master.Fd()), unix.TIOCGPGRP); err != nil || foreground != pid {
		t.Errorf("group %d is in the foreground (%v); want the command's, %d", foreground, err, pid)
	}
	p.TypeKeys(apptest.CtrlC)
	p.WaitOutput("int 1.\r\n")
	p.TypeKeys("word\n")
	p.WaitOutput("at 1: word.\r\n")
	p.TypeKeys(apptest.CtrlC)
	p.WaitOutput("int 2.\r\n")
	p.TypeKeys("quit\n")
	r := p.Wait()
	if r.Code != 4 || strings.Contains(r.Stdout, "int 3") || strings.Contains(r.Stdout, "once more") {
		t.Errorf("code %d; want 4, and each Ctrl-C once\n%s", r.Code, r.Stdout)
	}
	if after := p.Mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
}

func TestInputIsTheNamedTasks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
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
	cmd := a.Command("run", "x")
	cmd.Stdin = strings.NewReader("typed in")
	r := a.Launch(cmd).Wait()
	if r.Stdout != "named: typed in\n" {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
	for _, want := range []string{"container | container:\n", "container | not a tty\n", "host | host:\n"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("stderr lacks %q\n%s", want, r.Stderr)
		}
	}
	if strings.Contains(r.Stderr, "typed in") {
		t.Errorf("a dependency has read the input\n%s", r.Stderr)
	}
}

func TestWatchAtATerminalEndsWithCtrlC(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
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
		p := a.AtTerminal(apptest.NoRedirect, "watch", task)
		before := p.Mode()
		p.WaitOutput(started)
		p.TypeKeys(apptest.CtrlC)
		if r := p.Wait(); r.Code != 0 || strings.Contains(r.Stdout, "SIGINT") || strings.Contains(r.Stdout, "read ") {
			t.Errorf("%s: code %d; want 0, and no key for the command\n%s", task, r.Code, r.Stdout)
		}
		if after := p.Mode(); after != before {
			t.Errorf("the terminal's mode was %s, is %s", before, after)
		}
	}
}

// TestCtrlCOfACommandInterruptsTheRun: the key goes to the command alone, and yet the run is interrupted: for its finally
// task, for later attempts and on the screen.
func TestCtrlCOfACommandInterruptsTheRun(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, `
task "host" {
  script  = "echo begun.; exec sleep 100"
  finally = [task.clean]
  retry { attempts = 3 }
}
task "container" {
  service = "box"
  script  = "echo begun.; sleep 100"
  finally = [task.clean]
  retry { attempts = 3 }
}
task "clean" {
  script = "echo cleaning after ${result.reason}, code ${result.exit_code}"
}
`)
	for _, task := range []string{"host", "container"} {
		p := a.AtTerminal(apptest.NoRedirect, "run", task)
		p.WaitOutput("begun.\r\n")
		p.TypeKeys(apptest.CtrlC)
		r := p.Wait()
		output := p.Drained()
		for _, want := range []string{
			"task " + task + "  interrupted (", ") | cleaning after interrupt, code 130\r\n", "\nINTERRUPTED after ",
		} {
			if !strings.Contains(output, want) {
				t.Errorf("%s: no %q in\n%s", task, want, output)
			}
		}
		if r.Code != 130 || strings.Count(output, "begun") != 1 || strings.Contains(output, "stopping, then") {
			t.Errorf("%s: code %d\n%s", task, r.Code, output)
		}
	}
}

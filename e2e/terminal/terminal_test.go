//go:build unix

package terminal_test

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/testing/screen"
	"tasks/internal/toolbox"
)

func TestContainerHasATerminalWhereBothEndsAreOne(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask+`
task "never" {
  image   = "@image"
  command = ["tty"]
  tty     = false
}
`)
	for name, test := range map[string]struct {
		redirect func(*exec.Cmd, *toolbox.Buffer)
		args     []string
		want     string
	}{
		"both ends":     {func(*exec.Cmd, *toolbox.Buffer) {}, []string{"run", "x", "tty"}, "/dev/pts/0"},
		"stdout piped":  {func(c *exec.Cmd, to *toolbox.Buffer) { c.Stdout = to }, []string{"run", "x", "tty"}, "not a tty"},
		"stderr piped":  {func(c *exec.Cmd, to *toolbox.Buffer) { c.Stderr = to }, []string{"run", "x", "tty"}, "/dev/pts/0"},
		"stdin is none": {func(c *exec.Cmd, _ *toolbox.Buffer) { c.Stdin = nil }, []string{"run", "x", "tty"}, "not a tty"},
		"tty = false":   {func(*exec.Cmd, *toolbox.Buffer) {}, []string{"run", "never"}, "not a tty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			piped := &toolbox.Buffer{}
			p := a.AtTerminal(func(c *exec.Cmd) { test.redirect(c, piped) }, test.args...)
			p.Wait()
			said := func() string { return p.Stdout.String() + piped.String() }
			apptest.Eventually(t, test.want, func() bool { return strings.Contains(said(), test.want) }, said)
		})
	}
}

func TestTerminalSizeReachesTheContainer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	p := a.AtTerminal(apptest.NoRedirect, "run", "x", "sh", "-c", `until [ "$(stty size)" = "44 122" ]; do stty size; sleep 0.1; done; echo seen`)
	p.WaitOutput("33 101\r\n")
	apptest.Resize(t, p.Master, 44, 122)
	p.WaitOutput("seen\r\n")
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("code %d\n%s", r.Code, r.Stdout)
	}
}

// With a terminal, Ctrl-C is a key of the command's and nothing more: a second one does not kill.
func TestCtrlCIsTheCommandsKey(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	p := a.AtTerminal(apptest.NoRedirect, "run", "x", "signals")
	before := p.Mode()
	p.WaitOutput("ready\r\n")
	apptest.Eventually(t, "the raw mode", p.IsRaw)
	p.TypeKeys(apptest.CtrlC)
	p.WaitOutput("SIGINT 1\r\n")
	p.TypeKeys(apptest.CtrlC)
	r := p.Wait()
	if r.Code != 0 || !strings.Contains(r.Stdout, "SIGINT 2\r\n") || strings.Contains(r.Stdout, "once more") {
		t.Errorf("code %d; want 0\n%s", r.Code, r.Stdout)
	}
	if after := p.Mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
}

func TestTypedLinesReachTheCommand(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	p := a.AtTerminal(apptest.NoRedirect, "run", "x", "sh", "-c", "echo ready; cat; echo end")
	p.WaitOutput("ready\r\n")
	p.TypeKeys("typed\r")
	p.WaitOutput("typed\r\ntyped\r\n") // the container's terminal echoes, ours does not
	p.TypeKeys("\x04")
	if r := p.Wait(); r.Code != 0 || !strings.Contains(r.Stdout, "end\r\n") {
		t.Errorf("code %d\n%s", r.Code, r.Stdout)
	}
}

func TestTerminalModeIsRestoredAfterASignal(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	for name, test := range map[string]struct {
		command []string
		signals int
		code    int
	}{"ends": {[]string{"signals"}, 1, 143}, "is killed": {[]string{"ignore", "TERM"}, 2, 137}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.AtTerminal(apptest.NoRedirect, append([]string{"run", "x"}, test.command...)...)
			before := p.Mode()
			p.WaitOutput("ready\r\n")
			apptest.Eventually(t, "the raw mode", p.IsRaw)
			for range test.signals {
				p.Signal(syscall.SIGTERM)
				p.WaitOutput("Ctrl-C again to kill")
			}
			r := p.Wait()
			if r.Code != test.code {
				t.Errorf("code %d; want %d\n%s", r.Code, test.code, r.Stdout)
			}
			if !strings.Contains(r.Stdout, "(Ctrl-C again to kill)\r\n") { // the terminal is raw: a newline alone goes straight down
				t.Errorf("the message does not return to the left: %q", r.Stdout)
			}
			if after := p.Mode(); after != before {
				t.Errorf("the terminal's mode was %s, is %s", before, after)
			}
		})
	}
}

// Before the command has started the terminal is still tasks' own. The live display leaves nothing on the screen, also not
// where the terminal echoes the key.
func TestCtrlCBeforeTheCommandStarts(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, slowStartCompose, slowStartTasks)
	p := a.AtTerminal(apptest.NoRedirect, "run", "x")
	before := p.Mode()
	p.WaitOutput("service slow  waiting")
	p.TypeKeys(apptest.CtrlC)
	r := p.Wait()
	if r.Code != 130 {
		t.Errorf("code %d\n%s", r.Code, r.Stdout)
	}
	p.WaitOutput("INTERRUPTED after ")
	terminal := screen.New(33, 101)
	fmt.Fprint(terminal, p.Stdout.String())
	shown := "\n" + terminal.String()
	if strings.Contains(shown, "service slow  waiting") || !strings.Contains(shown, "\nInterrupted: ") || !strings.Contains(shown, "\nINTERRUPTED after ") {
		t.Errorf("the terminal shows\n%s", shown)
	}
	if after := p.Mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
	a.ExpectNothingLeft()
}

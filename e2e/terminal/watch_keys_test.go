//go:build unix

package terminal_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// The keyboard belongs to the watch: r reruns, p pauses and continues, ? and Enter list the keys, q ends. The command gets no input, also if it has
// not ended. The terminal gets its mode back.
func TestWatchKeys(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script = "cat src/a; read line || echo no input"
  watch {
    paths = ["src"]
    clear = true
  }
}
`)
	a.Write("src/a", "one\n")
	p := a.AtTerminal(apptest.NoRedirect, "watch", "--notify", "x")
	before := p.Mode()
	p.WaitOutputTimes("? lists the keys", 1)
	p.TypeKeys("r")
	p.WaitOutput("rerun by key")
	p.WaitOutputTimes("? lists the keys", 2)
	p.TypeKeys("xp")
	p.WaitOutput("paused")
	a.Write("src/a", "two\n")
	p.TypeKeys("p")
	p.WaitOutput("changed: src/a (the last run took ")
	p.TypeKeys("?\r")
	p.WaitOutputTimes("? and Enter list the keys", 2)
	p.WaitOutputTimes("? lists the keys", 3)
	p.TypeKeys("q")
	r := p.Wait()
	if r.Code != 0 || strings.Count(r.Stdout, "no input") != 3 || !strings.Contains(r.Stdout, "two") {
		t.Errorf("code %d\n%q", r.Code, r.Stdout)
	}
	for what, text := range map[string]string{"a notification": "\x1b]9;tasks watch x: exit code 0\x07", "a clearing": "\x1b[2J"} {
		if !strings.Contains(r.Stdout, text) {
			t.Errorf("%s is missing in %q", what, r.Stdout)
		}
	}
	if after := p.Mode(); after != before {
		t.Errorf("the terminal's mode was %s, is %s", before, after)
	}
}

// q ends a running command, and so does Ctrl-C, which is a signal under the keys of the watch too.
func TestWatchEndsByKeyDuringACommand(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"q": "q", "Ctrl-C": apptest.CtrlC} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, "", "task \"x\" {\n  script = \"echo begun; exec sleep 100\"\n  watch {\n    paths = [\"src\"]\n  }\n}\n")
			a.Write("src/a", "one\n")
			p := a.AtTerminal(apptest.NoRedirect, "watch", "x")
			before := p.Mode()
			p.WaitOutput("begun")
			p.TypeKeys(key)
			if r := p.Wait(); r.Code != 0 || p.Mode() != before {
				t.Errorf("code %d, mode %s, before %s\n%s", r.Code, p.Mode(), before, r.Stdout)
			}
		})
	}
}

//go:build unix

package commands_test

import (
	"os/exec"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

const pickTasks = `
task "build" {
  group   = "Make"
  command = ["echo", "built"]
}
task "test" {
  description = "Look"
  aliases     = ["check"]
  command     = ["echo", "tested"]
  inputs      = ["Tasks.hcl"]
}
task "bundle" {
  group   = "Make"
  command = ["echo", "bundled", arg.what]
  arg "what" {}
}
task "secret" {
  hidden  = true
  command = ["echo", "hidden"]
}
`

const pickList = "1  test    Look [alias: check]\r\n\r\nMake:\r\n2  build\r\n3  bundle\r\n\r\nWhich task? A number, a name or its beginning: "

// TestPick: a command that wants a task asks for one at a terminal.
func TestPick(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", pickTasks)
	for name, test := range map[string]struct {
		command []string
		keys    string
		says    []string
		code    int
	}{
		"number":       {[]string{"run"}, "2\n", []string{"built"}, 0},
		"name":         {[]string{"run"}, "test\n", []string{"tested"}, 0},
		"alias":        {[]string{"run"}, "check\n", []string{"tested"}, 0},
		"beginning":    {[]string{"run"}, " bui \n", []string{"built"}, 0},
		"hidden":       {[]string{"run"}, "secret\n", []string{"hidden"}, 0},
		"wrong, right": {[]string{"run"}, "bu\n9\ntset\nhid\n1\n", []string{`"bu" is the beginning of build, bundle: write more of it`, "there is no number 9: they go from 1 to 3", `no task begins with "tset". Did you mean "test"?`, `no task begins with "hid".`, "tested"}, 0},
		"asks a word":  {[]string{"run"}, "3\nnow\n", []string{"WHAT: ", "bundled now"}, 0},
		"no word":      {[]string{"run"}, "3\n\n", []string{`Argument "what" is missing`}, 2},
		"empty line":   {[]string{"run"}, "\n", []string{"no task was chosen. Write `tasks run TASK`"}, 2},
		"Ctrl-D":       {[]string{"run"}, "\x04", []string{"beginning: \r\ntasks: no task was chosen"}, 2},
		"Ctrl-C":       {[]string{"run"}, apptest.CtrlC, []string{"\r\n"}, 130},
		"plan":         {[]string{"plan"}, "2\n", []string{"run  task  build  requested"}, 0},
		"show":         {[]string{"show"}, "check\n", []string{"tasks run test"}, 0},
		"watch":        {[]string{"watch", "-n"}, "1\n", []string{"run  task  test  requested"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.AtTerminal(func(c *exec.Cmd) { c.Env = append(c.Env, "TERM=dumb") }, test.command...)
			p.WaitOutput(pickList)
			p.TypeKeys(test.keys)
			r := p.Wait()
			for _, text := range test.says {
				p.WaitOutput(text)
			}
			if r.Code != test.code {
				t.Errorf("code %d, want %d\n%s", r.Code, test.code, p.Stdout)
			}
		})
	}
}

// TestPickFilters: where the cursor can move, the list filters while the person types, and shows the usage of the task.
func TestPickFilters(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", pickTasks)
	atCursor := func(c *exec.Cmd) { c.Env = append(c.Env, "TERM=xterm") }
	for name, test := range map[string]struct {
		keys, says string
		code       int
	}{
		"filter":         {"bun\nnow\n", "bundled now", 0},
		"arrow":          {"\x1b[B\n", "built", 0},
		"description":    {"look\n", "tested", 0},
		"hidden":         {"secret\n", "hidden", 0},
		"no match":       {"zz\x7f\x7fbui\n", "built", 0},
		"end of input":   {"\x04", "no task was chosen", 2},
		"interrupt":      {apptest.CtrlC, "\x1b[J", 130},
		"number of list": {"1\n", "tested", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.AtTerminal(atCursor, "run")
			p.WaitOutput("3 of 3 tasks")
			p.WaitOutput("tasks run test")
			p.TypeKeys(test.keys)
			r := p.Wait()
			p.WaitOutput(test.says)
			if r.Code != test.code {
				t.Errorf("code %d, want %d\n%q", r.Code, test.code, p.Stdout)
			}
		})
	}
}

// TestPickLeavesStdoutAlone: who takes in what a command writes still sees the question.
func TestPickLeavesStdoutAlone(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", pickTasks)
	taken := &toolbox.Buffer{}
	p := a.AtTerminal(func(c *exec.Cmd) { c.Stdout, c.Env = taken, append(c.Env, "TERM=dumb") }, "run")
	p.WaitOutput("Which task?")
	p.TypeKeys("2\n")
	if r := p.Wait(); r.Code != 0 || taken.String() != "built\n" {
		t.Errorf("code %d, %q", r.Code, taken)
	}
	p = a.AtTerminal(func(c *exec.Cmd) { c.Stderr = taken }, "run")
	if r := p.Wait(); r.Code != 2 || !strings.Contains(taken.String(), "which task? Write `tasks run TASK`") {
		t.Errorf("without a place to ask: code %d, %q", r.Code, taken)
	}
}

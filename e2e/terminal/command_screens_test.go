//go:build unix

package terminal_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/testing/apptest"
	"tasks/internal/testing/screen"
)

var update = flag.Bool("update", false, "rewrite the golden screens")

const screenCompose = `
services:
  web:
    @offline
    command: ["sleep", "infinity"]
    depends_on: { db: { condition: service_healthy } }
  db:
    @offline
    command: ["sh", "-c", "touch /ready; exec sleep infinity"]
    healthcheck: { test: ["CMD", "test", "-f", "/ready"], interval: 1h }
    volumes: [data:/data]
volumes: { data: }
`

const commandScreenTasks = `
task "deploy" {
  description = "Bring a version to a place, and check that the place answers"
  command     = ["deploy", arg.place]
  arg "place" {}
}
task "test" {
  description = "Run all tests of the shop against a real database, in parallel, with a report for each package"
  aliases     = ["t"]
  service     = "web"
  command     = ["true"]
  depends_on  = [task.lint]
}
task "lint" {
  command = ["true"]
}
task "seed" {
  group       = "Database"
  description = "Fill the database with a few thousand orders, so that every page of the shop has something to show"
  command     = ["true"]
}
`

// commandScreens takes pictures of a command at terminals of each size, and compares the pictures with a golden file.
type commandScreens struct {
	*apptest.App
	rows, columns int
	all           strings.Builder
}

// compareCommand plays a command on a terminal of each size.
func compareCommand(t *testing.T, a *apptest.App, name string, play func(*commandScreens)) {
	t.Helper()
	var all strings.Builder
	for _, size := range [][2]int{{24, 80}, {40, 120}, {15, 40}, {7, 60}} {
		s := &commandScreens{App: a, rows: size[0], columns: size[1]}
		play(s)
		all.WriteString(s.all.String())
	}
	path := filepath.Join("testdata", "screens", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if diff := cmp.Diff(string(want), all.String()); err != nil || diff != "" {
		t.Errorf("%s: %v\n%s", name, err, diff)
	}
}

// text is what a terminal shows of an output, with the lines that have left the screen. Names and times that differ in each
// run have zeros for digits.
func (s *commandScreens) text(output string) string {
	terminal := screen.New(s.rows, s.columns)
	changing := regexp.MustCompile(`tt-test[a-z]+-[0-9a-f]*|toolbox:[0-9a-f]+|-run-[0-9a-f]+|\b[0-9]+s\b|\b[0-9]+\.[0-9] s\b`)
	output = changing.ReplaceAllStringFunc(output, func(text string) string {
		kept := regexp.MustCompile(`^tt-test[a-z]+-|^toolbox:|^-run-`).FindString(text)
		return kept + regexp.MustCompile(`[0-9a-f]`).ReplaceAllString(text[len(kept):], "0")
	})
	fmt.Fprint(terminal, output)
	if history := terminal.History(); history != "" {
		return history + "\n-- screen --\n" + terminal.String()
	}
	return terminal.String()
}

func (s *commandScreens) shoot(when, output string) {
	fmt.Fprintf(&s.all, "---- %dx%d %s\n%s\n", s.columns, s.rows, when, s.text(output))
}

// run takes a picture of a command after its end.
func (s *commandScreens) run(when string, args ...string) {
	p := s.AtTerminalOf(uint16(s.rows), uint16(s.columns), apptest.NoRedirect, args...)
	r := p.Wait()
	if r.Code != 0 {
		s.T.Errorf("tasks %v: code %d", args, r.Code)
	}
	s.shoot(when, p.Drained())
}

func TestScreensOfCommands(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, screenCompose, commandScreenTasks)
	for name, args := range map[string][]string{
		"list": {"list"}, "plan": {"plan", "test"}, "help_task": {"help", "test"},
	} {
		compareCommand(t, a, name, func(s *commandScreens) { s.run("at the end", args...) })
	}
}

// The help pages grow with each flag, so no golden screen has these pages. No line is broken by the terminal.
func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, screenCompose, commandScreenTasks)
	for _, columns := range []int{80, 120, 40, 60} {
		for _, args := range [][]string{{"--help"}, {"run", "--help"}, {"help", "flags"}} {
			p := a.AtTerminalOf(24, uint16(columns), apptest.NoRedirect, args...)
			r := p.Wait()
			for line := range strings.Lines(p.Drained()) {
				line = strings.TrimRight(line, "\r\n")
				isCall := strings.HasPrefix(line, "  tasks ") || strings.HasPrefix(line, "  $ ") // to copy
				if n := utf8.RuneCountInString(line); r.Code != 0 || n > columns && !isCall {
					t.Errorf("%v at %d columns: code %d, %q", args, columns, r.Code, line)
				}
			}
		}
	}
}

// The picker filters, moves and ends without a residue of the list.
func TestScreensOfThePicker(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, screenCompose, commandScreenTasks)
	compareCommand(t, a, "picker", func(s *commandScreens) {
		p := s.AtTerminalOf(uint16(s.rows), uint16(s.columns), apptest.NoRedirect, "run")
		shoot := func(when, shown string) {
			before, same := "", 0
			apptest.Eventually(t, shown+" is shown, and nothing more is drawn", func() bool {
				text := s.text(p.Stdout.String())
				if same++; text != before {
					before, same = text, 0
				}
				return same >= 20 && strings.Contains(text, shown)
			})
			s.shoot(when, p.Stdout.String())
		}
		shoot("at first", "4 of 4 tasks")
		p.TypeKeys("seed")
		shoot("with a filter", "1 of 4 tasks")
		p.TypeKeys(apptest.CtrlC)
		if r := p.Wait(); r.Code != 130 {
			t.Errorf("code %d", r.Code)
		}
		s.shoot("after Ctrl-C", p.Drained())
	})
}

// The table of `tasks ps` fits the terminal. `tasks down` asks once, and has a line for each removal.
func TestScreensOfPsAndDown(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, screenCompose, commandScreenTasks)
	a.Ok("up")
	compareCommand(t, a, "ps", func(s *commandScreens) { s.run("at the end", "ps") })
	compareCommand(t, a, "down", func(s *commandScreens) {
		a.Ok("up")
		p := s.AtTerminalOf(uint16(s.rows), uint16(s.columns), apptest.NoRedirect, "down", "-v")
		p.WaitOutput("Remove all of this? [y/N] ")
		s.shoot("the question", p.Stdout.String())
		p.TypeKeys("y\n")
		if r := p.Wait(); r.Code != 0 {
			t.Errorf("code %d\n%s", r.Code, r.Stdout)
		}
		s.shoot("at the end", p.Drained())
	})
}

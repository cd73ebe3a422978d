//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// hostileTasks have names and values that are commands of a shell.
const hostileTasks = `
task "enum" {
  command = ["echo", arg.x]
  arg "x" {
    enum = ["$(touch PWNED)"]
  }
}
task "separator" {
  command = ["echo", arg.x]
  arg "x" {
    enum = [";touch PWNED;"]
  }
}
task "backticks" {
  command = ["echo", arg.x]
  arg "x" {
    enum = ["` + "`touch PWNED`" + `"]
  }
}
task "quotes" {
  command = ["echo", arg.x]
  arg "x" {
    enum = ["a'b\"c $HOME \\ *"]
  }
}
task "mat" {
  matrix = {
    k = ["b;touch PWNED"]
  }
  command = ["echo", matrix.k]
}
task "flag" {
  command = ["echo", flag.f]
  flag "f" {
    enum    = ["$(touch PWNED)"]
    default = "$(touch PWNED)"
  }
}
task "lines" {
  command = ["echo", arg.x]
  arg "x" {
    enum = ["bad\nword", "bad\u001b[2J", "bad\u202e", "bad\tdescription", "good"]
  }
}
`

// shellCases are keys typed at a shell, and the words that the program then gets.
var shellCases = []struct {
	keys string
	want []string
}{
	{"tasks run enu\t\t\t\r", []string{"run", "enum", "$(touch PWNED)"}},
	{"tasks run separator \t\t\r", []string{"run", "separator", ";touch PWNED;"}},
	{"tasks run backticks \t\t\r", []string{"run", "backticks", "`touch PWNED`"}},
	{"tasks run quotes \t\t\r", []string{"run", "quotes", `a'b"c $HOME \ *`}},
	{"tasks run mat@\t\t\r", []string{"run", "mat@k=b;touch PWNED"}},
	{"tasks run mat@k\t\t\r", []string{"run", "mat@k=b;touch PWNED"}},
	{"tasks run mat@k=\t\t\r", []string{"run", "mat@k=b;touch PWNED"}},
	{"tasks run flag --f\t\t\t\r", []string{"run", "flag", "--f", "$(touch PWNED)"}},
	{"tasks run flag --f=\t\t\r", []string{"run", "flag", "--f=$(touch PWNED)"}},
	{"tasks run lines \t\t\r", []string{"run", "lines", "good"}},
	{"tasks run 'lin\t\t\t\r", []string{"run", "lines", "good"}},
	{"tasks -C bi\t\r", []string{"-C", "bin"}},
	{"tasks --directory=bi\t\r", []string{"--directory=bin"}},
	{"tasks --col\talw\t list\r", []string{"--color", "always", "list"}},
	{"tasks --color=alw\t list\r", []string{"--color=always", "list"}},
	{"tasks fmt Tas\t\r", []string{"fmt", "Tasks.hcl"}},
	{"tasks --file=Tas\t list\r", []string{"--file=Tasks.hcl", "list"}},
	// Typed by the person: text for a completion, until the line is run.
	{"tasks run flag --f '$(touch PWNED)' \t\t\r", []string{"run", "flag", "--f", "$(touch PWNED)"}},
	{"tasks run enum $(touch PWNED) \t\t\x15tasks list\r", []string{"list"}},
	{"tasks run flag --f `touch PWNED` --\t\t\x15tasks list\r", []string{"list"}},
	{"tasks --directory=$(touch PWNED) run \t\t\x15tasks list\r", []string{"list"}},
}

// TestShellsCompleteText types at real shells. Candidates arrive as text, and nothing typed or offered is run by a TAB.
// There is no PowerShell for the machines of our CI.
func TestShellsCompleteText(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("tasks") // by TestMain
	if err != nil {
		t.Fatal(err)
	}
	for shell, setup := range map[string]struct {
		rc, prompt string
		args       []string
	}{
		"bash": {".bashrc", "PS1='READY> '\n", []string{"--noprofile", "--rcfile", ".bashrc", "-i"}},
		"zsh":  {".zshrc", "PROMPT='READY> '\nautoload -Uz compinit\ncompinit -D -u\n", []string{"-i"}},
		"fish": {
			"rc.fish", "function fish_prompt; echo -n 'READY> '; end\nfunction fish_greeting; end\n",
			[]string{"--no-config", "-i", "-C", "source rc.fish"},
		},
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(shell)
			if err != nil {
				if os.Getenv("CI") != "" {
					t.Fatalf("%s is missing: .ci/run tools installs it", shell)
				}
				t.Skipf("%s is not installed: its completion is not tested here", shell)
			}
			dir := t.TempDir()
			script, err := exec.CommandContext(t.Context(), program, "completion", shell).Output()
			if err != nil {
				t.Fatal(err)
			}
			recorder := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = __complete ] && exec '%s' \"$@\"\n"+
				"printf '%%s\\0' \"$@\" >args.new && mv args.new args\n", program)
			writeFile(t, filepath.Join(dir, "Tasks.hcl"), hostileTasks, 0o600)
			writeFile(t, filepath.Join(dir, setup.rc), setup.prompt+string(script), 0o600)
			writeFile(t, filepath.Join(dir, "bin", "tasks"), recorder, 0o700)
			cmd := exec.CommandContext(t.Context(), path, setup.args...)
			cmd.Dir = dir
			cmd.Env = []string{"HOME=" + dir, "ZDOTDIR=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + dir, "TERM=xterm",
				"PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"), "LANG=C.UTF-8"}
			typeAtShell(t, cmd)
		})
	}
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// typeAtShell starts a shell and types all cases.
func typeAtShell(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	var screen []byte
	output := make(chan []byte)
	go func() {
		defer close(output)
		for {
			part := make([]byte, 4096)
			n, err := terminal.Read(part)
			if n > 0 {
				output <- part[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	defer func() {
		_ = cmd.Process.Kill()
		terminal.Close()
		for range output {
		}
		_ = cmd.Wait()
	}()
	await := func(what string, isDone func() bool) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for !isDone() {
			select {
			case part, isOpen := <-output:
				if !isOpen {
					t.Fatalf("%s: the shell has ended:\n%s", what, screen)
				}
				screen = append(screen, part...)
			case <-time.After(20 * time.Millisecond): // the file arrives without output
			case <-deadline:
				t.Fatalf("%s: nothing came. The terminal shows:\n%q", what, screen)
			}
		}
	}
	for _, c := range shellCases {
		await("the prompt", func() bool { return strings.Contains(string(screen), "READY> ") })
		screen = nil
		if _, err := terminal.WriteString(c.keys); err != nil {
			t.Fatal(err)
		}
		args := filepath.Join(cmd.Dir, "args")
		var got []byte
		await(fmt.Sprintf("%q", c.keys), func() bool {
			got, err = os.ReadFile(args)
			return err == nil
		})
		// Shells differ about the slash behind a directory.
		plain := strings.ReplaceAll(string(got), "/\x00", "\x00")
		if want := strings.Join(c.want, "\x00") + "\x00"; plain != want {
			t.Errorf("%q: the program got %q, want %q; the terminal shows\n%q", c.keys, got, want, screen)
		}
		if _, err := os.Stat(filepath.Join(cmd.Dir, "PWNED")); err == nil {
			t.Fatalf("%q has run a command", c.keys)
		}
		if err := os.Remove(args); err != nil {
			t.Fatal(err)
		}
	}
}

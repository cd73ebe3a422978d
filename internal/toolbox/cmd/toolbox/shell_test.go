//go:build linux

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

func TestParseShellArgs(t *testing.T) {
	tests := []struct {
		args string
		want shellArgs
	}{
		{"", shellArgs{name: "sh"}},
		{"-c TEXT", shellArgs{hasCommand: true, command: "TEXT", name: "TEXT"}},
		{"-euc TEXT name a -b", shellArgs{options: []string{"-e", "-u"}, hasCommand: true, command: "TEXT", name: "name", params: []string{"a", "-b"}}},
		{"-e -c -- TEXT", shellArgs{options: []string{"-e"}, hasCommand: true, command: "TEXT", name: "TEXT"}},
		{"x.sh a", shellArgs{file: "x.sh", name: "x.sh", params: []string{"a"}}},
		{"-ix", shellArgs{options: []string{"-x"}, name: "sh"}},
	}
	for _, test := range tests {
		got := parseShellArgs(strings.Fields(test.args))
		if test.want.command == test.want.name && test.want.hasCommand {
			test.want.name = "sh" // no name was given
		}
		if len(got.params) == 0 {
			got.params = nil
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("sh %s: %+v, want %+v", test.args, got, test.want)
		}
	}
}

func TestShell(t *testing.T) {
	tests := map[string]struct {
		args  []string
		stdin string
		want  outcome
	}{
		"words":             {args: []string{"-euc", `echo "$0" "$#" "$1" "$2"`, "task", "a", "b c"}, want: outcome{out: "task 2 a b c\n"}},
		"no words":          {args: []string{"-c", `echo "$0" "$#"`}, want: outcome{out: "sh 0\n"}},
		"exit code":         {args: []string{"-c", "exit 42"}, want: outcome{code: 42}},
		"last code counts":  {args: []string{"-c", "false; true"}},
		"-e ends early":     {args: []string{"-ec", "false; echo no"}, want: outcome{code: 1}},
		"-u names it":       {args: []string{"-uc", "echo $nope"}, want: outcome{err: "nope: unbound variable\n", code: 1}},
		"script on stdin":   {stdin: "echo a\nexit 3\n", want: outcome{out: "a\n", code: 3}},
		"stdin of a script": {args: []string{"-c", "cat; echo end"}, stdin: "in\n", want: outcome{out: "in\nend\n"}},
		"pipes":             {args: []string{"-c", "seq 20 | grep 1 | wc -l"}, want: outcome{out: "11\n"}},
		"environment":       {args: []string{"-c", "A=1 env | grep -q ^A=1 && export B=2 && env | grep ^B && C=3 && ! env | grep ^C="}, want: outcome{out: "B=2\n"}},
		"not found":         {args: []string{"-c", "nope"}, want: outcome{err: "sh: nope: not found\n", code: 127}},
		"not executable":    {args: []string{"-c", "touch x; ./x"}, want: outcome{err: "sh: ./x: permission denied\n", code: 126}},
		"syntax":            {args: []string{"-c", "echo ("}, want: outcome{err: "sh:1:1: `foo(` must be followed by `)`\n", code: 2}},
		"no file":           {args: []string{"x.sh"}, want: outcome{err: "sh: open x.sh: no such file or directory\n", code: 127}},
		"child's signal":    {args: []string{"-c", "sh -c 'kill -KILL $$'; echo $?"}, want: outcome{out: "137\n"}},
		"trap EXIT":         {args: []string{"-c", "trap 'echo bye' EXIT; exit 4"}, want: outcome{out: "bye\n", code: 4}},
		"background":        {args: []string{"-c", "sleep 0.01 & wait; echo done"}, want: outcome{out: "done\n"}},
		"redirects":         {args: []string{"-c", "echo a >f; echo b >>f; cat <f; echo c >&2"}, want: outcome{out: "a\nb\n", err: "c\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := program(t, "sh", test.args...)
			cmd.Stdin = strings.NewReader(test.stdin)
			if got := finish(t, cmd); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestShellRunsAFile(t *testing.T) {
	script := filepath.Join(t.TempDir(), "x.sh")
	if err := os.WriteFile(script, []byte("echo \"$0:$1\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, want := finish(t, program(t, "sh", script, "a")), (outcome{out: script + ":a\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestShellPassesSignalsToWhatRuns(t *testing.T) {
	c := start(t, "sh", "-c", "signals; echo code $?")
	c.expect("ready")
	c.signal(syscall.SIGINT)
	c.expect("SIGINT 1")
	c.signal(syscall.SIGTERM)
	c.expect("SIGTERM 1")
	c.expect("code 143")
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestShellEndsOnASignalWhenNothingRuns(t *testing.T) {
	c := start(t, "sh", "-c", "echo ready; read line")
	c.expect("ready")
	c.signal(syscall.SIGTERM)
	if code := c.end(); code != 143 {
		t.Errorf("exit code %d, want 143", code)
	}
}

func TestShellAtATerminalReadsLineByLine(t *testing.T) {
	cmd := program(t, "sh")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 31, Cols: 97})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if _, err := terminal.WriteString("stty size\nfalse\ntty | wc -l\nexit 5\n"); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	buf := make([]byte, 1024)
	for {
		n, err := terminal.Read(buf)
		out.Write(buf[:n])
		if err != nil {
			break // EIO: the other side is closed
		}
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 5 || !strings.Contains(out.String(), "31 97\r\n") || !strings.Contains(out.String(), "$ ") {
		t.Errorf("exit code %d, output %q", code, out.String())
	}
}

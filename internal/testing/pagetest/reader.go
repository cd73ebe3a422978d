//go:build unix

package pagetest

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

// Reader does what a page says, in the directory of an App.
type Reader struct {
	*testing.T
	App *apptest.App
	// Names replaces the names of the page by those of the test.
	Names *strings.Replacer
	// Limit is the time limit of each command.
	Limit time.Duration

	// watch is the running watch, seen the number of bytes of its output that earlier blocks have shown.
	watch *apptest.Process
	seen  int
}

// Do does what all blocks of a page say, and returns the number of commands.
func (r *Reader) Do(page string) (commands int) {
	r.Helper()
	blocks, err := Read(page)
	if err != nil {
		r.Fatal(err)
	}
	for _, b := range blocks {
		commands += r.DoBlock(b)
	}
	r.endWatch()
	return commands
}

// DoBlock does what a block says, and returns the number of commands. A console block has commands with their output, a
// text block the further output of the watch that runs. All other blocks are files to write.
func (r *Reader) DoBlock(b Block) (commands int) {
	r.Helper()
	switch {
	case b.Language == "console":
		r.endWatch()
		return r.runCommands(b)
	case b.Language == "text" && (r.watch != nil || b.File == ""):
		r.expectWatchOutput(b.Text)
	case b.File == "":
		r.Fatalf("no name of a file before the block:\n%s", b.Text)
	default:
		r.App.Write(b.File, r.Names.Replace(b.Text)+"\n")
	}
	return 0
}

// runCommands runs the commands of a block, and compares their output. A watch keeps running.
func (r *Reader) runCommands(b Block) int {
	r.Helper()
	calls := strings.Split("\n"+b.Text, "\n$ ")[1:]
	for _, call := range calls {
		command, output, _ := strings.Cut(call, "\n")
		cmd := exec.CommandContext(r.Context(), "sh", "-c", "exec "+command+" 2>&1")
		cmd.Dir, cmd.Env = r.App.Dir, r.App.Env
		process := r.App.Launch(cmd)
		if strings.HasPrefix(command, "tasks watch") {
			r.watch = process
			r.expectWatchOutput(output)
			continue
		}
		got, matches := process.WaitFor(r.Limit).Stdout, Matches
		if b.AnyOrder {
			matches = ContainsLines
		}
		if !matches(r.Names.Replace(output), got) {
			r.Errorf("$ %s\nwant\n%s\n\ngot\n%s", command, output, got)
		}
	}
	return len(calls)
}

// expectWatchOutput waits until the watch has printed the lines.
func (r *Reader) expectWatchOutput(text string) {
	r.Helper()
	if r.watch == nil {
		r.Fatalf("no watch runs before the output\n%s", text)
	}
	want := "...\n" + r.Names.Replace(text) + "\n..."
	rest := func() string { return r.watch.Stdout.String()[r.seen:] }
	isIdle := func() bool { return strings.Contains(rest(), apptest.WatchIdleText) }
	apptest.Eventually(r.T, text, func() bool { return Matches(want, rest()) && isIdle() }, rest)
	r.seen += len(rest())
}

// endWatch presses Ctrl-C.
func (r *Reader) endWatch() {
	r.Helper()
	if r.watch == nil {
		return
	}
	r.watch.Signal(syscall.SIGINT)
	if result := r.watch.Wait(); result.Code != 0 {
		r.Errorf("the watch has ended with %d\n%s", result.Code, result.Stdout)
	}
	r.watch, r.seen = nil, 0
}

//go:build linux

package terminal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

// watchFault is a fault during a watch. Afterwards a change of src/a.txt reruns the task.
type watchFault struct {
	// attributes are added to the task, options to its watch block, flags to the command line.
	attributes, options string
	flags               []string
	fault               func(w *faultyWatch)
	// says is a part of the output after the fault.
	says string
}

// faultyWatch is a watch with a fault.
type faultyWatch struct {
	*apptest.App
	*apptest.Process
	t *testing.T
}

func (w *faultyWatch) path(name string) string { return filepath.Join(w.Dir, name) }

func (w *faultyWatch) remove(name string) {
	w.t.Helper()
	if err := os.RemoveAll(w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *faultyWatch) rename(from, to string) {
	w.t.Helper()
	if err := os.Rename(w.path(from), w.path(to)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *faultyWatch) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// TestWatchSurvivesFaults: after each fault the watch still sees a change. docs/faults.md lists the faults.
func TestWatchSurvivesFaults(t *testing.T) {
	t.Parallel()
	keepTasks := func(w *faultyWatch, fault func()) {
		text := w.read("Tasks.hcl")
		fault()
		w.WaitOutput("keeping the last valid files")
		w.Write("Tasks.hcl", text)
		w.WaitOutputTimes(apptest.WatchIdleText, 3)
	}
	for name, test := range map[string]watchFault{
		"Tasks.hcl is broken and mended": {fault: func(w *faultyWatch) {
			keepTasks(w, func() { w.Write("Tasks.hcl", "task {") })
		}},
		"Tasks.hcl is deleted and made again": {fault: func(w *faultyWatch) {
			keepTasks(w, func() { w.remove("Tasks.hcl") })
		}, says: "no Tasks.hcl in"},
		"a directory is replaced": {fault: func(w *faultyWatch) {
			w.Write("new/a.txt", "replaced\n")
			w.rename("src", "old")
			w.rename("new", "src")
			w.WaitOutput("read replaced")
		}},
		"the watched directory is deleted and made again": {fault: func(w *faultyWatch) {
			w.remove("src")
			w.WaitOutput("No such file")
			w.Write("src/a.txt", "again\n")
			w.WaitOutput("read again")
		}},
		"the project is deleted and made again": {fault: func(w *faultyWatch) {
			text := w.read("Tasks.hcl")
			w.remove(".")
			w.WaitOutput("keeping the last valid files")
			w.Write("src/a.txt", "again\n")
			w.Write("Tasks.hcl", text)
			w.WaitOutput("read again")
		}},
		"the disk of the outputs is full": {
			attributes: "inputs = [\"src\"]\noutputs = [\"out\"]", says: "echo: I/O error",
			fault: func(w *faultyWatch) { w.WaitOutput("exit code 1") },
		},
		"the disk of the events is full": {flags: []string{"--events", "/dev/full"}, says: "no space left", fault: func(*faultyWatch) {}},
		"the clock goes back": {options: "poll = true", fault: func(w *faultyWatch) {
			if err := os.Chtimes(w.path("src/a.txt"), time.Time{}, time.Unix(0, 0)); err != nil {
				w.t.Fatal(err)
			}
			w.WaitOutputTimes("changed: src/a.txt", 1)
		}},
		"the watch is stopped for a while": {fault: func(w *faultyWatch) {
			w.Signal(syscall.SIGSTOP)
			for i := range 500 {
				w.Write("src/new/"+strings.Repeat("x", i%20+1), "x")
			}
			w.remove("src/new")
			w.Signal(syscall.SIGCONT)
		}},
		"the command deletes what it reads": {fault: func(w *faultyWatch) {
			w.Write("src/delete", "x")
			w.WaitOutput("deleted")
			w.Write("src/a.txt", "again\n")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := `set -e; test ! -e src/delete || { rm -r src; echo deleted; exit; }; echo read $(cat src/a.txt)`
			if strings.Contains(name, "disk of the outputs") {
				script += "; echo out > /dev/full" // a device without space
			}
			a := apptest.NewApp(t, "", "task \"x\" {\n  script = <<-EOF\n"+script+"\nEOF\n"+test.attributes+
				"\n  watch {\n    paths = [\"src\"]\n"+test.options+"\n  }\n}\n")
			a.Write("src/a.txt", "first\n")
			p := a.Start(append(append([]string{"watch"}, test.flags...), "x")...)
			p.WaitOutputTimes(apptest.WatchIdleText, 1)
			test.fault(&faultyWatch{a, p, t})
			a.Write("src/a.txt", "after the fault\n")
			p.WaitOutput("read after the fault")
			if r := p.EndWatch(); !strings.Contains(r.Stdout+r.Stderr, test.says) {
				t.Errorf("no %q in\n%s%s", test.says, r.Stdout, r.Stderr)
			}
		})
	}
}

// TestWatchEndsClearlyAfterFaults: a watch that cannot go on says why, and leaves no process.
func TestWatchEndsClearlyAfterFaults(t *testing.T) {
	t.Parallel()
	const tasks = "task \"x\" {\n  script = \"echo begun; exec sleep 1h\"\n  watch {\n    paths = [\"src\"]\n  }\n}\n"
	t.Run("the terminal is closed", func(t *testing.T) {
		t.Parallel()
		a := apptest.NewApp(t, "", tasks)
		a.Write("src/a.txt", "")
		p := a.AtTerminal(apptest.NoRedirect, "watch", "x")
		p.WaitOutput("begun")
		a.WaitJournalEntries(1)
		p.Signal(syscall.SIGHUP) // as the kernel does, once nobody else has the terminal open
		p.Master.Close()
		p.Wait()
		if n := a.CountJournalEntries(); n != 0 {
			t.Errorf("%d commands are left", n)
		}
	})
	t.Run("kill -9", func(t *testing.T) {
		t.Parallel()
		a := apptest.NewApp(t, "", tasks)
		a.Write("src/a.txt", "")
		p := a.Start("watch", "x")
		p.WaitOutput("begun")
		a.WaitJournalEntries(1)
		p.Signal(syscall.SIGKILL)
		p.Wait()
		a.Ok("ps")
		if n := a.CountJournalEntries(); n != 0 {
			t.Errorf("%d commands are left", n)
		}
	})
	t.Run("the limit of inotify", func(t *testing.T) {
		t.Parallel()
		a := apptest.NewApp(t, "", tasks)
		a.Write("src/1/2/3/a.txt", "")
		limited := a.Command("watch", "x")
		// A user namespace has a limit of its own.
		cmd := exec.CommandContext(t.Context(), "unshare", append([]string{
			"-Ur", "sh", "-c", `echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"`, "sh", limited.Path,
		}, limited.Args[1:]...)...)
		cmd.Dir, cmd.Env = limited.Dir, limited.Env
		r := a.Launch(cmd).Wait()
		for _, want := range []string{"fs.inotify.max_user_watches = ", "; 5 directories are to be watched", "watch.poll"} {
			if r.Code != 125 || !strings.Contains(r.Stderr, want) {
				t.Errorf("code %d, no %q in\n%s", r.Code, want, r.Stderr)
			}
		}
	})
}

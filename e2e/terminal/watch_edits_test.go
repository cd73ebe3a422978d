//go:build linux

package terminal_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

var (
	watchEdits = flag.Int("edits", 200, "number of random edits under a watch, half of them for each on_busy")
	watchSeed  = flag.Uint64("seed", 1, "seed of the random edits")
)

// TestWatchRandomEdits: after random edits, also during runs, the last container has seen the last state of the files.
func TestWatchRandomEdits(t *testing.T) {
	t.Parallel()
	for _, onBusy := range []string{"restart", "queue"} {
		t.Run(onBusy, func(t *testing.T) {
			t.Parallel()
			t.Logf("-edits %d -seed %d", *watchEdits, *watchSeed)
			a := apptest.NewApp(t, `
services:
  web:
    @offline
    volumes: ["./src:/src"]
    stop_grace_period: 1s
`, `
task "x" {
  service = "web"
  command = ["sh", "-c", "cd /src; echo files: */*; cat */*; sleep 0.1; echo end"]
  watch { on_busy = "`+onBusy+`" }
}
`)
			a.Write("src/keep/a", "first\n")
			w := &faultyWatch{a, a.StartWatch("x"), t}
			random := rand.New(rand.NewPCG(*watchSeed, uint64(len(onBusy))))
			for n := range *watchEdits / 2 {
				w.randomEdit(random, n)
				time.Sleep(time.Duration(random.Int64N(int64(150 * time.Millisecond)))) // an edit at any moment of a run
				if n%20 == 19 || n == *watchEdits/2-1 {
					apptest.Eventually(t, fmt.Sprintf("the state after edit %d", n), func() bool {
						return lastRunOutput(w.Stdout.String()) == w.state()
					}, func() string { return "last run:\n" + lastRunOutput(w.Stdout.String()) + "state:\n" + w.state() })
				}
			}
			w.EndWatch()
		})
	}
}

// lastRunOutput returns the output of the last run, if the run has ended.
func lastRunOutput(stdout string) string {
	at := strings.LastIndex(stdout, "files: ")
	if at < 0 || !strings.HasSuffix(stdout, "\nend\n") {
		return ""
	}
	return stdout[at:]
}

// state is the output of a run that sees the files as they are.
func (w *faultyWatch) state() string {
	paths, err := filepath.Glob(w.path("src/*/*"))
	if err != nil {
		w.t.Fatal(err)
	}
	var names, contents strings.Builder
	for _, path := range paths {
		name, _ := filepath.Rel(w.path("src"), path)
		names.WriteString(" " + name)
		contents.WriteString(w.read("src/" + name))
	}
	return "files:" + names.String() + "\n" + contents.String() + "end\n"
}

// randomEdit performs a random edit below src. The file src/keep/a stays.
func (w *faultyWatch) randomEdit(random *rand.Rand, n int) {
	w.t.Helper()
	dir := func() string { return fmt.Sprint("src/d", random.IntN(3)) }
	file, text := dir()+"/"+string("abc"[random.IntN(3)]), fmt.Sprintln("edit", n)
	switch kind := random.IntN(12); kind {
	case 0, 1, 2:
		w.Write(file, text)
	case 3:
		w.Write("src/keep/a", text)
	case 4: // saved by rename
		w.Write(file+".tmp~", text)
		w.rename(file+".tmp~", file)
	case 5:
		w.remove(file)
	case 6:
		w.remove(dir())
	case 7: // a directory moves, or is replaced
		w.Write("new/b", text)
		to := dir()
		w.remove(to)
		w.rename("new", to)
	case 8:
		from := dir()
		w.Write(from+"/c", text)
		to := fmt.Sprint("src/d", 3+random.IntN(2))
		w.remove(to)
		w.rename(from, to)
	case 9:
		if err := os.Chmod(w.path("src/keep/a"), 0o600); err != nil {
			w.t.Fatal(err)
		}
	case 10: // saved twice
		w.Write(file, "gone\n")
		w.Write(file, text)
	case 11:
		if random.IntN(2) == 0 {
			w.remove("src/burst")
			return
		}
		for i := range 1000 {
			w.Write(fmt.Sprintf("src/burst/%03d", i), text)
		}
	}
}

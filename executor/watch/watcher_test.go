package watch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// watching is a running watcher on real files.
type watching struct {
	// allowed are changes that may come at any time. writes is the number of writes so far.
	allowed []string
	// previous are the last expected changes. A write has several events, and the last may come in a batch of its own.
	previous []string
	writes   int
	t        *testing.T
	root     string
	w        *Watcher
	batches  <-chan Batch
}

// onBoth runs a test with the system's events, and with polling.
func onBoth(t *testing.T, files map[string]string, rules Rules, test func(t *testing.T, w *watching)) {
	const poll = 15 * time.Millisecond
	for name, open := range map[string]func(Rules) (*Watcher, error){
		"system":  func(r Rules) (*Watcher, error) { return New(r, 30*time.Millisecond) },
		"polling": func(r Rules) (*Watcher, error) { return NewPolling(r, 30*time.Millisecond, poll) },
	} {
		t.Run(name, func(t *testing.T) {
			root := project(t, files)
			rules := rules
			rules.Root = root
			w, err := open(rules)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := w.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			test(t, &watching{t: t, root: root, w: w, batches: w.Run(t.Context())})
		})
	}
}

func (w *watching) path(name string) string { return filepath.Join(w.root, name) }

func (w *watching) write(name, content string) {
	w.t.Helper()
	write(w.t, w.root, name, content)
}

func (w *watching) rename(from, to string) {
	w.t.Helper()
	if err := os.Rename(w.path(from), w.path(to)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watching) remove(name string) {
	w.t.Helper()
	if err := os.RemoveAll(w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

// expect receives batches until all of the changes came, and fails on any other change.
func (w *watching) expect(changes ...string) {
	w.t.Helper()
	missing := slices.Clone(changes)
	deadline := time.After(10 * time.Second)
	for len(missing) > 0 {
		select {
		case b, open := <-w.batches:
			if !open || b.Err != nil || b.Overflow {
				w.t.Fatalf("batch %+v, open %v", b, open)
			}
			for _, change := range b.Changes {
				if !slices.Contains(slices.Concat(changes, w.allowed, w.previous), change) {
					w.t.Fatalf("%s is no change that was expected (%v)", change, changes)
				}
			}
			missing = slices.DeleteFunc(missing, func(name string) bool { return slices.Contains(b.Changes, name) })
		case <-deadline:
			w.t.Fatalf("no event of %v", missing)
		}
	}
	w.previous = changes
}

// nothingBut proves by a counting change that no earlier change counted.
func (w *watching) nothingBut(marker string) {
	w.t.Helper()
	w.write(marker, time.Now().String())
	w.expect(marker)
}

var python = Rules{Files: []string{"Tasks.hcl"}, Units: []Unit{{Paths: []string{"app/**/*.py"}, Ignore: []string{"app/gen/**"}}}}

var pythonFiles = map[string]string{"app/a.py": "a", "app/sub/b.py": "b", "app/gen/g.py": "g", "docs/d.py": "d", "Tasks.hcl": "t"}

func TestWriteCreateRemove(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		w.write("app/a.py", "longer")
		w.expect("app/a.py")
		w.write("app/sub/new.py", "x")
		w.expect("app/sub/new.py")
		w.remove("app/sub/b.py")
		w.expect("app/sub/b.py")
		w.write("Tasks.hcl", "other")
		w.expect("Tasks.hcl")
		w.rename("app/a.py", "app/z.py")
		w.expect("app/a.py", "app/z.py")
	})
}

func TestWhatDoesNotCount(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		w.write("app/a.txt", "x")
		w.write("app/gen/g.py", "other")
		w.write("docs/d.py", "other")
		w.write("app/.git/x.py", "x")
		w.write(".tasks/app/x.py", "x")
		w.remove("docs")
		if err := os.Chmod(w.path("app/a.py"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.nothingBut("app/sub/b.py")
	})
}

func TestNewDirectories(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		w.write("app/x/y/z/deep.py", "x")
		w.write("app/x/y/other.txt", "x")
		w.expect("app/x/y/z/deep.py")
		w.write("app/x/y/z/deep.py", "longer")
		w.expect("app/x/y/z/deep.py")
		w.write("app/x/second.py", "x")
		w.expect("app/x/second.py")
	})
}

func TestEmptyDirectoriesAreNoChange(t *testing.T) {
	onBoth(t, pythonFiles, Rules{Units: []Unit{{Paths: []string{"app/*", "app/**/*.py"}}}}, func(t *testing.T, w *watching) {
		mkdir(t, w.root, "app/cache/x")
		w.remove("app/cache")
		mkdir(t, w.root, "app/stays")
		w.nothingBut("app/a.py")
	})
}

// A tree that is moved in adds its files. A tree that is moved away removes its files, and is not watched under the old
// name.
func TestMovedDirectories(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		w.write("outside/tree/deep/n.py", "n")
		w.rename("outside/tree", "app/tree")
		w.expect("app/tree/deep/n.py")
		w.rename("app/tree", "app/again")
		w.expect("app/tree/deep/n.py", "app/again/deep/n.py")
		w.write("app/again/deep/n.py", "longer")
		w.expect("app/again/deep/n.py")
		w.rename("app/again", "outside/tree")
		w.expect("app/again/deep/n.py")
		w.write("outside/tree/deep/n.py", "longer still")
		w.nothingBut("app/a.py")
	})
}

func TestRemovedAndMadeAgain(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		for range 3 {
			w.remove("app")
			w.expect("app/a.py", "app/sub/b.py")
			w.write("app/sub/b.py", "new")
			w.write("app/a.py", "new")
			w.expect("app/a.py", "app/sub/b.py")
		}
		w.write("app/sub/b.py", "longer")
		w.expect("app/sub/b.py")
	})
}

// Directories are exchanged faster than any scan.
// The watched root itself may go, and come again, also while a process works in the root.
func TestRootRemovedAndMadeAgain(t *testing.T) {
	onBoth(t, nil, Rules{}, func(t *testing.T, w *watching) {
		w.write("project/Tasks.hcl", "t")
		w.write("project/src/a", "a")
		rules := Rules{
			Root: w.path("project"), Files: []string{"Tasks.hcl"}, SourceGlobs: []string{"*.tasks.hcl"},
			Units: []Unit{{Paths: []string{"src/**"}}},
		}
		if err := w.w.SetRules(rules); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			worker, err := os.Open(w.path("project")) // keeps the removed directory, as a working directory does
			if err != nil {
				t.Fatal(err)
			}
			defer worker.Close()
			w.remove("project")
			w.expect("Tasks.hcl", "src/a")
			mkdir(t, w.root, "project/src")
			w.write("project/Tasks.hcl", "t")
			w.expect("Tasks.hcl")
			w.write("project/src/a", "a")
			w.expect("src/a")
		}
	})
}

func TestExchangedDirectory(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		w.write("next/b.py", "longer")
		w.rename("app/sub", "old")
		w.rename("next", "app/sub")
		w.expect("app/sub/b.py")
		w.write("old/b.py", "even longer")
		w.write("app/sub/c.py", "c")
		w.expect("app/sub/c.py")
	})
}

// Editors save beside the file, over the file, or through a name that is free for a moment.
func TestEditors(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		for _, file := range []string{"app/a.py", "Tasks.hcl"} {
			w.write(file+".tmp", "over it")
			w.rename(file+".tmp", file)
			w.expect(file)

			w.rename(file, file+"~")
			w.write(file, "a new one, longer")
			w.expect(file)
			w.remove(file + "~")

			w.write(file, "still watched, and longer again")
			w.expect(file)
		}
	})
}

func TestWhatIsNotThereYet(t *testing.T) {
	rules := Rules{Files: []string{"conf/compose.yaml"}, Units: []Unit{{Paths: []string{"app/**/*.py"}, Dirs: []Dir{{Path: "deep/er/tree"}}}}}
	onBoth(t, nil, rules, func(t *testing.T, w *watching) {
		w.write("app/a.py", "x")
		w.expect("app/a.py")
		w.write("deep/x", "x")
		w.write("deep/er/tree/any/thing", "x")
		w.expect("deep/er/tree/any/thing")
		w.write("conf/other.yaml", "x")
		w.write("conf/compose.yaml", "x")
		w.expect("conf/compose.yaml")
		w.remove("conf")
		w.expect("conf/compose.yaml")
		w.write("conf/compose.yaml", "again")
		w.expect("conf/compose.yaml")
	})
}

func TestOutsideOfRoot(t *testing.T) {
	base := project(t, map[string]string{"project/": "", "shared/x": "x"})
	w, err := New(Rules{Root: filepath.Join(base, "project"), Files: []string{"../later/file"}, Units: []Unit{{Dirs: []Dir{{Path: "../shared"}}}}}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	at := &watching{t: t, root: base, w: w, batches: w.Run(t.Context())}
	at.write("shared/x", "y")
	at.expect("../shared/x")
	at.write("shared/sub/z", "z")
	at.expect("../shared/sub/z")
	at.write("later/file", "z")
	at.expect("../later/file")
	at.remove("shared")
	at.expect("../shared/x", "../shared/sub/z")
	at.write("shared/x", "back")
	at.expect("../shared/x")
}

func TestIgnoreFilesHold(t *testing.T) {
	files := map[string]string{".gitignore": "*.tmp\ncache/\n", "ctx/.dockerignore": "docs\n", "ctx/a": "", "ctx/docs/d": ""}
	onBoth(t, files, Rules{Units: []Unit{{Paths: []string{"src/**"}, Dirs: []Dir{{Path: "ctx", IgnoreFile: "ctx/.dockerignore"}}}}}, func(t *testing.T, w *watching) {
		w.write("src/a.tmp", "x")
		w.write("src/cache/x", "x")
		w.write("ctx/docs/d", "x")
		w.nothingBut("ctx/a")

		// From now on, other files are ignored.
		w.write(".gitignore", "*.bak\n# longer than before\n")
		w.write("ctx/.dockerignore", "other\n")
		w.expect("ctx/.dockerignore")
		w.write("src/b.bak", "x")
		w.write("src/b.tmp", "x")
		w.expect("src/b.tmp")
		w.write("src/cache/y", "x")
		w.expect("src/cache/y")
		w.write("ctx/docs/d", "longer")
		w.expect("ctx/docs/d")
	})
}

func TestExplain(t *testing.T) {
	var mu sync.Mutex
	told := map[string]string{}
	rules := python
	rules.Explain = func(path string, v Verdict) {
		mu.Lock()
		defer mu.Unlock()
		told[path] = v.Rule
	}
	onBoth(t, pythonFiles, rules, func(t *testing.T, w *watching) {
		w.write("app/a.txt", "x")
		w.nothingBut("app/a.py")
		mu.Lock()
		defer mu.Unlock()
		if told["app/a.txt"] != "no rule takes it" || told["app/a.py"] != `paths "app/**/*.py"` {
			t.Errorf("told %v", told)
		}
		clear(told)
	})
}

// A recording or a redirected stream in a watched directory makes no loop: each explanation would be a new line there.
func TestOwnFilesNeverCount(t *testing.T) {
	explained := make(chan string, 100)
	rules := Rules{
		Units: []Unit{{Paths: []string{"**"}}}, OwnFiles: []string{"app/events"},
		Explain: func(path string, _ Verdict) { explained <- path },
	}
	onBoth(t, map[string]string{"app/a": "a", "app/events": "x", "app/stderr": "x"}, rules, func(t *testing.T, w *watching) {
		stream, err := os.OpenFile(w.path("app/stderr"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		withStream := rules
		withStream.Root, withStream.OwnStreams = w.root, []*os.File{stream}
		if err := w.w.SetRules(withStream); err != nil {
			t.Fatal(err)
		}
		w.write("app/events", "longer")
		if _, err := stream.WriteString("longer"); err != nil {
			t.Fatal(err)
		}
		w.nothingBut("app/a")
		for len(explained) > 0 {
			if path := <-explained; path != "app/a" {
				t.Errorf("%s was explained", path)
			}
		}
	})
}

func TestRunEnds(t *testing.T) {
	for name, end := range map[string]func(*Watcher, context.CancelFunc) error{
		"by the context": func(_ *Watcher, cancel context.CancelFunc) error { cancel(); return nil },
		"by Close":       func(w *Watcher, _ context.CancelFunc) error { return w.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, err := New(Rules{Root: t.TempDir(), Units: []Unit{{Paths: []string{"**"}}}}, quiet)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			batches := w.Run(ctx)
			if err := end(w, cancel); err != nil {
				t.Fatal(err)
			}
			select {
			case _, open := <-batches:
				if open {
					t.Error("a batch of nothing")
				}
			case <-time.After(10 * time.Second):
				t.Error("batches is not closed")
			}
		})
	}
}

func TestNewFails(t *testing.T) {
	_, err := New(Rules{Root: t.TempDir(), Units: []Unit{{Paths: []string{"{a"}}}}, quiet)
	if err == nil || !strings.Contains(err.Error(), "no valid glob") {
		t.Errorf("error %v", err)
	}
}

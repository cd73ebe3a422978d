package watch

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// fakeNotifier records the watched directories, and sends the given events.
type fakeNotifier struct {
	dirs   map[string]bool
	limit  int
	events chan fsnotify.Event
	errors chan error
}

func newFakeNotifier() *fakeNotifier {
	return &fakeNotifier{dirs: map[string]bool{}, limit: 1000, events: make(chan fsnotify.Event), errors: make(chan error)}
}

func (n *fakeNotifier) Add(dir string) error {
	if len(n.dirs) >= n.limit {
		return &os.SyscallError{Syscall: "inotify_add_watch", Err: syscall.ENOSPC}
	}
	n.dirs[dir] = true
	return nil
}

func (n *fakeNotifier) Remove(dir string) error {
	delete(n.dirs, dir)
	return nil
}

func (n *fakeNotifier) Events() <-chan fsnotify.Event { return n.events }
func (n *fakeNotifier) Errors() <-chan error          { return n.errors }

func (n *fakeNotifier) Close() error {
	close(n.events)
	close(n.errors)
	return nil
}

func (n *fakeNotifier) watches(root string) []string {
	var dirs []string
	for dir := range maps.Keys(n.dirs) {
		rel, _ := filepath.Rel(root, dir)
		dirs = append(dirs, rel)
	}
	slices.Sort(dirs)
	return dirs
}

func TestOnlyWhatCanHoldMatchesIsWatched(t *testing.T) {
	root := project(t, map[string]string{
		".gitignore": "node_modules/\n", ".git/objects/x": "", ".tasks/x": "",
		"app/a.py": "", "app/sub/b.py": "", "app/node_modules/dep/x.py": "", "app/gen/deep/x.py": "", "docs/a/b/c": "", "conf/compose.yaml": "", "conf/d/x": "",
	})
	n := newFakeNotifier()
	w, err := newWatcher(Rules{Root: root, Files: []string{"conf/compose.yaml"}, Units: []Unit{{Paths: []string{"app/**/*.py"}, Ignore: []string{"app/gen"}}}}, quiet, n)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if got, want := n.watches(root), []string{".", "..", "app", "app/sub", "conf"}; !slices.Equal(got, want) {
		t.Errorf("watched %v, want %v", got, want)
	}
	if err := w.SetRules(Rules{Root: root, Units: []Unit{{Paths: []string{"docs/*/*/c"}}}}); err != nil {
		t.Fatal(err)
	}
	if got, want := n.watches(root), []string{".", "..", "docs", "docs/a", "docs/a/b"}; !slices.Equal(got, want) {
		t.Errorf("after the swap watched %v, want %v", got, want)
	}
}

func TestLimit(t *testing.T) {
	root := project(t, map[string]string{"a/b/c/d/": "", "e/f/": ""})
	n := newFakeNotifier()
	n.limit = 3
	_, err := newWatcher(Rules{Root: root, Units: []Unit{{Paths: []string{"**"}}}}, quiet, n)
	limit, ok := errors.AsType[*LimitError](err)
	if !ok || limit.Needed != 7 || limit.Setting != "fs.inotify.max_user_watches" || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"sudo sysctl fs.inotify.max_user_watches=", "watch.ignore", "watch.poll"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
	if n := strings.Count(err.Error(), "limit of watched"); n != 1 {
		t.Errorf("said %d times: %v", n, err)
	}
}

func TestExplainLimit(t *testing.T) {
	other := errors.New("other")
	if err := explainLimit(other); err != other {
		t.Errorf("error %v", err)
	}
	limit, ok := errors.AsType[*LimitError](explainLimit(syscall.EMFILE))
	if !ok || limit.Setting != "fs.inotify.max_user_instances" {
		t.Errorf("EMFILE: %v", limit)
	}
	text := (&LimitError{Setting: "x.y", Limit: "12", Needed: 20}).Error()
	if !strings.Contains(text, "(x.y = 12; 20 directories are to be watched)") {
		t.Errorf("%q", text)
	}
}

// receiveIn receives a batch of a watcher in a bubble.
func receiveIn(t *testing.T, batches <-chan Batch) Batch {
	t.Helper()
	select {
	case b := <-batches:
		return b
	case <-time.After(time.Minute):
		t.Fatal("no batch")
		return Batch{}
	}
}

// After an overflow the tree is scanned again: unseen changes are in the batch, and unseen directories are watched.
func TestOverflowLooksAgain(t *testing.T) {
	root := project(t, map[string]string{"app/a.py": "", "app/gone.py": "", "app/dir/b.py": ""})
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNotifier()
		w, err := newWatcher(Rules{Root: root, Units: []Unit{{Paths: []string{"app/**/*.py"}}}}, quiet, n)
		if err != nil {
			t.Fatal(err)
		}
		batches := w.Run(t.Context())
		write(t, root, "app/new/c.py", "")
		for _, name := range []string{"app/gone.py", "app/dir"} {
			if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
		n.errors <- fsnotify.ErrEventOverflow
		b := receiveIn(t, batches)
		if want := []string{"app/dir/b.py", "app/gone.py", "app/new/c.py"}; !b.Overflow || b.Err != nil || !slices.Equal(b.Changes, want) {
			t.Errorf("batch %+v, want %v", b, want)
		}
		if got, want := n.watches(root), []string{".", "..", "app", "app/new"}; !slices.Equal(got, want) {
			t.Errorf("watched %v, want %v", got, want)
		}
		n.errors <- fsnotify.ErrEventOverflow
		if b := receiveIn(t, batches); !b.Overflow || len(b.Changes) != 0 {
			t.Errorf("the second batch %+v", b)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestErrorsOfTheNotifier(t *testing.T) {
	root := project(t, map[string]string{"app/a.py": ""})
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNotifier()
		w, err := newWatcher(Rules{Root: root, Units: []Unit{{Paths: []string{"**"}}}}, quiet, n)
		if err != nil {
			t.Fatal(err)
		}
		batches := w.Run(t.Context())
		broken := errors.New("broken")
		n.errors <- broken
		if b := receiveIn(t, batches); !errors.Is(b.Err, broken) || b.Overflow {
			t.Errorf("batch %+v", b)
		}
		// No more directories can be watched.
		n.limit = 0
		mkdir(t, root, "app/more")
		n.events <- fsnotify.Event{Name: filepath.Join(root, "app/more"), Op: fsnotify.Create}
		b := receiveIn(t, batches)
		if _, ok := errors.AsType[*LimitError](b.Err); !ok {
			t.Errorf("batch %+v, want a LimitError", b)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWatchErrorsThatAreForgiven(t *testing.T) {
	for _, err := range []error{os.ErrNotExist, os.ErrPermission} {
		if got := watchError("/dir", err); got != nil {
			t.Errorf("%v: %v", err, got)
		}
	}
	if err := watchError("/dir", syscall.EIO); !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "cannot watch /dir") {
		t.Errorf("EIO: %v", err)
	}
}

// A file created and removed at once is no change.
func TestShortLivedFile(t *testing.T) {
	root := project(t, map[string]string{"app/": ""})
	tr := &tree{notifier: newFakeNotifier()}
	if err := tr.setRules(matcherOf(t, Rules{Root: root, Units: []Unit{{Paths: []string{"app/*"}}}})); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "app/short")
	for _, op := range []fsnotify.Op{fsnotify.Create, fsnotify.Write, fsnotify.Remove, fsnotify.Rename, fsnotify.Chmod, 0} {
		if changes, err := tr.handle(fsnotify.Event{Name: file, Op: op}); err != nil || len(changes) != 0 {
			t.Errorf("%v: %v, %v", op, changes, err)
		}
	}
}

// A watch of many files needs little memory: at most 20 MiB for 50,000 files in 5,000 directories.
func TestMemoryOfALargeTree(t *testing.T) {
	const dirs, files = 300, 10
	root := t.TempDir()
	for d := range dirs {
		for f := range files {
			write(t, root, fmt.Sprintf("src/%d/%d/f%d.go", d/100, d%100, f), "")
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	w, err := newWatcher(Rules{Root: root, Units: []Unit{{Paths: []string{"src/**"}}}}, quiet, newFakeNotifier())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if perFile := int64(heap()-before) / (dirs * files); perFile > 400 {
		t.Errorf("%d bytes for each file", perFile)
	} else {
		t.Logf("%d bytes for each file", perFile)
	}
}

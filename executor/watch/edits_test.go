//go:build linux

package watch

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

var (
	editCount = flag.Int("edits", 500, "number of random edits for each notifier")
	editSeed  = flag.Uint64("seed", 1, "seed of the random edits; 0: a random seed")
)

// editsPerCase is the number of edits in one tree.
const editsPerCase = 100

// TestLastRunSeesLastState: after random edits, also during runs, the last run has read the last state of the tree at
// its start and at a later moment. The tree and the system's events are real, the time is virtual.
//
//	go test ./executor/watch -run TestLastRunSeesLastState -edits 100000 -seed 0
func TestLastRunSeesLastState(t *testing.T) {
	seed := *editSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	for _, isPolling := range []bool{false, true} {
		for n := range max(1, *editCount/editsPerCase) {
			caseSeed := seed + uint64(n)
			t.Run(fmt.Sprintf("polling=%v/seed=%d", isPolling, caseSeed), func(t *testing.T) {
				newEditCase(t, caseSeed, isPolling).play()
			})
		}
	}
}

// editCase is a tree with an editor and a watch.
type editCase struct {
	t         *testing.T
	random    *rand.Rand
	seed      uint64
	isPolling bool
	root      string
	elsewhere string // a directory of the same file system that nobody watches
	system    *replayNotifier
	edits     int
	log       []string // edits and runs since the last check
	began     time.Time

	mu     sync.Mutex
	runs   int
	isBusy bool
	// seen are the two states that the last run has read; nil before the reading.
	seen [2]map[string]string
}

func newEditCase(t *testing.T, seed uint64, isPolling bool) *editCase {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &editCase{
		t: t, random: rand.New(rand.NewPCG(seed, 1)), seed: seed, isPolling: isPolling,
		root: filepath.Join(base, "root"), elsewhere: filepath.Join(base, "elsewhere"),
	}
	for _, dir := range []string{"root/src", "root/shared/lib", "elsewhere"} {
		mkdir(t, base, dir)
	}
	write(t, c.root, "src/a", "first")
	write(t, c.root, "shared/lib/a", "first")
	if !isPolling {
		c.system = newReplayNotifier(t, filepath.Join(base, "marks"))
	}
	return c
}

func (c *editCase) play() {
	synctest.Test(c.t, func(t *testing.T) {
		c.t, c.began = t, time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		rules := Rules{Root: c.root, Units: []Unit{{Paths: []string{"src/**"}, Ignore: []string{"**/*.tmp"}}}}
		var w *Watcher
		var err error
		if c.isPolling {
			w, err = NewPolling(rules, quiet, time.Second)
		} else {
			c.system.begin(ctx, rand.New(rand.NewPCG(c.seed, 2)))
			w, err = newWatcher(rules, quiet, c.system)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		options := LoopOptions{
			Root: c.root, Debounce: quiet, OnBusy: choosePolicy(c.seed),
			OnOwnWrites: func(files []string, isStopped bool) { c.note("own writes %v, stopped %v", files, isStopped) },
		}
		ended := make(chan error, 1)
		go func() { ended <- LoopWith(ctx, w.Run(ctx), options, c.run) }()
		for range editsPerCase {
			c.edit()
			c.pause()
			if c.edits%20 == 0 && !c.check() {
				break
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func choosePolicy(seed uint64) Policy { return []Policy{Restart, Queue}[seed%2] }

// run reads the tree at its start and once more later.
func (c *editCase) run(ctx context.Context, batch *Batch) error {
	c.mu.Lock()
	c.runs++
	random := rand.New(rand.NewPCG(c.seed, uint64(c.runs)<<8))
	c.isBusy, c.seen = true, [2]map[string]string{c.state(), nil}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.isBusy = false
		c.mu.Unlock()
	}()
	if batch != nil {
		c.note("run for %d changes: %.200q", len(batch.Changes), batch.Changes)
	}
	length := time.Duration(random.Int64N(int64(1500 * time.Millisecond)))
	later := time.Duration(random.Int64N(int64(length) + 1))
	for _, next := range []time.Duration{later, length - later} {
		select {
		case <-time.After(next):
		case <-ctx.Done():
			time.Sleep(time.Duration(random.Int64N(int64(300 * time.Millisecond)))) // the grace period
			c.note("run stopped: %v", context.Cause(ctx))
			return nil
		}
		c.mu.Lock()
		if c.seen[1] == nil {
			c.seen[1] = c.state()
		}
		c.mu.Unlock()
	}
	c.note("run ended")
	return nil
}

// check waits until nothing more happens, and compares what the last run has read with the tree.
func (c *editCase) check() bool {
	time.Sleep(5 * time.Minute)
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	last := c.state()
	for i, seen := range c.seen {
		if difference := differentFiles(seen, last); difference != "" || seen == nil || c.isBusy {
			c.t.Errorf("seed %d, edit %d: reading %d of the last run saw another state (still busy: %v): %s\n%s",
				c.seed, c.edits, i+1, c.isBusy, difference, strings.Join(c.log, "\n"))
			return false
		}
	}
	if c.runs > c.edits*3+10 {
		c.t.Errorf("seed %d: %d runs for %d edits\n%s", c.seed, c.runs, c.edits, strings.Join(c.log, "\n"))
		return false
	}
	c.log = nil
	return true
}

func (c *editCase) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := time.Since(c.began).Round(time.Millisecond)
	c.log = append(c.log, fmt.Sprintf("%10s ", at)+fmt.Sprintf(format, args...))
}

// state is the model: the content of every file that counts, by the path a command reads.
func (c *editCase) state() map[string]string {
	state := map[string]string{}
	c.addState(state, filepath.Join(c.root, "src"), nil)
	return state
}

// addState adds a directory, with links followed. A link to a directory above ends there.
func (c *editCase) addState(state map[string]string, dir string, above []string) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || slices.Contains(above, real) {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	above = append(slices.Clone(above), real)
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if strings.HasSuffix(path, ".tmp") || strings.HasSuffix(path, ".swp") {
			continue
		}
		info, err := os.Stat(path)
		if err == nil && info.IsDir() {
			c.addState(state, path, above)
		} else if content, err := os.ReadFile(path); err == nil {
			rel, _ := filepath.Rel(c.root, path)
			state[rel] = string(content)
		}
	}
}

func differentFiles(seen, last map[string]string) string {
	var different []string
	for _, file := range slices.Sorted(maps.Keys(last)) {
		if seen[file] != last[file] {
			different = append(different, fmt.Sprintf("%s is %.20q, seen as %.20q", file, last[file], seen[file]))
		}
	}
	for _, file := range slices.Sorted(maps.Keys(seen)) {
		if _, exists := last[file]; !exists {
			different = append(different, file+" is gone")
		}
	}
	return strings.Join(different[:min(len(different), 10)], ", ")
}

// replayNotifier passes the real events of the system into a bubble of virtual time. Each event comes after a random
// delay, and in the order of the system.
type replayNotifier struct {
	t       *testing.T
	system  *fsnotify.Watcher
	marks   string
	count   int
	reached chan string

	mu      sync.Mutex
	waiting []fsnotify.Event

	random    *rand.Rand
	delivered chan []fsnotify.Event
	events    chan fsnotify.Event
	errors    chan error
}

// newReplayNotifier is called outside of the bubble: the goroutine of the system's watcher belongs to no bubble.
func newReplayNotifier(t *testing.T, marks string) *replayNotifier {
	mkdir(t, marks, ".")
	system, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { system.Close() })
	if err := system.Add(marks); err != nil {
		t.Fatal(err)
	}
	n := &replayNotifier{t: t, system: system, marks: marks, reached: make(chan string, 1000)}
	go func() {
		for {
			select {
			case e, open := <-system.Events:
				if !open {
					return
				}
				n.receive(e)
			case err := <-system.Errors:
				if err != nil {
					t.Error(err)
				}
			}
		}
	}()
	return n
}

func (n *replayNotifier) receive(e fsnotify.Event) {
	if filepath.Dir(e.Name) == n.marks {
		if e.Has(fsnotify.Create) {
			n.reached <- filepath.Base(e.Name)
		}
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting = append(n.waiting, e)
}

// begin makes the channels of the bubble.
func (n *replayNotifier) begin(ctx context.Context, random *rand.Rand) {
	n.random, n.delivered = random, make(chan []fsnotify.Event, 10000)
	n.events, n.errors = make(chan fsnotify.Event), make(chan error)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case events := <-n.delivered:
				time.Sleep(time.Duration(n.random.Int64N(int64(20 * time.Millisecond))))
				for _, e := range events {
					select {
					case n.events <- e:
					case <-ctx.Done():
						return
					}
				}
			}
		}
	}()
}

// flush delivers all events of the edits so far. A file in a directory of its own marks the end of the events.
func (n *replayNotifier) flush() {
	n.count++
	mark := fmt.Sprint(n.count)
	if err := os.WriteFile(filepath.Join(n.marks, mark), nil, 0o600); err != nil {
		n.t.Fatal(err)
	}
	for <-n.reached != mark { //nolint:revive // the loop only receives
	}
	n.mu.Lock()
	events := n.waiting
	n.waiting = nil
	n.mu.Unlock()
	if len(events) > 0 {
		n.delivered <- events
	}
}

func (n *replayNotifier) Add(dir string) error          { return n.system.Add(dir) }
func (n *replayNotifier) Events() <-chan fsnotify.Event { return n.events }
func (n *replayNotifier) Errors() <-chan error          { return n.errors }
func (n *replayNotifier) Close() error                  { return nil }
func (n *replayNotifier) Remove(dir string) error {
	if err := n.system.Remove(dir); !errors.Is(err, fsnotify.ErrNonExistentWatch) {
		return err
	}
	return nil
}

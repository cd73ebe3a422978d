package watch

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// poller is a notifier that lists its directories at each interval. A change that is undone within an interval stays
// unseen.
type poller struct {
	interval time.Duration
	events   chan fsnotify.Event
	errors   chan error
	done     chan struct{}
	close    func()
	ended    sync.WaitGroup

	mu   sync.Mutex
	dirs map[string]listing
}

// listing is the content of a directory.
type listing map[string]stamp

// stamp changes with a file.
type stamp struct {
	modifiedAt time.Time
	size       int64
	kind       fs.FileMode
	// target is the text of a link. A new link may have the same size and time.
	target string
}

func newPoller(interval time.Duration) *poller {
	p := &poller{
		interval: interval,
		events:   make(chan fsnotify.Event),
		errors:   make(chan error),
		done:     make(chan struct{}),
		dirs:     map[string]listing{},
	}
	p.close = sync.OnceFunc(func() {
		close(p.done)
		p.ended.Wait()
		close(p.events)
		close(p.errors)
	})
	p.ended.Go(p.run)
	return p
}

func (p *poller) Events() <-chan fsnotify.Event { return p.events }
func (p *poller) Errors() <-chan error          { return p.errors }

func (p *poller) Add(dir string) error {
	now, err := list(dir)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.dirs[dir]; !known {
		p.dirs[dir] = now
	}
	return nil
}

func (p *poller) Remove(dir string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.dirs, dir)
	return nil
}

func (p *poller) Close() error {
	p.close()
	return nil
}

func (p *poller) run() {
	ticker := time.NewTicker(p.interval)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ticker.C:
		}
		for _, e := range p.poll() {
			select {
			case <-p.done:
				return
			case p.events <- e:
			}
		}
	}
}

// poll compares all directories with their last listing.
func (p *poller) poll() []fsnotify.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	var events []fsnotify.Event
	for dir, before := range maps.Clone(p.dirs) {
		now, err := list(dir)
		if err != nil {
			// The directory was removed. The tree looks for a new directory from above.
			delete(p.dirs, dir)
			events = append(events, fsnotify.Event{Name: dir, Op: fsnotify.Remove})
			continue
		}
		p.dirs[dir] = now
		events = append(events, differences(dir, before, now)...)
	}
	return events
}

func differences(dir string, before, now listing) []fsnotify.Event {
	var events []fsnotify.Event
	for name, old := range before {
		if current, exists := now[name]; !exists || current.kind != old.kind {
			events = append(events, fsnotify.Event{Name: filepath.Join(dir, name), Op: fsnotify.Remove})
		}
	}
	for name, current := range now {
		old, known := before[name]
		switch {
		case !known || current.kind != old.kind:
			events = append(events, fsnotify.Event{Name: filepath.Join(dir, name), Op: fsnotify.Create})
		case current != old && !current.kind.IsDir():
			events = append(events, fsnotify.Event{Name: filepath.Join(dir, name), Op: fsnotify.Write})
		}
	}
	return events
}

func list(dir string) (listing, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	now := listing{}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			continue
		}
		state := stamp{modifiedAt: info.ModTime(), size: info.Size(), kind: info.Mode().Type()}
		if state.kind == fs.ModeSymlink {
			state.target, _ = os.Readlink(filepath.Join(dir, entry.Name())) // a vanished link is an event of its own
		}
		now[entry.Name()] = state
	}
	return now, nil
}

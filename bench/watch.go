package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// watchSaves are the saves of a row: a 95th percentile needs many. A short measurement has savesPerPair for each pair.
	watchSaves, savesPerPair = 100, 7
	// watchDebounce is the quiet interval of all tools.
	watchDebounce = 10 * time.Millisecond
	// watchSettle is the time between two saves: a person reads the result, and a tool prepares for the next save.
	watchSettle = 1500 * time.Millisecond
	// firstOutputTimeout limits the wait for an output.
	firstOutputTimeout = 30 * time.Second
)

// watchScene is a project with a file that the command prints.
type watchScene struct {
	dir, project string
	saves        int
}

// watch measures the time from a save to the first output of the rerun.
func (b *bench) watch(ctx context.Context) ([]table, error) {
	container, err := b.watchContest(ctx, "watch", b.containerWatchers)
	if err != nil {
		return nil, err
	}
	host, err := b.watchContest(ctx, "watch of the host", b.hostWatchers)
	how := fmt.Sprintf("From the write of a file to the first byte of the command that prints the file. All tools have a quiet "+
		"interval of %s. The base is a plain `tasks run`, started %[1]s after the write. There are %d saves, with %s between.",
		watchDebounce, b.saves(), watchSettle)
	return []table{
		{
			title: "Save to the first output of the rerun, in a fresh container", base: "a plain tasks run", rows: container,
			metric: wall, how: how + " `sync+restart` restarts the same container.", hasTail: true,
		},
		{
			title: "The same for a task on the host", base: "a plain tasks run", rows: host, metric: wall, how: how, hasTail: true,
		},
	}, err
}

// watcherOf makes a competitor: run saves and waits for the output.
type watcherOf struct {
	name  string
	isOwn bool
	// argv starts a watcher. With isPlain, argv starts a run after each save.
	argv    []string
	isPlain bool
}

func (b *bench) containerWatchers() []watcherOf {
	list := []watcherOf{{name: "tasks watch", isOwn: true, argv: []string{b.tasks, "watch", targetTask}}}
	for _, c := range b.tools.composes {
		list = append(list,
			watcherOf{name: c.name + ", run --rm -T", argv: c.with("run", "--rm", "-T", targetService), isPlain: true},
			watcherOf{name: c.name + ", watch with sync+restart", argv: c.with("-f", "live.yaml", "up", "--watch")})
	}
	return list
}

func (b *bench) hostWatchers() []watcherOf {
	list := []watcherOf{{name: "tasks watch", isOwn: true, argv: []string{b.tasks, "watch", "host"}}}
	if b.tools.goTask != nil {
		list = append(list, watcherOf{
			name: b.tools.goTask.name + " --watch", argv: b.tools.goTask.with("--watch", "--interval", watchDebounce.String(), "host"),
		})
	}
	return list
}

func (b *bench) watchContest(ctx context.Context, name string, list func() []watcherOf) ([]row, error) {
	var contestants []competitor
	for _, w := range list() {
		c, err := b.watchCompetitor(name, w)
		if err != nil {
			return nil, err
		}
		contestants = append(contestants, c)
	}
	return b.runContest(ctx, name, b.saves(), contestants)
}

// saves returns the number of saves of each row.
func (b *bench) saves() int { return min(savesPerPair*b.options.pairs, watchSaves) }

// watchCompetitor alternates a watcher with a plain run. The watcher is asleep during the plain run, because each has a
// file of its own.
func (b *bench) watchCompetitor(name string, w watcherOf) (competitor, error) {
	s := &watchScene{project: b.newProject("watch")}
	s.dir = filepath.Join(b.dir, s.project)
	if err := s.write(b.engine.image); err != nil {
		return competitor{}, err
	}
	base := []string{b.tasks, "run", "plain"}
	if strings.Contains(name, "host") {
		base = []string{b.tasks, "run", "plain-host"}
	}
	var running *watcher
	c := competitor{name: w.name, isOwn: w.isOwn, base: s.plain(base, "plain")}
	c.prepare = func(ctx context.Context) (err error) {
		if !w.isPlain {
			if running, err = s.start(w.argv); err != nil {
				return err
			}
			if err = s.settle(ctx, 2*watchSettle); err != nil {
				return err
			}
		}
		if _, err = c.base(ctx); err == nil {
			_, err = c.run(ctx)
		}
		return err
	}
	if c.run = s.plain(w.argv, "src"); !w.isPlain {
		c.run = func(ctx context.Context) (sample, error) { return s.save(ctx, running) }
	}
	c.finish = func(ctx context.Context) (string, error) {
		running.stop()
		if b.engine.cli == nil {
			return "", nil
		}
		return "", b.remove(ctx, s.project)
	}
	return c, nil
}

// write writes the files of all tools.
func (s *watchScene) write(image string) error {
	mounts := func(dir string) []string { return []string{"./" + dir + ":/src"} }
	command := []string{"cat", "/src/stamp"}
	compose, err := composeJSON(map[string]any{
		targetService: map[string]any{"image": image, "command": command, "volumes": mounts("src")},
		"plain":       map[string]any{"image": image, "command": command, "volumes": mounts("plain")},
	})
	if err != nil {
		return err
	}
	live, err := composeJSON(map[string]any{ // docker-compose 1 rejects the whole file
		"live": map[string]any{
			"image": image, "command": []string{"sh", "-c", "cat /src/stamp; sleep infinity"}, "stop_grace_period": "0s",
			"develop": map[string]any{"watch": []any{
				map[string]any{"action": "sync+restart", "path": "./src", "target": "/src"},
			}},
		},
		// Without another container, `up` ends as soon as the restart has stopped the only container.
		"idle": map[string]any{"image": image, "command": []string{"sleep", "infinity"}, "stop_grace_period": "0s"},
	})
	if err != nil {
		return err
	}
	for _, dir := range []string{"src", "plain"} {
		if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o755); err != nil {
			return err
		}
	}
	return writeFiles(s.dir, map[string]string{
		"compose.yaml": string(compose), "live.yaml": string(live), "src/stamp": "first\n", "plain/stamp": "first\n",
		"Tasks.hcl": fmt.Sprintf(`
task %q {
  service = %[2]q
  watch {
    paths    = ["src"]
    debounce = %[3]q
  }
}
task "plain" { service = "plain" }
task "host" {
  command = ["cat", "src/stamp"]
  watch {
    paths    = ["src"]
    debounce = %[3]q
  }
}
task "plain-host" { command = ["cat", "plain/stamp"] }
`, targetTask, targetService, watchDebounce.String()),
		"Taskfile.yml": "version: '3'\ntasks:\n  host:\n    sources: [src/*]\n    cmds: [cat src/stamp]\n",
	})
}

// stamp writes a new text into a file, and returns the text and the time of the write.
func (s *watchScene) stamp(dir string) (text string, at time.Time, err error) {
	s.saves++
	text = fmt.Sprintf("stamp-%d.", s.saves)
	path := filepath.Join(s.dir, dir, "stamp")
	at = time.Now()
	return text, at, os.WriteFile(path, []byte(text+"\n"), 0o644)
}

// settle waits, and ends with ctx.
func (s *watchScene) settle(ctx context.Context, d time.Duration) error { return pause(ctx, d) }

// plain is a run after a save, without a watcher.
func (s *watchScene) plain(argv []string, dir string) runner {
	return func(ctx context.Context) (sample, error) {
		text, at, err := s.stamp(dir)
		if err != nil {
			return sample{}, err
		}
		if err := pause(ctx, watchDebounce); err != nil {
			return sample{}, err
		}
		w, err := s.start(argv)
		if err != nil {
			return sample{}, err
		}
		defer w.wait()
		return w.await(ctx, text, at)
	}
}

// save saves a file under a running watcher.
func (s *watchScene) save(ctx context.Context, w *watcher) (sample, error) {
	text, at, err := s.stamp("src")
	if err != nil {
		return sample{}, err
	}
	result, err := w.await(ctx, text, at)
	if err != nil {
		return sample{}, err
	}
	return result, s.settle(ctx, watchSettle)
}

// watcher is a running program with its output.
type watcher struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu      sync.Mutex
	output  bytes.Buffer
	changed chan struct{} // closed at the next output
}

func (s *watchScene) start(argv []string) (*watcher, error) {
	w := &watcher{cmd: exec.Command(argv[0], argv[1:]...), ended: make(chan struct{}), changed: make(chan struct{})}
	w.cmd.Dir = s.dir
	w.cmd.Env = append(environment(os.Environ()), "COMPOSE_PROJECT_NAME="+s.project)
	w.cmd.Stdout, w.cmd.Stderr, w.cmd.WaitDelay = w, w, stopGrace
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = w.cmd.Wait() // the output counts
		close(w.ended)
	}()
	return w, nil
}

// Write implements [io.Writer].
func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
	return w.output.Write(p)
}

// await waits for a text in the output, and returns the time since a moment.
func (w *watcher) await(ctx context.Context, text string, since time.Time) (sample, error) {
	timeout := time.NewTimer(firstOutputTimeout)
	defer timeout.Stop()
	for {
		w.mu.Lock()
		output, changed := w.output.String(), w.changed
		w.mu.Unlock()
		if strings.Contains(output, text) {
			return sample{wall: time.Since(since)}, nil
		}
		select {
		case <-ctx.Done():
			return sample{}, context.Cause(ctx)
		case <-timeout.C:
			return sample{}, fmt.Errorf("no output %q within %s: %s", text, firstOutputTimeout, lastLines(output))
		case <-w.ended:
			if strings.Contains(w.text(), text) {
				continue
			}
			return sample{}, errors.New("the program has ended: " + lastLines(w.text()))
		case <-changed:
		}
	}
}

func (w *watcher) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.output.String()
}

// lastLines returns the last three lines of an output.
func lastLines(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "; ")
}

// stop ends the program as Ctrl-C does; nil is no program.
func (w *watcher) stop() {
	if w == nil {
		return
	}
	_ = w.cmd.Process.Signal(os.Interrupt) // an ended program is no failure
	w.wait()
}

// wait waits for the end of the program, and kills a program without an end.
func (w *watcher) wait() {
	select {
	case <-w.ended:
	case <-time.After(stopGrace):
		_ = w.cmd.Process.Kill() // an ended program is no failure
		<-w.ended
	}
}

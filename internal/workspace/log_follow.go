package workspace

import (
	"bytes"
	"context"
	"io"
	"maps"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// restartPause is how long a container may be down between two starts, for example in `docker restart`.
const restartPause = 2 * time.Second

// lookInterval is the time between two lists of the containers during a follow.
const lookInterval = 2 * time.Second

// staleStatePause is the pause before another look at a container that has ended and is still reported as running, and
// maxStaleStates the number of such looks.
const (
	staleStatePause = 50 * time.Millisecond
	maxStaleStates  = 5
)

// Follow passes the logs of the selected containers to add, also of containers that start later. The log of a container
// continues after a restart. Follow returns when no container is up any more.
func (r *LogReader) Follow(ctx context.Context, add func(ContainerLog)) error {
	events, err := r.engine.Events(ctx, r.project)
	if err != nil {
		return &RunError{err}
	}
	f := &logFollower{
		reader: r, add: add, logs: map[string]*followedLog{}, up: map[string]bool{}, done: make(chan struct{}),
	}
	defer close(f.done)
	containers, err := r.engine.ProjectContainers(ctx, r.project)
	if err != nil {
		return &RunError{err}
	}
	for _, c := range containers {
		if r.selection.includes(c) {
			f.follow(c, r.options)
		}
	}
	return f.loop(ctx, events)
}

// logFollower is one call of Follow.
type logFollower struct {
	reader *LogReader
	add    func(ContainerLog)
	// logs are by container id. up are the containers that run or are about to be restarted.
	logs map[string]*followedLog
	up   map[string]bool
	done chan struct{}
}

// loop handles events until no container is up.
func (f *logFollower) loop(ctx context.Context, events engine.Events) error {
	var pause <-chan time.Time
	looks := time.NewTicker(lookInterval)
	defer looks.Stop()
	isFirst := true
	for {
		switch {
		case len(f.up) > 0:
			pause = nil
		case isFirst || f.reader.selection.only != nil: // one-offs are not restarted
			return nil
		case pause == nil:
			pause = time.After(restartPause)
		}
		isFirst = false
		select {
		case <-ctx.Done():
			return nil
		case <-pause:
			return nil
		case <-looks.C:
			if err := f.dropEnded(ctx); err != nil {
				return &RunError{err}
			}
		case e, isOpen := <-events.C():
			if !isOpen {
				return &RunError{events.Err()}
			}
			if err := f.handle(ctx, e); err != nil {
				return &RunError{err}
			}
		}
	}
}

// handle looks at a container after its start or its end.
func (f *logFollower) handle(ctx context.Context, e engine.Event) error {
	switch e.Action {
	case "start", "die", "stop":
	case "destroy":
		delete(f.up, e.ContainerID)
		return nil
	default:
		return nil
	}
	state, err := f.inspect(ctx, e)
	if engine.IsNotFound(err) {
		delete(f.up, e.ContainerID)
		return nil
	}
	if err != nil || !f.reader.selection.includes(&state.Container) {
		return err
	}
	if e.Action == "start" {
		options := f.reader.options
		options.Tail = unlimitedTail // all lines are new
		f.follow(&state.Container, options)
	}
	f.setUp(&state.Container)
	return nil
}

// dropEnded drops the containers that are not up any more. A list of containers may be older than the events, so a
// container may have ended before the first event and still be in the first list.
func (f *logFollower) dropEnded(ctx context.Context) error {
	containers, err := f.reader.engine.ProjectContainers(ctx, f.reader.project)
	if err != nil {
		return err
	}
	isUp := map[string]bool{}
	for _, c := range containers {
		isUp[c.ID] = c.State.IsUp()
	}
	maps.DeleteFunc(f.up, func(id string, _ bool) bool { return !isUp[id] })
	return nil
}

// inspect returns the state of a container after an event. Engines may still report a container as running for a moment
// after its end. A container that was started again has an event of its own, so "running" after an end means "not up".
func (f *logFollower) inspect(ctx context.Context, e engine.Event) (engine.ContainerState, error) {
	for attempt := 0; ; attempt++ {
		state, err := f.reader.engine.InspectContainer(ctx, e.ContainerID)
		if err != nil || e.Action != "die" || !state.State.IsRunning() {
			return state, err
		}
		if attempt == maxStaleStates {
			state.State = observed.Exited
			return state, nil
		}
		select {
		case <-ctx.Done():
			return state, context.Cause(ctx)
		case <-time.After(staleStatePause):
		}
	}
}

// follow starts the log of a container, or continues a log that has ended.
func (f *logFollower) follow(c *observed.Container, options engine.LogOptions) {
	f.setUp(c)
	if log := f.logs[c.ID]; log != nil {
		select {
		case log.starts <- struct{}{}:
		default: // the log will continue anyway
		}
		return
	}
	options.Follow = true
	log := &followedLog{reader: f.reader, container: c, options: options, starts: make(chan struct{}, 1), done: f.done}
	f.logs[c.ID] = log
	f.add(ContainerLog{Name: c.Name, Read: log.read})
}

func (f *logFollower) setUp(c *observed.Container) {
	if c.State.IsUp() {
		f.up[c.ID] = true
	} else {
		delete(f.up, c.ID)
	}
}

// followedLog is the log of a container over several starts.
type followedLog struct {
	reader    *LogReader
	container *observed.Container
	options   engine.LogOptions
	starts    chan struct{}
	done      <-chan struct{}

	mu sync.Mutex
	// last is the time of the last line.
	last time.Time
}

// read reads until the end of the container, and again after each start.
func (l *followedLog) read(ctx context.Context, stdout, stderr io.Writer) error {
	for {
		out, errs := &lineClock{to: stdout, log: l, isStart: true}, &lineClock{to: stderr, log: l, isStart: true}
		if err := l.reader.read(ctx, l.container, l.options, out, errs); err != nil {
			return err
		}
		if !l.awaitStart(ctx) {
			return nil
		}
		l.continueAfterLast()
	}
}

// awaitStart waits for a start of the container, and reports false if no start will come. A start before the end of
// Follow counts.
func (l *followedLog) awaitStart(ctx context.Context) bool {
	select {
	case <-l.starts:
		return true
	case <-ctx.Done():
		return false
	case <-l.done:
	}
	select {
	case <-l.starts:
		return true
	default:
		return false
	}
}

// continueAfterLast selects the lines after the last line. Without a line, the log continues where it was opened.
func (l *followedLog) continueAfterLast() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.last.IsZero():
		l.options.Since = formatLogTime(l.last.Add(time.Nanosecond))
	case l.options.Tail >= 0:
		l.options.Since = formatLogTime(l.reader.started)
	}
	l.options.Tail = unlimitedTail
}

// lineClock records the times of lines that pass.
type lineClock struct {
	to  io.Writer
	log *followedLog
	// isStart reports that the next byte is the first of a line. time is the read part of a time.
	isStart bool
	time    []byte
}

// maxTimeLength is the length of the longest time before a line.
const maxTimeLength = 40

func (c *lineClock) Write(text []byte) (int, error) {
	for line := range bytes.Lines(text) {
		c.readTime(line)
		c.isStart = line[len(line)-1] == '\n'
	}
	return c.to.Write(text)
}

// readTime reads the time at the start of a line. The time may come in parts.
func (c *lineClock) readTime(line []byte) {
	if c.isStart {
		c.time = c.time[:0]
	} else if len(c.time) == 0 {
		return // the time is read
	}
	word, _, isComplete := bytes.Cut(line, []byte(" "))
	c.time = append(c.time, word[:min(len(word), maxTimeLength)]...)
	if !isComplete && len(c.time) < maxTimeLength {
		return
	}
	at, err := time.Parse(time.RFC3339Nano, string(c.time))
	c.time = c.time[:0]
	if err != nil {
		return
	}
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	if at.After(c.log.last) {
		c.log.last = at
	}
}

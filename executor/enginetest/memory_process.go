package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/internal/holder/wire"
)

// codeKilled is how a command ends with its container.
const codeKilled = 137

// process is one run of a container. Its timers are its own, so that what is left of an earlier run touches no later one.
type process struct {
	startedAt time.Time
	ended     chan struct{}
	timers    []*time.Timer
	// isHeld reports whether the process of a standby waits.
	isHeld bool
}

// StartContainer implements [engine.Engine].
func (m *Memory) StartContainer(ctx context.Context, id string) error {
	return m.withContainer(ctx, "StartContainer", id, func(c *memoryContainer) error {
		switch {
		case c.state == paused:
			return conflict("cannot start a paused container, try unpause instead")
		case c.isRunning() || c.state == restarting:
			return nil
		case m.missingNetwork(c) != "":
			return notFound("network", m.missingNetwork(c))
		case c.spec.Hold != nil:
			m.startHeld(c)
			return nil
		case c.behaviour.startFail != 0:
			return m.failStart(c)
		}
		c.restarts, c.isStopped = 0, false
		m.startProcess(c)
		return nil
	})
}

// failStart leaves the container as the engine does: created, with the code and the words of the runtime.
func (m *Memory) failStart(c *memoryContainer) error {
	c.exitCode = c.behaviour.startFail
	c.error = fmt.Sprintf(`OCI runtime create failed: exec: %q: `, firstOf(c.spec.Service.Command, "command"))
	if c.exitCode == 126 {
		c.error += "permission denied: unknown"
	} else {
		c.error += "executable file not found in $PATH: unknown"
	}
	return fmt.Errorf("start container %s: %s: %w", c.spec.Name, c.error, errdefs.ErrInvalidArgument)
}

func firstOf(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return list[0]
}

func (m *Memory) startProcess(c *memoryContainer) {
	p := &process{startedAt: time.Now(), ended: make(chan struct{})}
	c.process, c.state, c.exitCode, c.error, c.health = p, running, 0, "", ""
	c.startedAt = p.startedAt
	c.logStart = len(c.log)
	m.emit(c, "start", 0)
	m.beginCommand(c, p)
}

// startHeld starts the waiting process of a standby.
func (m *Memory) startHeld(c *memoryContainer) {
	p := &process{startedAt: time.Now(), ended: make(chan struct{}), isHeld: true}
	c.process, c.state, c.startedAt = p, running, p.startedAt
	m.emit(c, "start", 0)
}

// release lets the waiting process become the command, or refuse a command that is not there.
func (m *Memory) release(c *memoryContainer) {
	p := c.process
	p.isHeld = false
	if c.behaviour.startFail == 0 {
		m.beginCommand(c, p)
		return
	}
	m.refuse(c, p)
}

// refuse ends the waiting process without its command.
func (m *Memory) refuse(c *memoryContainer, p *process) {
	token := c.spec.Hold.Arguments("/", nil)[wire.Token]
	c.print(stderr, wire.Refusal(token))
	m.endProcess(c, p, wire.Refused)
}

// beginCommand does what the environment says.
func (m *Memory) beginCommand(c *memoryContainer, p *process) {
	if c.behaviour.printAfter > 0 {
		m.schedule(c, p, c.behaviour.printAfter, func() { c.print(stdout, c.behaviour.stdout) })
	} else {
		c.print(stdout, c.behaviour.stdout)
	}
	c.print(stderr, c.behaviour.stderr)
	switch {
	case c.behaviour.signaller:
		m.runSignaller(c, p)
	case c.behaviour.prober:
		m.runProber(c, p)
	case c.behaviour.echo:
		m.copyInput(c)
	case c.behaviour.sleep != never:
		m.schedule(c, p, c.behaviour.sleep, func() { m.endProcess(c, p, c.behaviour.exitCode) })
	}
	if c.probe() == nil {
		return
	}
	c.health = "starting"
	m.scheduleHealth(c, p, c.behaviour.healthy, "healthy")
	m.scheduleHealth(c, p, c.behaviour.unhealthy, "unhealthy")
}

func (m *Memory) scheduleHealth(c *memoryContainer, p *process, after time.Duration, status string) {
	if after == never {
		return
	}
	m.schedule(c, p, after, func() {
		c.health = status
		m.emit(c, "health_status: "+status, 0)
	})
}

// schedule does something in a run, unless it has ended by then.
func (m *Memory) schedule(c *memoryContainer, p *process, after time.Duration, do func()) {
	p.timers = append(p.timers, time.AfterFunc(after, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if c.process == p {
			do()
		}
	}))
}

// endProcess ends a run, unless it has ended already.
func (m *Memory) endProcess(c *memoryContainer, p *process, code int) {
	if p == nil || c.process != p {
		return
	}
	for _, timer := range p.timers {
		timer.Stop()
	}
	c.process, c.state, c.exitCode = nil, exited, code
	for _, x := range slices.Clone(c.executions) {
		x.end(codeKilled)
	}
	m.restartByPolicy(c)
	m.emit(c, "die", code)
	c.notifyWaiters()
	close(p.ended)
	if c.spec.AutoRemove {
		m.remove(c, engine.RemoveVolumes)
	}
}

// firstRestartDelay doubles with each restart, up to maxRestartDelay.
const (
	firstRestartDelay = 100 * time.Millisecond
	maxRestartDelay   = time.Minute
)

// restartByPolicy starts an ended container again as its policy says, after a while.
func (m *Memory) restartByPolicy(c *memoryContainer) {
	policy, limit, _ := strings.Cut(c.spec.Service.Restart, ":")
	attempts, err := strconv.Atoi(limit)
	isWanted := policy == "always" || policy == "unless-stopped" ||
		policy == "on-failure" && c.exitCode != 0 && (err != nil || c.restarts < attempts)
	if c.spec.OneOff || c.isStopped || !isWanted {
		return
	}
	delay := min(firstRestartDelay<<min(c.restarts, 10), maxRestartDelay)
	c.state = restarting
	c.restarts++
	time.AfterFunc(delay, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if c.state == restarting && m.containers[c.id] == c {
			m.startProcess(c)
		}
	})
}

// notifyWaiters tells everybody who waits for the end of the container, or reads its output.
func (c *memoryContainer) notifyWaiters() {
	for _, a := range c.attachments {
		a.end()
	}
	for _, w := range c.waiters {
		w.deliver(engine.Exit{Code: c.exitCode})
	}
	c.attachments, c.waiters = nil, nil
}

// signal delivers a signal to a run.
func (m *Memory) signal(c *memoryContainer, signal string) {
	m.emit(c, "kill", 0)
	if c.process != nil && c.process.isHeld && signal == signalName(wire.ReleaseName) {
		m.release(c)
		return
	}
	if c.process != nil && c.process.isHeld && signal == signalName(wire.DismissName) {
		m.refuse(c, c.process)
		return
	}
	code, ends := c.behaviour.endsBySignal(signal)
	if c.state == paused && signal != "KILL" {
		return
	}
	if ends {
		m.endProcess(c, c.process, code)
	}
}

// StopContainer implements [engine.Engine].
func (m *Memory) StopContainer(ctx context.Context, id string, grace *time.Duration) error {
	var p *process
	var target *memoryContainer
	err := m.withContainer(ctx, "StopContainer", id, func(c *memoryContainer) error {
		c.isStopped = true
		if target, p = c, c.process; p != nil {
			m.signal(c, c.stopSignal())
		} else if c.state == restarting {
			c.state = exited
		}
		return nil
	})
	if engine.IsNotFound(err) {
		return nil
	}
	if err != nil || p == nil {
		return err
	}
	timer := time.NewTimer(target.grace(grace))
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if target.process == p {
		m.signal(target, "KILL")
	}
	m.emit(target, "stop", 0)
	return nil
}

func (c *memoryContainer) stopSignal() string {
	if s := c.spec.Service.StopSignal; s != "" {
		return signalName(s)
	}
	return "TERM"
}

func (c *memoryContainer) grace(asked *time.Duration) time.Duration {
	switch {
	case asked != nil:
		return *asked
	case c.spec.Service.StopGracePeriod != nil:
		return time.Duration(*c.spec.Service.StopGracePeriod)
	}
	return 10 * time.Second
}

// KillContainer implements [engine.Engine].
func (m *Memory) KillContainer(ctx context.Context, id, signal string) error {
	return m.withContainer(ctx, "KillContainer", id, func(c *memoryContainer) error {
		if !c.isRunning() {
			return conflict("container %s is not running", c.spec.Name)
		}
		m.signal(c, signalName(signal))
		return nil
	})
}

// UnpauseContainer implements [engine.Engine].
func (m *Memory) UnpauseContainer(ctx context.Context, id string) error {
	return m.withContainer(ctx, "UnpauseContainer", id, func(c *memoryContainer) error {
		if c.state != paused {
			return conflict("container %s is not paused", c.spec.Name)
		}
		c.state = running
		m.emit(c, "unpause", 0)
		return nil
	})
}

// Pause pauses a running container, as somebody else might. Its timers go on.
func (m *Memory) Pause(idOrName string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.find(idOrName); c != nil && c.state == running {
		c.state = paused
		m.emit(c, "pause", 0)
	}
}

// Exit ends a container's run from outside, as a crash would.
func (m *Memory) Exit(idOrName string, code int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.find(idOrName); c != nil {
		m.endProcess(c, c.process, code)
	}
}

// Restart ends a container's run and begins the next, as a restart policy would.
func (m *Memory) Restart(idOrName string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.find(idOrName); c != nil {
		c.isStopped = true
		m.endProcess(c, c.process, 1)
		c.isStopped = false
		m.startProcess(c)
	}
}

// Resize implements [engine.Engine].
func (m *Memory) Resize(ctx context.Context, id string, size engine.Size) error {
	return m.withContainer(ctx, "Resize", id, func(c *memoryContainer) error {
		if !c.isRunning() {
			return conflict("container %s is not running", c.spec.Name)
		}
		if !c.spec.TTY {
			return m.violation("Resize", id, errdefs.ErrInvalidArgument, "the container has no terminal")
		}
		return nil
	})
}

// waiter is somebody who waits for an exit.
type waiter struct {
	exits  chan engine.Exit // room for one
	isDone bool
}

// tell sends the one value, once.
func (w *waiter) deliver(exit engine.Exit) {
	if !w.isDone {
		w.isDone = true
		w.exits <- exit
	}
}

// Wait implements [engine.Engine].
func (m *Memory) Wait(ctx context.Context, id string) (<-chan engine.Exit, error) {
	w := &waiter{exits: make(chan engine.Exit, 1)}
	err := m.withContainer(ctx, "Wait", id, func(c *memoryContainer) error {
		if c.isRunning() {
			return m.violation("Wait", id, errdefs.ErrConflict, "the container runs already: its exit may be over before anybody listens")
		}
		c.waiters = append(c.waiters, w)
		context.AfterFunc(ctx, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			w.deliver(engine.Exit{Err: context.Cause(ctx)})
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w.exits, nil
}

package enginetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor"
)

// codeKilled is how a command ends with its container.
const codeKilled = 137

// process is one run of a container. Its timers are its own, so that what is left of an earlier run touches no later one.
type process struct {
	started time.Time
	ended   chan struct{}
	timers  []*time.Timer
}

// StartContainer implements [executor.Engine].
func (m *Memory) StartContainer(ctx context.Context, id string) error {
	return m.on(ctx, "StartContainer", id, func(c *box) error {
		switch {
		case c.state == paused:
			return conflict("cannot start a paused container, try unpause instead")
		case c.running():
			return nil
		case m.cutOff(c) != "":
			return notFound("network", m.cutOff(c))
		case c.behaviour.startFail != 0:
			return m.failStart(c)
		}
		m.launch(c)
		return nil
	})
}

// failStart leaves the container as the engine does: created, with the code and the words of the runtime.
func (m *Memory) failStart(c *box) error {
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

func (m *Memory) launch(c *box) {
	p := &process{started: time.Now(), ended: make(chan struct{})}
	c.run, c.state, c.exitCode, c.error, c.health = p, running, 0, "", ""
	c.logStart = len(c.log)
	m.emit(c, "start", 0)
	if c.behaviour.printAfter > 0 {
		m.later(c, p, c.behaviour.printAfter, func() { c.print(stdout, c.behaviour.stdout) })
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
		m.echo(c)
	case c.behaviour.sleep != never:
		m.later(c, p, c.behaviour.sleep, func() { m.end(c, p, c.behaviour.exitCode) })
	}
	if c.probe() == nil {
		return
	}
	c.health = "starting"
	m.healthLater(c, p, c.behaviour.healthy, "healthy")
	m.healthLater(c, p, c.behaviour.unhealthy, "unhealthy")
}

func (m *Memory) healthLater(c *box, p *process, after time.Duration, status string) {
	if after == never {
		return
	}
	m.later(c, p, after, func() {
		c.health = status
		m.emit(c, "health_status: "+status, 0)
	})
}

// later does something in a run, unless it has ended by then.
func (m *Memory) later(c *box, p *process, after time.Duration, do func()) {
	p.timers = append(p.timers, time.AfterFunc(after, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if c.run == p {
			do()
		}
	}))
}

// end ends a run, unless it has ended already.
func (m *Memory) end(c *box, p *process, code int) {
	if p == nil || c.run != p {
		return
	}
	for _, timer := range p.timers {
		timer.Stop()
	}
	c.run, c.state, c.exitCode = nil, exited, code
	for _, x := range slices.Clone(c.executions) {
		x.end(codeKilled)
	}
	m.emit(c, "die", code)
	c.release()
	close(p.ended)
	if c.spec.AutoRemove {
		m.remove(c, executor.RemoveVolumes)
	}
}

// release tells everybody who waits for the end of the container, or reads its output.
func (c *box) release() {
	for _, a := range c.attached {
		a.end()
	}
	for _, w := range c.waiting {
		w.tell(executor.Exit{Code: c.exitCode})
	}
	c.attached, c.waiting = nil, nil
}

// signal delivers a signal to a run.
func (m *Memory) signal(c *box, signal string) {
	m.emit(c, "kill", 0)
	code, ends := c.behaviour.ends(signal)
	if c.state == paused && signal != "KILL" {
		return
	}
	if ends {
		m.end(c, c.run, code)
	}
}

// StopContainer implements [executor.Engine].
func (m *Memory) StopContainer(ctx context.Context, id string, grace *time.Duration) error {
	var p *process
	var target *box
	err := m.on(ctx, "StopContainer", id, func(c *box) error {
		if target, p = c, c.run; p != nil {
			m.signal(c, c.stopSignal())
		}
		return nil
	})
	if executor.IsNotFound(err) {
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
	if target.run == p {
		m.signal(target, "KILL")
	}
	m.emit(target, "stop", 0)
	return nil
}

func (c *box) stopSignal() string {
	if s := c.spec.Service.StopSignal; s != "" {
		return signalName(s)
	}
	return "TERM"
}

func (c *box) grace(asked *time.Duration) time.Duration {
	switch {
	case asked != nil:
		return *asked
	case c.spec.Service.StopGracePeriod != nil:
		return time.Duration(*c.spec.Service.StopGracePeriod)
	}
	return 10 * time.Second
}

// KillContainer implements [executor.Engine].
func (m *Memory) KillContainer(ctx context.Context, id, signal string) error {
	return m.on(ctx, "KillContainer", id, func(c *box) error {
		if !c.running() {
			return conflict("container %s is not running", c.spec.Name)
		}
		m.signal(c, signalName(signal))
		return nil
	})
}

// UnpauseContainer implements [executor.Engine].
func (m *Memory) UnpauseContainer(ctx context.Context, id string) error {
	return m.on(ctx, "UnpauseContainer", id, func(c *box) error {
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
		m.end(c, c.run, code)
	}
}

// Restart ends a container's run and begins the next, as a restart policy would.
func (m *Memory) Restart(idOrName string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.find(idOrName); c != nil {
		m.end(c, c.run, 1)
		m.launch(c)
	}
}

// Resize implements [executor.Engine].
func (m *Memory) Resize(ctx context.Context, id string, size executor.Size) error {
	return m.on(ctx, "Resize", id, func(c *box) error {
		if !c.running() {
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
	exits chan executor.Exit // room for one
	done  bool
}

// tell sends the one value, once.
func (w *waiter) tell(exit executor.Exit) {
	if !w.done {
		w.done = true
		w.exits <- exit
	}
}

// Wait implements [executor.Engine].
func (m *Memory) Wait(ctx context.Context, id string) (<-chan executor.Exit, error) {
	w := &waiter{exits: make(chan executor.Exit, 1)}
	err := m.on(ctx, "Wait", id, func(c *box) error {
		if c.running() {
			return m.violation("Wait", id, errdefs.ErrConflict, "the container runs already: its exit may be over before anybody listens")
		}
		c.waiting = append(c.waiting, w)
		context.AfterFunc(ctx, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			w.tell(executor.Exit{Err: context.Cause(ctx)})
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w.exits, nil
}

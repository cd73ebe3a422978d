package enginetest

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"tasks/executor/engine"
	"tasks/internal/prober/wire"
)

// execution is a command in a running container, beside its own.
type execution struct {
	attachment
	container *memoryContainer
	cmd       engine.ExecCommand
	ignored   []string
	ended     chan struct{}
	code      int
}

// StartExec implements [engine.Engine]. Beside what Exec knows it knows cat, and ignore, which runs on and does not hear the
// signals that are named after it.
func (m *Memory) StartExec(ctx context.Context, id string, cmd engine.ExecCommand, opts engine.AttachOptions) (engine.Execution, error) {
	var x *execution
	err := m.withContainer(ctx, "StartExec", id, func(c *memoryContainer) error {
		if c.state != running {
			return conflict("container %s is not running", c.spec.Name)
		}
		x = &execution{container: c, cmd: cmd, ended: make(chan struct{})}
		x.attachment = attachment{memory: m, opts: opts, changed: make(chan struct{})}
		c.executions = append(c.executions, x)
		m.startExecution(x)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return x, nil
}

// startExecution lets a command do what it is known for.
func (m *Memory) startExecution(x *execution) {
	switch first := firstOf(x.cmd.Command, ""); first {
	case "cat":
		return
	case "ignore":
		for _, name := range x.cmd.Command[1:] {
			x.ignored = append(x.ignored, signalName(name))
		}
		x.print(stdout, "ready\n")
		return
	}
	result, takes := x.container.execResult(x.container.process, x.cmd)
	text, to := result.Output, stdout
	if result.Stderr != "" {
		to = stderr
	}
	time.AfterFunc(takes, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		x.print(to, text)
		x.end(result.ExitCode)
	})
}

func (x *execution) print(to stream, text string) {
	if text != "" {
		x.update(func() { x.frames = append(x.frames, frame{to, text}) })
	}
}

// end ends the command, unless it has ended. The memory's lock is held.
func (x *execution) end(code int) {
	if !slices.Contains(x.container.executions, x) {
		return
	}
	x.container.executions = slices.DeleteFunc(x.container.executions, func(other *execution) bool { return other == x })
	x.code = code
	close(x.ended)
	x.attachment.end()
}

// Write implements [engine.Attachment].
func (x *execution) Write(p []byte) (int, error) {
	x.memory.mu.Lock()
	defer x.memory.mu.Unlock()
	if !x.opts.Stdin || x.inputEOF || x.isInputClosed() {
		return 0, io.ErrClosedPipe
	}
	if firstOf(x.cmd.Command, "") == "cat" {
		x.print(stdout, string(p))
	}
	return len(p), nil
}

// CloseWrite implements [engine.Attachment].
func (x *execution) CloseWrite() error {
	x.memory.mu.Lock()
	defer x.memory.mu.Unlock()
	x.inputEOF = true
	if firstOf(x.cmd.Command, "") == "cat" {
		x.end(0)
	}
	return nil
}

// Close implements [engine.Attachment]. The command goes on.
func (x *execution) Close() error {
	x.update(func() { x.isClosed = true })
	return nil
}

// Resize implements [engine.Execution].
func (x *execution) Resize(ctx context.Context, _ engine.Size) error {
	return x.memory.withContainer(ctx, "ResizeExec", x.container.id, func(*memoryContainer) error {
		select {
		case <-x.ended:
			return conflict("the command has ended")
		default:
			return nil
		}
	})
}

// IsRunning implements [engine.Execution].
func (x *execution) IsRunning(context.Context) (bool, error) {
	select {
	case <-x.ended:
		return false, nil
	default:
		return true, nil
	}
}

// Exit implements [engine.Execution].
func (x *execution) Exit(ctx context.Context) (int, error) {
	if err := x.memory.withContainer(ctx, "ExitOfExec", x.container.id, func(*memoryContainer) error { return nil }); err != nil {
		return 0, err
	}
	select {
	case <-x.ended:
		return x.code, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// RunningExecs are the commands that were started in a container and have not ended, sorted.
func (m *Memory) RunningExecs(idOrName string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var commands []string
	if c := m.find(idOrName); c != nil {
		for _, x := range c.executions {
			commands = append(commands, strings.Join(x.cmd.Command, " "))
		}
	}
	slices.Sort(commands)
	return commands
}

// runSignaller does what the prober does among the processes of another container: it signals the commands with a mark.
func (m *Memory) runSignaller(c *memoryContainer, p *process) {
	id, _ := strings.CutPrefix(c.spec.Service.Pid, "container:")
	env := envReader{env: c.spec.Service.Environment}
	number, code := env.number(wire.Signal), wire.NoProcess
	if target := m.find(id); target != nil {
		for _, x := range slices.Clone(target.executions) {
			if x.hasMark(env.text(wire.Mark)) {
				code = wire.Ready
				x.signal(number)
			}
		}
	}
	m.schedule(c, p, 0, func() { m.endProcess(c, p, code) })
}

func (x *execution) hasMark(mark string) bool {
	name, value, _ := strings.Cut(mark, "=")
	return x.cmd.Env[name] != nil && *x.cmd.Env[name] == value
}

func (x *execution) signal(number int) {
	for name, n := range signalNumbers() {
		if n == number && (name == "KILL" || !slices.Contains(x.ignored, name)) {
			x.end(128 + number)
			return
		}
	}
	x.print(stdout, "signal "+strconv.Itoa(number)+"\n")
}

package standby

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/internal/holder"
	"tasks/internal/holder/wire"
	"tasks/planner"
	"tasks/planner/observed"
)

// createTimeout bounds the calls for a standby.
const createTimeout = 2 * time.Minute

// maker makes the container of a standby.
type maker struct {
	*Pool
	standby    *standby
	detachKeys string
}

// firstOutputTimeout bounds the wait for the first output of a command.
const firstOutputTimeout = 100 * time.Millisecond

// awaitOutput waits for the first output of a command that has just begun: a person waits for this output, and other
// work of the engine would delay the output. The wait ends also with ctx, with hurried, and soon for a silent command.
func (p *Pool) awaitOutput(ctx context.Context, outputBegun, hurried <-chan struct{}) {
	if outputBegun == nil {
		return
	}
	timeout := time.NewTimer(firstOutputTimeout)
	defer timeout.Stop()
	select {
	case <-outputBegun:
	case <-hurried:
	case <-timeout.C:
	case <-ctx.Done():
	}
}

// program returns the program of the waiting process, or the reason why there is none.
func (p *Pool) program() (program planner.File, reason string) {
	p.mu.Lock()
	program = p.knownProgram
	p.mu.Unlock()
	if len(program.Content) > 0 {
		return program, "" // an engine keeps its architecture
	}
	ctx, cancel := context.WithTimeout(p.ctx, createTimeout)
	defer cancel()
	os, arch, err := p.cfg.Engine.Platform(ctx)
	switch {
	case err != nil:
		return planner.File{}, "the engine does not tell its platform: " + err.Error()
	case os != "linux":
		return planner.File{}, "the engine runs " + os + " containers"
	}
	content, err := holder.Program(arch)
	if err != nil {
		return planner.File{}, err.Error()
	}
	program = planner.File{Path: wire.Path, Content: content, Mode: 0o755}
	p.mu.Lock()
	p.knownProgram = program
	p.mu.Unlock()
	return program, ""
}

// makeCreated creates the container for a start by the next run.
func (m maker) makeCreated() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), createTimeout)
	defer cancel()
	m.standby.id, err = m.cfg.Engine.CreateContainer(ctx, m.standby.spec)
	if err != nil {
		m.abandon()
	}
	return err
}

// makeStarted creates the container, starts the waiting process, and removes the program's file.
func (m maker) makeStarted(program planner.File) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), createTimeout)
	defer cancel()
	s := m.standby
	spec := s.spec
	spec.Name = waitingName(spec.Name)
	spec.Hold = &planner.Hold{Program: program, Arguments: func(directory string, command []string) []string {
		return holder.Arguments(s.slug, directory, command)
	}}
	defer func() {
		if err != nil {
			m.abandon()
		}
	}()
	if s.id, err = m.cfg.Engine.CreateContainer(ctx, spec); err != nil {
		return err
	}
	if s.held, err = m.connect(ctx); err != nil {
		return err
	}
	s.mounted = readMounted(s.spec)
	if err = m.cfg.Engine.StartContainer(ctx, s.id); err != nil {
		return err
	}
	// The user of the container may have no right to remove a file in the root.
	result, err := m.cfg.Engine.Exec(ctx, s.id, engine.ExecCommand{
		Command: holder.RemoveCommand(), User: "0", Workdir: "/",
	})
	if err == nil && result.ExitCode != 0 {
		err = fmt.Errorf("the waiting process does not answer (exit code %d) %s", result.ExitCode,
			strings.TrimSpace(result.Output))
	}
	return err
}

// connect attaches to the container and registers the wait, before the start.
func (m maker) connect(ctx context.Context) (*step.Held, error) {
	s := m.standby
	stream, cancel := context.WithCancel(context.Background())
	attached, err := m.cfg.Engine.Attach(ctx, s.id, engine.AttachOptions{
		Stdin: s.spec.StdinOpen, TTY: s.spec.TTY, DetachKeys: m.detachKeys,
	})
	if err != nil {
		cancel()
		return nil, err
	}
	exit, err := m.cfg.Engine.Wait(stream, s.id)
	if err != nil {
		cancel()
		_ = attached.Close() // the error of the wait counts
		return nil, err
	}
	return &step.Held{
		Attachment: attached, Exit: exit, Refusal: wire.Refusal(s.slug),
		Release: m.release,
		Close: sync.OnceFunc(func() {
			cancel()
			_ = attached.Close() // nothing reads any more
		}),
	}, nil
}

// release makes the command begin. Then the container gets the name of a one-off: its name was that of a standby.
func (m maker) release(ctx context.Context, outputBegun <-chan struct{}) error {
	s := m.standby
	if err := m.cfg.Engine.KillContainer(ctx, s.id, wire.ReleaseName); err != nil {
		return err
	}
	m.background(func() {
		m.awaitOutput(m.ctx, outputBegun, nil)
		rename, cancel := context.WithTimeout(context.Background(), removeTimeout)
		defer cancel()
		// A short command has ended: its container may be gone.
		_ = m.cfg.Engine.RenameContainer(rename, s.id, s.spec.Name)
	})
	return nil
}

// background starts work that the end of the pool waits for.
func (p *Pool) background(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.work.Go(do)
}

// waitingName is the name of a standby, by the name of its one-off: app-web-run-0123456789ab.
func waitingName(oneOff string) string {
	const run = "run"
	end := strings.LastIndex(oneOff, run)
	if end < 0 {
		return oneOff
	}
	return oneOff[:end] + observed.StandbyPart + oneOff[end+len(run):]
}

// abandon removes an incomplete container.
func (m maker) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	if m.removeContainer(ctx, m.standby) != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		failed := *m.standby
		failed.slug += failed.id
		m.undiscarded[failed.slug] = &failed
	}
}

// removeContainer removes the container of a standby; none is no error.
func (p *Pool) removeContainer(ctx context.Context, s *standby) error {
	if s.held != nil {
		s.held.Close()
		s.held = nil
	}
	if s.id != "" {
		remover := removal.Remover{Engine: p.cfg.Engine}
		entry := step.Entry{Kind: step.OneOffEntry, ID: s.id, Name: s.spec.Name, HasOtherName: true, Project: s.project}
		if err := remover.RemoveEntry(ctx, entry); err != nil {
			return err
		}
		s.id = ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.undiscarded, s.slug)
	return nil
}

// Close removes all standbys, and returns after their end.
func (p *Pool) Close(ctx context.Context) {
	p.cancel()
	p.mu.Lock()
	p.isClosed = true
	p.mu.Unlock()
	p.Discard(ctx)
	ended := make(chan struct{})
	go func() {
		p.work.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		return
	}
	p.mu.Lock()
	rest := make([]*standby, 0, len(p.undiscarded))
	for _, s := range p.undiscarded {
		rest = append(rest, s)
	}
	p.mu.Unlock()
	for _, s := range rest {
		if err := p.removeContainer(ctx, s); err != nil && p.cfg.Warn != nil {
			p.cfg.Warn(removal.Advice(err))
		}
	}
}

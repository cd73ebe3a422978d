package fleet

import (
	"context"
	"fmt"
	"io"
	"sync"

	"tasks/executor/engine"
)

// streamCalls are the calls with streams. The loss of a node ends its streams.
type streamCalls struct{ *router }

// find returns the node of a container.
func (c streamCalls) find(ctx context.Context, id string) (*node, error) {
	return containerCalls{router: c.router}.find(ctx, id)
}

// Attach implements [engine.Engine].
func (c streamCalls) Attach(ctx context.Context, id string, opts engine.AttachOptions) (engine.Attachment, error) {
	n, err := c.find(ctx, id)
	if err != nil {
		return nil, err
	}
	return openStream(ctx, n, func(ctx context.Context) (engine.Attachment, error) {
		return n.Engine.Attach(ctx, id, opts)
	})
}

// openStream opens a connection to streams. The loss of the node closes the connection.
func openStream[T io.Closer](ctx context.Context, n *node, open func(context.Context) (T, error)) (T, error) {
	stream, err := streamContext(ctx, n)
	if err != nil {
		var zero T
		return zero, err
	}
	connection, err := onNode(ctx, n, func(context.Context) (T, error) { return open(stream) })
	if err == nil {
		life, _ := n.state()
		stop := context.AfterFunc(life, func() { _ = connection.Close() }) // its reader has an error already
		context.AfterFunc(ctx, func() { stop() })
	}
	return connection, err
}

// Wait implements [engine.Engine]. A broken wait of a container is the loss of the container with its node.
func (c streamCalls) Wait(ctx context.Context, id string) (<-chan engine.Exit, error) {
	n, err := c.find(ctx, id)
	if err != nil {
		return nil, err
	}
	life, _ := n.state()
	stream, err := streamContext(ctx, n)
	if err != nil {
		return nil, err
	}
	exits, err := onNode(ctx, n, func(context.Context) (<-chan engine.Exit, error) { return n.Engine.Wait(stream, id) })
	if err != nil {
		return nil, err
	}
	result := make(chan engine.Exit, 1)
	go func() {
		select {
		case exit := <-exits:
			if exit.Err != nil && ctx.Err() == nil {
				exit.Err = brokenWaitError(n.settle(ctx, life, exit.Err), n)
			}
			result <- exit
		case <-life.Done():
			result <- engine.Exit{Err: context.Cause(life)}
		case <-ctx.Done():
			result <- engine.Exit{Err: context.Cause(ctx)}
		}
	}()
	return result, nil
}

// brokenWaitError makes a loss of the error of a wait: the engine of the node was restarted, or the connection broke.
func brokenWaitError(err error, n *node) error {
	if engine.IsNodeLost(err) || isAnswer(err) {
		return err
	}
	return fmt.Errorf("%w: %w", &engine.NodeLostError{Node: n.Name, Reason: "broke the connection"}, err)
}

// Resize implements [engine.Engine].
func (c streamCalls) Resize(ctx context.Context, id string, size engine.Size) error {
	n, err := c.find(ctx, id)
	if err != nil {
		return err
	}
	return doOnNode(ctx, n, func(ctx context.Context) error { return n.Engine.Resize(ctx, id, size) })
}

// Exec implements [engine.Engine].
func (c streamCalls) Exec(ctx context.Context, id string, cmd engine.ExecCommand) (engine.ExecResult, error) {
	n, err := c.find(ctx, id)
	if err != nil {
		return engine.ExecResult{}, err
	}
	return onNode(ctx, n, func(ctx context.Context) (engine.ExecResult, error) { return n.Engine.Exec(ctx, id, cmd) })
}

// StartExec implements [engine.Engine].
func (c streamCalls) StartExec(
	ctx context.Context, id string, cmd engine.ExecCommand, opts engine.AttachOptions,
) (engine.Execution, error) {
	n, err := c.find(ctx, id)
	if err != nil {
		return nil, err
	}
	started, err := openStream(ctx, n, func(ctx context.Context) (engine.Execution, error) {
		return n.Engine.StartExec(ctx, id, cmd, opts)
	})
	if err != nil {
		return nil, err
	}
	return execution{started, n}, nil
}

// execution is a started command on a node.
type execution struct {
	engine.Execution
	node *node
}

// IsRunning implements [engine.Execution].
func (e execution) IsRunning(ctx context.Context) (bool, error) {
	return onNode(ctx, e.node, e.Execution.IsRunning)
}

// Exit implements [engine.Execution].
func (e execution) Exit(ctx context.Context) (int, error) {
	return onNode(ctx, e.node, e.Execution.Exit)
}

// FollowLog implements [engine.Engine].
func (c streamCalls) FollowLog(ctx context.Context, id string, line func(string) (more bool)) error {
	n, err := c.find(ctx, id)
	if err != nil {
		return err
	}
	return doOnNode(ctx, n, func(ctx context.Context) error { return n.Engine.FollowLog(ctx, id, line) })
}

// StreamLog implements [engine.Engine].
func (c streamCalls) StreamLog(
	ctx context.Context, id string, options engine.LogOptions, stdout, stderr io.Writer,
) error {
	n, err := c.find(ctx, id)
	if err != nil {
		return err
	}
	return doOnNode(ctx, n, func(ctx context.Context) error {
		return n.Engine.StreamLog(ctx, id, options, stdout, stderr)
	})
}

// Logs implements [engine.Engine].
func (c streamCalls) Logs(ctx context.Context, id string, lines int) (string, error) {
	n, err := c.find(ctx, id)
	if err != nil {
		return "", err
	}
	return onNode(ctx, n, func(ctx context.Context) (string, error) { return n.Engine.Logs(ctx, id, lines) })
}

// Events implements [engine.Engine]: the events of all nodes with objects of the project.
func (c streamCalls) Events(ctx context.Context, project string) (engine.Events, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	all := &events{events: make(chan engine.Event), ctx: ctx, cancel: cancel}
	for _, n := range c.projectNodes(project) {
		stream, err := streamContext(ctx, n)
		var from engine.Events
		if err == nil {
			from, err = onNode(ctx, n, func(context.Context) (engine.Events, error) {
				return n.Engine.Events(stream, project)
			})
		}
		if err != nil {
			cancel(err)
			go all.end()
			return nil, err
		}
		all.sources.Go(func() { all.pass(from, stream) })
	}
	go all.end()
	return all, nil
}

// events are the events of several nodes. The end of a source ends them all.
type events struct {
	events  chan engine.Event
	ctx     context.Context
	cancel  context.CancelCauseFunc
	sources sync.WaitGroup

	mu  sync.Mutex
	err error
}

// C implements [engine.Events].
func (e *events) C() <-chan engine.Event { return e.events }

// Err implements [engine.Events].
func (e *events) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// pass passes the events of a node on. stream is the context of the subscription.
func (e *events) pass(from engine.Events, stream context.Context) {
	for event := range from.C() {
		select {
		case e.events <- event:
		case <-e.ctx.Done():
		}
	}
	if e.ctx.Err() == nil {
		e.mu.Lock()
		if e.err = from.Err(); e.err == nil {
			e.err = context.Cause(stream)
		}
		e.mu.Unlock()
		e.cancel(e.err)
	}
}

// end closes the channel after the end of all sources.
func (e *events) end() {
	e.sources.Wait()
	close(e.events)
	e.cancel(nil)
}

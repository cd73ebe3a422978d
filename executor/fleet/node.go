package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
)

const (
	// pingInterval is the time between two pings of a node, pingTimeout the limit of a ping.
	pingInterval = time.Second
	pingTimeout  = 2 * time.Second
	// openTimeout is the limit of the first ping of a node: a connection has to be made.
	openTimeout = 8 * time.Second
	// lostAfter is the silence after which a node is lost, if the directory has no other opinion. lostAlone is the
	// silence that needs no other opinion.
	lostAfter = 8 * time.Second
	lostAlone = 15 * time.Second
	// directoryTimeout bounds a question to the directory: its calls hang during an election.
	directoryTimeout = 2 * time.Second
	// returnTimeout is the time for a call to return after the loss of its node.
	returnTimeout = 2 * time.Second
)

// node is a member of the fleet with its state.
type node struct {
	Node
	mu sync.Mutex
	// life ends with the loss of the node; its cause is the NodeLostError. A node that comes back gets another life.
	life context.Context
	end  context.CancelCauseFunc
	// failingSince is the time of the first ping without an answer since the last answer; zero: the last ping was
	// answered. changed is closed at the next answer of a ping, and at the loss.
	failingSince time.Time
	changed      chan struct{}
	// watching ends with the pings of the node.
	watching context.Context
}

func newNode(n Node, watching context.Context) *node {
	own := &node{Node: n, changed: make(chan struct{}), watching: watching}
	own.life, own.end = context.WithCancelCause(context.Background())
	return own
}

// lost returns the error of a lost node, or nil.
func (n *node) lost() error {
	life, _ := n.state()
	return context.Cause(life)
}

func (n *node) isUsable() bool { return n.lost() == nil }

// isAnswering reports whether the node is not lost, and has answered the last ping.
func (n *node) isAnswering() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.life.Err() == nil && n.failingSince.IsZero()
}

func (n *node) state() (life context.Context, changed <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.life, n.changed
}

// lose ends the life of the node.
func (n *node) lose(reason string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.end(&engine.NodeLostError{Node: n.Name, Reason: reason})
	n.announceChange()
}

// revive gives a lost node that answers again another life, and reports whether the node has returned.
func (n *node) revive() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.life.Err() == nil || !n.failingSince.IsZero() {
		return false
	}
	n.life, n.end = context.WithCancelCause(context.Background())
	return true
}

func (n *node) announceChange() {
	close(n.changed)
	n.changed = make(chan struct{})
}

// ping asks the node for an answer, and returns the time without an answer.
func (n *node) ping(ctx context.Context, timeout time.Duration) (silence time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	err = n.Engine.Ping(ctx)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil {
		n.failingSince = time.Time{}
		n.announceChange()
		return 0, nil
	}
	if n.failingSince.IsZero() {
		n.failingSince = began
	}
	return time.Since(n.failingSince), err
}

// watch pings the node until the end of ctx, and declares the node lost after a long silence.
func (n *node) watch(ctx context.Context, directory Directory) {
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		silence, err := n.ping(ctx, pingTimeout)
		if err == nil || ctx.Err() != nil || !n.isUsable() {
			continue
		}
		if silence >= lostAlone || silence >= lostAfter && !isReady(ctx, directory, n.Name) {
			n.lose(fmt.Sprintf("gave no answer for %d s", int(silence.Seconds())))
		}
	}
}

// isReady asks the directory about a node. Without a directory the own ping decides. A directory without an answer
// leaves the decision to [lostAlone].
func isReady(ctx context.Context, directory Directory, name string) bool {
	if directory == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, directoryTimeout)
	defer cancel()
	ready, err := directory.IsReady(ctx, name)
	return err != nil || ready
}

// onNode performs a call on a node. The loss of the node ends the call.
func onNode[T any](ctx context.Context, n *node, do func(context.Context) (T, error)) (T, error) {
	answer := new(T)
	hasAnswer, err := n.perform(ctx, func(ctx context.Context) (err error) {
		*answer, err = do(ctx)
		return err
	})
	if !hasAnswer {
		answer = new(T) // the call may still write into the other one
	}
	return *answer, err
}

// perform performs a call on a node, and reports whether the call has returned. The loss of the node ends the call.
func (n *node) perform(ctx context.Context, do func(context.Context) error) (hasReturned bool, err error) {
	life, _ := n.state()
	if err := context.Cause(life); err != nil {
		return false, err
	}
	call, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ends := make(chan error, 1)
	go func() { ends <- do(call) }()
	select {
	case err := <-ends:
		return true, n.settle(ctx, life, err)
	case <-life.Done():
	}
	cancel(context.Cause(life))
	timer := time.NewTimer(returnTimeout)
	defer timer.Stop()
	select {
	case err := <-ends:
		if err == nil {
			return true, nil
		}
	case <-timer.C:
	}
	return false, context.Cause(life)
}

// settle decides about the error of a call. If the node answers a ping, the error is the node's own. Else settle waits
// until the node answers again or is lost.
func (n *node) settle(ctx, life context.Context, err error) error {
	if err == nil || ctx.Err() != nil || isAnswer(err) {
		return err
	}
	if _, pingErr := n.ping(ctx, pingTimeout); pingErr == nil {
		return err
	}
	_, changed := n.state()
	select {
	case <-life.Done():
		return context.Cause(life)
	case <-changed:
		if lost := context.Cause(life); lost != nil {
			return lost
		}
	case <-ctx.Done():
	case <-n.watching.Done():
	}
	return err
}

// isAnswer reports whether an error is an answer of the engine.
func isAnswer(err error) bool {
	_, isRejection := errors.AsType[*engine.Rejection](err)
	_, isPort := errors.AsType[*engine.PortTakenError](err)
	return isRejection || isPort || errdefs.IsNotFound(err) || errdefs.IsConflict(err) || errdefs.IsNotImplemented(err) ||
		errdefs.IsInvalidArgument(err)
}

// doOnNode is [onNode] for a call without a result.
func doOnNode(ctx context.Context, n *node, do func(context.Context) error) error {
	_, err := onNode(ctx, n, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

// streamContext returns a context for a stream, which outlives the call that opens the stream. The loss of the node
// ends the context.
func streamContext(ctx context.Context, n *node) (context.Context, error) {
	life, _ := n.state()
	if err := context.Cause(life); err != nil {
		return nil, err
	}
	stream, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(life, func() { cancel(context.Cause(life)) })
	context.AfterFunc(ctx, func() { stop() })
	return stream, nil
}

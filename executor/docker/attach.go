package docker

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
)

// Attach implements [engine.Engine]. The connection outlives ctx; Close ends it.
func (e *Engine) Attach(ctx context.Context, id string, opts engine.AttachOptions) (engine.Attachment, error) {
	var attached *attachment
	err := e.call(ctx, "attach to container "+shortID(id), func(api *client.Client) error {
		stream, err := hijack(ctx, func() (client.HijackedResponse, error) {
			result, err := api.ContainerAttach(ctx, id, client.ContainerAttachOptions{
				Stream: true, Stdin: opts.Stdin, Stdout: true, Stderr: true, DetachKeys: opts.DetachKeys,
			})
			return result.HijackedResponse, err
		})
		if err == nil {
			attached = &attachment{stream: stream, tty: opts.TTY}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return attached, nil
}

// hijack opens a connection of its own. The client does not look at the context while it waits for the engine to hand the
// connection over, so that it is done aside; what comes too late is closed.
func hijack(ctx context.Context, open func() (client.HijackedResponse, error)) (client.HijackedResponse, error) {
	type opened struct {
		stream client.HijackedResponse
		err    error
	}
	result := make(chan opened, 1)
	go func() {
		stream, err := open()
		result <- opened{stream, upgradeError(err)}
	}()
	select {
	case r := <-result:
		return r.stream, r.err
	case <-ctx.Done():
		go func() {
			if r := <-result; r.err == nil {
				r.stream.Close()
			}
		}()
		return client.HijackedResponse{}, ctx.Err()
	}
}

// attachment is a connection that the engine has handed over.
type attachment struct {
	stream client.HijackedResponse
	tty    bool
	// midLine says that what was written last does not end a line. Only the writer touches it.
	midLine bool
	closed  atomic.Bool
	once    sync.Once
	err     error
}

// Copy implements [engine.Attachment]. It ends without error when Close is called.
func (a *attachment) Copy(stdout, stderr io.Writer) error {
	err := demultiplex(a.stream.Reader, a.tty, stdout, stderr)
	if a.closed.Load() {
		return nil
	}
	return err
}

func (a *attachment) Write(p []byte) (int, error) {
	if len(p) > 0 {
		a.midLine = p[len(p)-1] != '\n'
	}
	return a.stream.Conn.Write(p)
}

// endOfInput is Ctrl-D, which a terminal takes for the end of its input at the beginning of a line; within one, the first
// only hands over what was typed so far.
const endOfInput = "\x04"

// CloseWrite implements [engine.Attachment]. Closing the input of a container with a terminal makes the engine give up
// its output as well (moby, container/stream), so that the end is typed.
func (a *attachment) CloseWrite() error {
	if !a.tty {
		return a.stream.CloseWrite()
	}
	end := endOfInput
	if a.midLine {
		end += endOfInput
	}
	_, err := io.WriteString(a.stream.Conn, end)
	return err
}

// Close implements [engine.Attachment]; again is no error.
func (a *attachment) Close() error {
	a.once.Do(func() {
		a.closed.Store(true)
		a.err = a.stream.Conn.Close()
	})
	return a.err
}

// Wait implements [engine.Engine]. The client returns once the response's header is there, and the engine sends that
// only after it has registered the wait.
func (e *Engine) Wait(ctx context.Context, id string) (<-chan engine.Exit, error) {
	op := "wait for container " + shortID(id)
	exits := make(chan engine.Exit, 1)
	err := e.call(ctx, op, func(api *client.Client) error {
		wait := api.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionNextExit})
		select {
		case err := <-wait.Error:
			return err
		default:
		}
		go func() { exits <- e.exit(ctx, op, wait) }()
		return nil
	})
	return exits, err
}

// exit takes the one answer that always comes, because the client's reading ends with ctx.
func (e *Engine) exit(ctx context.Context, op string, wait client.ContainerWaitResult) engine.Exit {
	select {
	case r := <-wait.Result:
		if r.Error != nil {
			return engine.Exit{Err: &callError{op: op, err: errors.New(r.Error.Message)}}
		}
		return engine.Exit{Code: int(r.StatusCode)}
	case err := <-wait.Error:
		return engine.Exit{Err: e.wrapError(ctx, op, err)}
	}
}

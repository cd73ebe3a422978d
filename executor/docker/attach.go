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

// Attach implements [engine.Engine]. The connection outlives ctx. Close ends the connection.
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

// hijack opens a connection outside the client's pool. The client ignores the context while the engine hands the
// connection over. Therefore the request runs in its own goroutine. A connection that arrives too late is closed.
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
	// midLine reports whether the last write left a line open. Only the writer uses this field.
	midLine bool
	closed  atomic.Bool
	once    sync.Once
	err     error
}

// Copy implements [engine.Attachment]. After Close, Copy ends without error.
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

// endOfInput is Ctrl-D. At the beginning of a line, a terminal takes Ctrl-D for the end of the input. Within a line,
// the first Ctrl-D only submits the typed characters.
const endOfInput = "\x04"

// CloseWrite implements [engine.Attachment]. If the input of a container with a terminal is closed, the engine closes
// the output too (moby, container/stream). Therefore a terminal gets Ctrl-D instead.
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

// Close implements [engine.Attachment]. A second call returns the same result.
func (a *attachment) Close() error {
	a.once.Do(func() {
		a.closed.Store(true)
		a.err = a.stream.Conn.Close()
	})
	return a.err
}

// Wait implements [engine.Engine]. The client returns after the response's header has arrived. The engine sends the
// header after the registration of the wait.
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
		go func() { exits <- e.waitForExit(ctx, op, wait) }()
		return nil
	})
	return exits, err
}

// waitForExit returns the only answer of a wait. There is always an answer, because ctx ends the client's reading.
func (c *apiConnection) waitForExit(ctx context.Context, op string, wait client.ContainerWaitResult) engine.Exit {
	select {
	case r := <-wait.Result:
		if r.Error != nil {
			return engine.Exit{Err: &callError{op: op, err: errors.New(r.Error.Message)}}
		}
		return engine.Exit{Code: int(r.StatusCode)}
	case err := <-wait.Error:
		return engine.Exit{Err: c.wrapError(ctx, op, err)}
	}
}

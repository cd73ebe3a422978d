package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// dialer opens a connection.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// withReadError wraps the connections of a program that is to connect, such as ssh. When it has ended, a write to it fails with
// a broken pipe, or with a closed one where a read has noticed the end first; what it said on its way out is learned by
// reading only.
func withReadError(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if program, ok := conn.(halfCloser); ok {
			conn = &readErrorConn{halfCloser: program}
		}
		return conn, err
	}
}

// halfCloser is what a connection through a program can do.
type halfCloser interface {
	net.Conn
	CloseRead() error
	CloseWrite() error
}

type readErrorConn struct {
	halfCloser
	// reading is held by who reads. why is what the first failing read said.
	reading sync.Mutex
	readErr error
}

func (c *readErrorConn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	n, err := c.halfCloser.Read(p)
	if c.readErr == nil {
		c.readErr = err
	}
	return n, err
}

func (c *readErrorConn) Write(p []byte) (int, error) {
	n, err := c.halfCloser.Write(p)
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, os.ErrClosed) {
		return n, err
	}
	if why := c.firstReadError(); why != nil && !errors.Is(why, io.EOF) {
		err = why
	}
	return n, err
}

// firstReadError waits for a read under way: the program has ended, so that it returns soon.
func (c *readErrorConn) firstReadError() error {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.readErr == nil {
		_, c.readErr = c.halfCloser.Read(make([]byte, 1))
	}
	return c.readErr
}

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

// explained wraps the connections of a program that is to connect, such as ssh. When it has ended, a write to it fails with
// a broken pipe, or with a closed one where a read has noticed the end first; what it said on its way out is learned by
// reading only.
func explained(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if through, ok := conn.(halfCloser); ok {
			conn = &explainedConn{halfCloser: through}
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

type explainedConn struct {
	halfCloser
	// reading is held by who reads. why is what the first failing read said.
	reading sync.Mutex
	why     error
}

func (c *explainedConn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	n, err := c.halfCloser.Read(p)
	if c.why == nil {
		c.why = err
	}
	return n, err
}

func (c *explainedConn) Write(p []byte) (int, error) {
	n, err := c.halfCloser.Write(p)
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, os.ErrClosed) {
		return n, err
	}
	if why := c.explanation(); why != nil && !errors.Is(why, io.EOF) {
		err = why
	}
	return n, err
}

// explanation waits for a read under way: the program has ended, so that it returns soon.
func (c *explainedConn) explanation() error {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.why == nil {
		_, c.why = c.halfCloser.Read(make([]byte, 1))
	}
	return c.why
}

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

// withReadError wraps the connections through a program, such as ssh. After the end of the program, a write fails with
// a broken pipe, or with a closed pipe if a read noticed the end before. Only a read returns the program's last
// message.
func withReadError(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if program, ok := conn.(halfCloser); ok {
			conn = &readErrorConn{halfCloser: program}
		}
		return conn, err
	}
}

// halfCloser is a connection through a program.
type halfCloser interface {
	net.Conn
	CloseRead() error
	CloseWrite() error
}

type readErrorConn struct {
	halfCloser
	// reading guards readErr, the error of the first failed read.
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

// firstReadError waits for a read under way. The program has ended, so the read returns soon.
func (c *readErrorConn) firstReadError() error {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.readErr == nil {
		_, c.readErr = c.halfCloser.Read(make([]byte, 1))
	}
	return c.readErr
}

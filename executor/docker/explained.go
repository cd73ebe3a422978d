package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
)

// dialer opens a connection.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// explained wraps the connections of a program that is to connect, such as ssh. When it has ended, a write to it fails with
// a broken pipe; what it said on its way out is learned by reading only.
func explained(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if through, ok := conn.(halfCloser); ok {
			conn = explainedConn{through}
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

type explainedConn struct{ halfCloser }

func (c explainedConn) Write(p []byte) (int, error) {
	n, err := c.halfCloser.Write(p)
	if !errors.Is(err, syscall.EPIPE) {
		return n, err
	}
	if _, why := c.Read(make([]byte, 1)); why != nil && !errors.Is(why, io.EOF) {
		err = why
	}
	return n, err
}

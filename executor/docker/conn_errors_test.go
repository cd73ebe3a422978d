package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// endedConn is a connection through an ended program.
type endedConn struct {
	net.Conn
	why error
}

func (c endedConn) Write([]byte) (int, error) { return 0, syscall.EPIPE }
func (c endedConn) Read([]byte) (int, error)  { return 0, c.why }
func (c endedConn) CloseRead() error          { return nil }
func (c endedConn) CloseWrite() error         { return nil }

func TestWriteToAProgramThatHasEnded(t *testing.T) {
	for _, test := range []struct {
		why  error
		want string
	}{{errors.New("stderr=no such host"), "no such host"}, {io.EOF, "broken pipe"}} {
		dial := withReadError(func(context.Context, string, string) (net.Conn, error) { return endedConn{why: test.why}, nil })
		conn, err := dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte("x")); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v; want %q", err, test.want)
		}
		if _, ok := conn.(interface{ CloseWrite() error }); !ok {
			t.Error("the connection cannot be closed by half any more")
		}
	}
}

// noticedConn is a connection with an early end: a read notices the end first and closes the writing side. The message
// of the program follows.
type noticedConn struct {
	net.Conn
	noticed, wrote chan struct{}
	read           bool
}

func (c *noticedConn) Write([]byte) (int, error) {
	<-c.noticed
	defer close(c.wrote)
	return 0, os.ErrClosed
}

func (c *noticedConn) Read([]byte) (int, error) {
	if c.read {
		return 0, os.ErrClosed
	}
	c.read = true
	close(c.noticed)
	<-c.wrote
	return 0, errors.New("stderr=no such host")
}

func (*noticedConn) CloseRead() error  { return nil }
func (*noticedConn) CloseWrite() error { return nil }

func TestWriteAfterAReadHasNoticedTheEnd(t *testing.T) {
	dial := withReadError(func(context.Context, string, string) (net.Conn, error) {
		return &noticedConn{noticed: make(chan struct{}), wrote: make(chan struct{})}, nil
	})
	conn, err := dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = conn.Read(make([]byte, 1)) }()
	if _, err := conn.Write([]byte("x")); err == nil || !strings.Contains(err.Error(), "no such host") {
		t.Errorf("%v; want what the program has said", err)
	}
}

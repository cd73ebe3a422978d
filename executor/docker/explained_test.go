package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
)

// endedConn is a connection through a program that has ended.
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
		dial := explained(func(context.Context, string, string) (net.Conn, error) { return endedConn{why: test.why}, nil })
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

//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSignalsCounts(t *testing.T) {
	c := start(t, "signals")
	c.expect("ready")
	c.signal(syscall.SIGHUP)
	c.expect("SIGHUP 1")
	c.signal(syscall.SIGINT)
	c.expect("SIGINT 1")
	c.signal(syscall.SIGHUP)
	c.expect("SIGHUP 2")
	c.signal(syscall.SIGINT)
	c.expect("SIGINT 2")
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestIgnore(t *testing.T) {
	c := start(t, "ignore", "TERM", "SIGINT")
	c.expect("ready")
	c.signal(syscall.SIGTERM)
	c.signal(syscall.SIGINT)
	time.Sleep(20 * time.Millisecond) // long enough for a signal that is not ignored
	c.signal(syscall.SIGHUP)
	if code := c.end(); code != 129 {
		t.Errorf("exit code %d, want 129 of SIGHUP", code)
	}
}

func TestProgramsEndOnSignals(t *testing.T) {
	tests := []struct {
		script string
		signal os.Signal
		want   int
	}{
		{"echo ready; exec sleep infinity", syscall.SIGTERM, 143},
		{"echo ready; sleep 1h", syscall.SIGINT, 130},
		{"echo ready; env sleep 1h", syscall.SIGQUIT, 131},
	}
	for _, test := range tests {
		c := start(t, "sh", "-c", test.script)
		c.expect("ready")
		time.Sleep(200 * time.Millisecond) // until sleep runs; before, the shell itself ends in the same way
		c.signal(test.signal)
		if code := c.end(); code != test.want {
			t.Errorf("%s: exit code %d, want %d", test.script, code, test.want)
		}
	}
}

func TestSignalNames(t *testing.T) {
	for name, want := range map[string]syscall.Signal{"TERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT, "9": syscall.SIGKILL} {
		if got, err := signalByName(name); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", name, got, err, want)
		}
	}
	if got := signalName(syscall.SIGPIPE); got != syscall.SIGPIPE.String() {
		t.Errorf("a signal that is not in the list is called %q", got)
	}
}

// freeAddress returns an address without a listener.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestServeTCP(t *testing.T) {
	addr := freeAddress(t)
	c := start(t, "serve", "-tcp", addr, "-after", "50ms")
	c.expect("listening on " + addr)
	if got := finish(t, program(t, "probe", "tcp", addr)); got != (outcome{out: "ok\n"}) {
		t.Errorf("probe: %+v", got)
	}
	cmd := program(t, "dial", addr)
	cmd.Stdin = strings.NewReader("one\ntwo\n")
	if got := finish(t, cmd); got != (outcome{out: "one\ntwo\n"}) {
		t.Errorf("dial: %+v", got)
	}
	c.signal(syscall.SIGTERM)
	if code := c.end(); code != 143 {
		t.Errorf("exit code %d, want 143", code)
	}
}

func TestServeHTTP(t *testing.T) {
	addr := freeAddress(t)
	c := start(t, "serve", "-http", addr)
	c.expect("listening on " + addr)
	tests := map[string]outcome{
		"/healthz":    {out: "ok\n"},
		"/status/204": {out: "ok\n"},
		"/status/503": {err: fmt.Sprintf("probe: %s/status/503 answers 503 Service Unavailable\n", addr), code: 1},
	}
	for path, want := range tests {
		if got := finish(t, program(t, "probe", "http", addr+path)); got != want {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
	c.signal(syscall.SIGTERM)
	c.end()
}

func TestServeIsSilentBeforeItsTime(t *testing.T) {
	addr := freeAddress(t)
	c := start(t, "serve", "-tcp", addr, "-after", "1h")
	if got := finish(t, program(t, "probe", "tcp", addr)); got.code != 1 {
		t.Errorf("probe: %+v", got)
	}
	c.signal(syscall.SIGKILL)
	c.end()
}

func TestServeEndsInTime(t *testing.T) {
	if got := finish(t, program(t, "serve", "-tcp", "127.0.0.1:0", "-for", "30ms")); got.code != 0 || !strings.HasPrefix(got.out, "listening on 127.0.0.1:") {
		t.Errorf("%+v", got)
	}
}

func TestServeOnATakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := finish(t, program(t, "serve", "-tcp", l.Addr().String())); got.code != 1 || !strings.Contains(got.err, "address already in use") {
		t.Errorf("%+v", got)
	}
}

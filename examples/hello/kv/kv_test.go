package main

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

// startStore starts a store on a free port and points the client to the port.
func startStore(t *testing.T) client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- newStore().serve(l) }()
	t.Cleanup(func() {
		l.Close()
		if err := <-done; err != nil {
			t.Errorf("serve ended with %v", err)
		}
	})
	t.Setenv("KV_ADDR", l.Addr().String())
	return client{addr: l.Addr().String()}
}

func TestStoreAnswer(t *testing.T) {
	s := newStore()
	steps := []struct{ question, want string }{
		{"PING", "OK"},
		{"GET a", "NONE"},
		{"SET a 1 2  3", "OK"},
		{"GET a", "VALUE 1 2  3"},
		{"SET a ", "OK"},
		{"GET a", "VALUE "},
		{"SET a", `ERROR cannot understand "SET a"`},
		{"GET a b", `ERROR cannot understand "GET a b"`},
		{"GET", `ERROR cannot understand "GET"`},
		{"", `ERROR cannot understand ""`},
	}
	for _, step := range steps {
		if got := s.answer(step.question); got != step.want {
			t.Errorf("%q: %q, want %q", step.question, got, step.want)
		}
	}
}

func TestCommands(t *testing.T) {
	startStore(t)
	steps := []struct{ args, out, err string }{
		{"ping", "", ""},
		{"get color", "", `no value for "color"`},
		{"set color blue", "", ""},
		{"get color", "blue\n", ""},
		{"hello", "Hello from a container, by way of the store.\n", ""},
		{"set color", "", "unknown command"},
		{"", "", "unknown command"},
	}
	for _, step := range steps {
		var out bytes.Buffer
		err := run(strings.Fields(step.args), &out)
		if out.String() != step.out {
			t.Errorf("kv %s prints %q, want %q", step.args, out.String(), step.out)
		}
		if (err == nil) != (step.err == "") || err != nil && !strings.Contains(err.Error(), step.err) {
			t.Errorf("kv %s: %v, want %q", step.args, err, step.err)
		}
	}
}

func TestClientRefusesWhatIsNotOneLine(t *testing.T) {
	c := startStore(t)
	for key, value := range map[string]string{"": "x", "a b": "x", "a\n": "x", "a": "x\ny"} {
		if err := c.set(key, value); err == nil {
			t.Errorf("set %q %q was taken", key, value)
		}
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	c := startStore(t)
	errs := make(chan error)
	for n := range 16 {
		go func() {
			if n%2 == 0 {
				errs <- c.set("k", "v")
				return
			}
			errs <- c.ping()
		}()
	}
	for range 16 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if v, err := c.get("k"); v != "v" || err != nil {
		t.Errorf("got %q, %v", v, err)
	}
}

func TestPingWithoutStore(t *testing.T) {
	t.Setenv("KV_ADDR", "127.0.0.1:1")
	if err := run([]string{"ping"}, &bytes.Buffer{}); err == nil {
		t.Error("ping succeeds without a listener")
	}
}

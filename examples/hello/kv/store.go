package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
)

// store keeps values by key in memory.
//
// The protocol has lines: "PING" is answered by "OK"; "SET key value" by "OK"; "GET key" by "VALUE value" or "NONE";
// anything else by "ERROR …". A connection may carry many requests.
type store struct {
	mu     sync.RWMutex
	values map[string]string
}

func newStore() *store {
	return &store{values: map[string]string{}}
}

// serve answers until the listener is closed.
func (s *store) serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go s.serveConn(conn)
	}
}

func (s *store) serveConn(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if _, err := fmt.Fprintln(conn, s.answer(lines.Text())); err != nil {
			return
		}
	}
}

func (s *store) answer(line string) string {
	verb, rest, _ := strings.Cut(line, " ")
	key, value, hasValue := strings.Cut(rest, " ")
	switch {
	case verb == "PING" && rest == "":
		return "OK"
	case verb == "SET" && key != "" && hasValue:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.values[key] = value
		return "OK"
	case verb == "GET" && key != "" && !hasValue:
		s.mu.RLock()
		defer s.mu.RUnlock()
		if value, ok := s.values[key]; ok {
			return "VALUE " + value
		}
		return "NONE"
	}
	return fmt.Sprintf("ERROR cannot understand %q", line)
}

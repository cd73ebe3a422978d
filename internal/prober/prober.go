// Package prober holds a small program for work inside a service container, built for the machines of engines. The
// program probes a port, and signals the processes of a command. The package also has the same probe for callers that
// reach the container directly.
package prober

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the program
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tasks/internal/prober/wire"
)

// Path is the program's path in a container. Every image has a root directory, but no image must have another.
const Path = "/.tasks-prober"

// The compressed programs. `go test ./internal/prober -update` builds both.
var (
	//go:embed prober-linux-amd64.gz
	amd64 string
	//go:embed prober-linux-arm64.gz
	arm64 string
)

// Program returns the program for a Linux engine of an architecture, in Go's names.
func Program(arch string) ([]byte, error) {
	compressed, known := map[string]string{"amd64": amd64, "arm64": arm64}[arch]
	if !known {
		return nil, fmt.Errorf("there is no prober for engines on linux/%s", arch)
	}
	r, err := gzip.NewReader(strings.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// SignalEnviron returns the variables for signalling all processes with a mark "NAME=VALUE" in the environment.
func SignalEnviron(mark string, signal int) map[string]string {
	return map[string]string{wire.Mark: mark, wire.Signal: strconv.Itoa(signal)}
}

// HoldEnviron returns the variables for a program that runs until the end of stdin.
func HoldEnviron() map[string]string { return map[string]string{wire.Tunnel: wire.Hold} }

// ConnectEnviron returns the variables for a program that connects stdin and stdout to the first address that accepts a
// connection.
func ConnectEnviron(addresses []netip.AddrPort) map[string]string {
	environ := Target{Addresses: addresses, Interval: time.Second, Timeout: time.Second}.Environ()
	environ[wire.Tunnel] = wire.Connect
	return environ
}

// Target is a target of a probe.
type Target struct {
	// Addresses are tried in order. A single answer is enough.
	Addresses []netip.AddrPort
	// HTTP requests Path from Host, and expects a 2xx or 3xx. Without HTTP, an accepted connection is enough.
	HTTP       bool
	Host, Path string
	// Interval is the pause between two tries. The program gives up after Timeout. Both are rounded up to milliseconds.
	Interval, Timeout time.Duration
}

// Environ returns the variables that describe the target to the program.
func (t Target) Environ() map[string]string {
	var addresses []string
	for _, a := range t.Addresses {
		addresses = append(addresses, fmt.Sprintf("%x/%d/%s", a.Addr().AsSlice(), a.Port(), a))
	}
	kind := wire.TCP
	if t.HTTP {
		kind = wire.HTTP
	}
	return map[string]string{
		wire.Kind: kind, wire.Addresses: strings.Join(addresses, " "), wire.Host: t.Host, wire.Path: t.Path,
		wire.Interval: milliseconds(t.Interval), wire.Timeout: milliseconds(t.Timeout),
	}
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Millisecond-1)/time.Millisecond), 10)
}

// Check finishes a try on an open connection, and closes the connection. An empty failure means ready.
func (t Target) Check(conn net.Conn, deadline time.Time) (failure string) {
	defer conn.Close()
	if !t.HTTP {
		return ""
	}
	err := conn.SetDeadline(deadline)
	if err == nil {
		_, err = io.WriteString(conn, wire.Request(t.Host, t.Path))
	}
	if err != nil {
		return err.Error()
	}
	response, err := firstLine(conn)
	if err != nil {
		return err.Error()
	}
	return wire.Verdict(response)
}

// firstLine reads a whole line, or everything until the end.
func firstLine(conn net.Conn) (string, error) {
	response := make([]byte, 0, wire.AnswerLimit)
	for len(response) < cap(response) && !bytes.ContainsRune(response, '\n') {
		n, err := conn.Read(response[len(response):cap(response)])
		response = response[:len(response)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return string(response), nil
}

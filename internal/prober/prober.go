// Package prober has the small program that does what has to be done from inside a service's container, built for the machines
// that engines run on: it tries a port, and signals the processes of a command. The same try is here for those who can reach
// the container from here.
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

// Path is where the program is put in a container: the root directory is the only one that every image has.
const Path = "/.tasks-prober"

// The program, compressed. `go test ./internal/prober -update` builds it anew.
var (
	//go:embed prober-linux-amd64.gz
	amd64 string
	//go:embed prober-linux-arm64.gz
	arm64 string
)

// Program is the program for a Linux engine of this architecture, in Go's names.
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

// SignalEnviron are the variables that have the program signal the processes whose environment has a mark, "NAME=VALUE".
func SignalEnviron(mark string, signal int) map[string]string {
	return map[string]string{wire.Mark: mark, wire.Signal: strconv.Itoa(signal)}
}

// Target is what to try.
type Target struct {
	// Addresses are tried one after the other; one that answers is enough.
	Addresses []netip.AddrPort
	// HTTP asks for Path under the name Host, and wants a 2xx or 3xx. Otherwise an accepted connection is enough.
	HTTP       bool
	Host, Path string
	// Interval is the pause between two tries, Timeout the time after which the program gives up by itself. Both are
	// rounded up to milliseconds.
	Interval, Timeout time.Duration
}

// Environ are the variables that tell the program about the target.
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

// Check makes on a connection that is open already the rest of a try, and closes it. No failure: it is ready.
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

// firstLine reads until there is a whole line, or nothing more.
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

//go:build linux

package faults

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// callFault is a fault of an engine call.
type callFault string

const (
	// refused: the engine answers 500, without an effect.
	refused callFault = "refused"
	// cut: the connection ends before the engine has received the request. cutAfter: the connection ends before the
	// answer, with the request done.
	cut      callFault = "cut"
	cutAfter callFault = "cut after it was done"
	// severed: the connection ends soon after the start of the answer, with an effect on streams.
	severed callFault = "severed in the answer"
	// hanging and hangingAfter: like cut and cutAfter, but the connection stays open without data.
	hanging      callFault = "hanging"
	hangingAfter callFault = "hanging after it was done"
	// lost: from this call on, the engine is unreachable. frozen: from this call on, the engine is silent, also on the
	// streams under way.
	lost   callFault = "engine lost"
	frozen callFault = "engine frozen"
)

// countedTwins is how often the same reading call counts. A busy machine repeats the calls that wait for something.
const countedTwins = 3

func callFaults() []callFault {
	return []callFault{refused, cut, cutAfter, severed, hanging, hangingAfter, lost, frozen}
}

// proxy relays between the program and the engine, counts calls, and makes a call fail.
type proxy struct {
	listener net.Listener
	dial     func() (net.Conn, error)
	mishap   callFault
	at       int

	mu     sync.Mutex
	count  int
	isLost bool
	// twins counts the calls that look the same. silent is closed for a frozen engine, done at the end.
	twins  map[string]int
	silent chan struct{}
	done   chan struct{}
	conns  map[net.Conn]bool
	hit    chan struct{}
	// faultyCall is the call with the fault.
	faultyCall string
	calls      []string
}

// newProxy listens at a new socket. at counts from 1; 0 means no fault.
func newProxy(t *testing.T, engine *client.Client, m callFault, at int) *proxy {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	dial := engine.Dialer()
	p := &proxy{listener: listener, mishap: m, at: at, conns: map[net.Conn]bool{}, hit: make(chan struct{})}
	p.twins, p.silent, p.done = map[string]int{}, make(chan struct{}), make(chan struct{})
	p.dial = func() (net.Conn, error) { return dial(t.Context()) }
	go p.serve()
	return p
}

func (p *proxy) address() string { return "unix://" + p.listener.Addr().String() }

// close ends all connections.
func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isLost {
		close(p.done)
	}
	p.isLost = true
	for conn := range p.conns {
		conn.Close()
	}
}

func (p *proxy) serve() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.track(conn) {
			go p.connection(conn)
		}
	}
}

// track records a connection. A lost engine has no connections.
func (p *proxy) track(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isLost {
		conn.Close()
		return false
	}
	p.conns[conn] = true
	return true
}

// nextFault counts a call, and returns the call's fault.
func (p *proxy) nextFault(r *http.Request) callFault {
	p.mu.Lock()
	mine := false
	if p.isCounted(r) {
		p.count++
		p.calls = append(p.calls, r.Method+" "+r.URL.String())
		mine = p.count == p.at
	}
	if mine {
		p.faultyCall = fmt.Sprintf("call %d, %s %s", p.at, r.Method, r.URL)
		close(p.hit)
	}
	p.mu.Unlock()
	switch {
	case !mine:
		return ""
	case p.mishap == lost:
		p.close()
	case p.mishap == frozen:
		close(p.silent)
	}
	return p.mishap
}

// execID is the id of a command in a container, in the path of a call.
var execID = regexp.MustCompile(`/exec/[0-9a-f]+/`)

// isCounted reports whether a call counts. The further repetitions of a reading call, or of a probe in a container, do
// not: their number depends on the speed of the machine.
func (p *proxy) isCounted(r *http.Request) bool {
	path := execID.ReplaceAllString(r.URL.String(), "/exec/ID/")
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.Contains(path, "/exec") {
		return true
	}
	p.twins[r.Method+" "+path]++
	return p.twins[r.Method+" "+path] <= countedTwins
}

// holdSilent waits for the end of a frozen engine.
func (p *proxy) holdSilent() {
	select {
	case <-p.silent:
		<-p.done
	default:
	}
}

// heldReader reads from an engine that may freeze.
type heldReader struct {
	proxy *proxy
	r     io.Reader
}

func (h heldReader) Read(b []byte) (int, error) {
	n, err := h.r.Read(b)
	h.proxy.holdSilent()
	return n, err
}

// connection relays successive requests.
func (p *proxy) connection(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	back, err := p.dial()
	if err != nil || !p.track(back) {
		return
	}
	defer back.Close()
	answers := bufio.NewReader(heldReader{p, back})
	for {
		request, err := http.ReadRequest(in)
		if err != nil || !p.forward(conn, in, back, answers, request) {
			return
		}
	}
}

// forward relays a request and the answer, and reports whether the connection is still usable.
func (p *proxy) forward(conn net.Conn, in *bufio.Reader, back net.Conn, answers *bufio.Reader, request *http.Request) bool {
	fate := p.nextFault(request)
	p.holdSilent()
	switch fate {
	case refused:
		io.Copy(io.Discard, request.Body)
		refusal := `{"message":"a fault of the campaign"}`
		_, err := fmt.Fprintf(conn, "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(refusal), refusal)
		return err == nil
	case cut, lost, frozen:
		return false
	case hanging:
		io.Copy(io.Discard, in) // until the other side has enough
		return false
	}
	if request.Write(back) != nil {
		return false
	}
	next := watchClient(in, back)
	answer, err := http.ReadResponse(answers, request)
	if err != nil {
		return false
	}
	switch fate {
	case cutAfter:
		return false
	case hangingAfter:
		<-next
		io.Copy(io.Discard, in)
		return false
	case severed:
		time.AfterFunc(300*time.Millisecond, func() { conn.Close(); back.Close() })
	}
	if answer.StatusCode == http.StatusSwitchingProtocols {
		splice(conn, in, back, answers, answer, next)
		return false
	}
	if answer.Write(conn) != nil || answer.Close {
		return false
	}
	if fate == severed {
		return true
	}
	return <-next
}

// watchClient waits for the program's next bytes during the answer. If the program disconnects, the call ends.
func watchClient(in *bufio.Reader, back net.Conn) <-chan bool {
	next := make(chan bool, 1)
	go func() {
		_, err := in.Peek(1)
		if err != nil {
			if half, ok := back.(interface{ CloseWrite() error }); ok {
				half.CloseWrite()
			}
		}
		next <- err == nil
	}()
	return next
}

// splice joins two connections after the end of HTTP.
func splice(conn net.Conn, in *bufio.Reader, back net.Conn, answers *bufio.Reader, answer *http.Response, next <-chan bool) {
	fmt.Fprintf(conn, "HTTP/1.1 %s\r\n", answer.Status)
	answer.Header.Write(conn)
	io.WriteString(conn, "\r\n")
	go func() {
		if <-next {
			io.Copy(back, in)
			closeWrite(back)
		}
	}()
	io.Copy(conn, answers)
	closeWrite(conn)
}

func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}

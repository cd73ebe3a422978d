package prober

import (
	"context"
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tasks/internal/prober/wire"
	"tasks/internal/testing/embedded"
)

var update = flag.Bool("update", false, "rebuild the checked-in programs")

func TestEmbeddedProgramsMatchTheSource(t *testing.T) {
	embedded.Program{Name: "prober", Limit: 1500, Embedded: Program}.Check(t, *update)
}

func TestUnknownArchitecture(t *testing.T) {
	if _, err := Program("riscv64"); err == nil || !strings.Contains(err.Error(), "linux/riscv64") {
		t.Errorf("error %v", err)
	}
}

// runProber runs the program of this machine until the end.
func runProber(t *testing.T, target Target) (output string, code int) {
	t.Helper()
	return runProberWith(t, target, func() {})
}

// runProberWith calls heard on the program's first output.
func runProberWith(t *testing.T, target Target, onOutput func()) (output string, code int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the program is for Linux")
	}
	program, err := Program(runtime.GOARCH)
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "prober")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path)
	for name, value := range target.Environ() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out := &firstWriteNotifier{onFirstWrite: sync.OnceFunc(onOutput)}
	cmd.Stdout, cmd.Stderr = out, out
	_ = cmd.Run() // the test checks the exit code
	return out.String(), cmd.ProcessState.ExitCode()
}

// firstWriteNotifier reports the first output. Only one goroutine writes, because both streams are the same.
type firstWriteNotifier struct {
	strings.Builder
	onFirstWrite func()
}

func (h *firstWriteNotifier) Write(p []byte) (int, error) {
	defer h.onFirstWrite()
	return h.Builder.Write(p)
}

// probeDirectly probes the same target from this process.
func probeDirectly(t *testing.T, target Target) (failure string) {
	t.Helper()
	var last string
	for _, a := range target.Addresses {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", a.String())
		if err != nil {
			last = err.Error()
			continue
		}
		if last = target.Check(conn, time.Now().Add(time.Second)); last == "" {
			return ""
		}
	}
	return last
}

func TestTargets(t *testing.T) {
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Host + r.URL.String()
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "/down":
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	web := netip.MustParseAddrPort(server.Listener.Addr().String())
	silent := listen(t, func(c net.Conn) { c.Close() })
	other := listen(t, func(c net.Conn) { c.Write([]byte("SSH-2.0-x\x1b[31m\r\n")); c.Close() })
	closed := netip.AddrPortFrom(web.Addr(), 1)
	for name, test := range map[string]struct {
		target  Target
		failure string
		asked   string
	}{
		"tcp":             {target: Target{Addresses: addresses(web)}},
		"tcp refused":     {target: Target{Addresses: addresses(closed)}, failure: "connection refused"},
		"one of several":  {target: Target{Addresses: addresses(closed, web)}},
		"http":            {target: Target{Addresses: addresses(web), HTTP: true, Host: "db:80", Path: "/healthz?a=b"}, asked: "db:80/healthz?a=b"},
		"http redirected": {target: Target{Addresses: addresses(web), HTTP: true, Host: "db", Path: "/redirect"}, asked: "db/redirect"},
		"http down":       {target: Target{Addresses: addresses(web), HTTP: true, Host: "db", Path: "/down"}, asked: "db/down", failure: "answers 503 Service Unavailable"},
		"http silent":     {target: Target{Addresses: addresses(silent), HTTP: true, Host: "db", Path: "/"}, failure: "closed the connection without an answer"},
		"no http":         {target: Target{Addresses: addresses(other), HTTP: true, Host: "db", Path: "/"}, failure: "does not speak HTTP: SSH-2.0-x?[31m"},
		"http refused":    {target: Target{Addresses: addresses(closed), HTTP: true, Host: "db", Path: "/"}, failure: "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			test.target.Interval, test.target.Timeout = time.Millisecond, time.Millisecond
			said, code := runProber(t, test.target)
			want := map[bool]int{true: wire.Ready, false: wire.GaveUp}[test.failure == ""]
			if code != want || !strings.Contains(said, test.failure) || (said == "") != (test.failure == "") {
				t.Errorf("the program ended with %d and said %q; want %d and %q", code, said, want, test.failure)
			}
			if test.asked != "" {
				if got := <-asked; got != test.asked {
					t.Errorf("it asked for %q, want %q", got, test.asked)
				}
			}
			for len(asked) > 0 {
				<-asked
			}
			if got := probeDirectly(t, test.target); !strings.Contains(got, test.failure) || (got == "") != (test.failure == "") {
				t.Errorf("from here: %q, want %q", got, test.failure)
			}
			for len(asked) > 0 {
				<-asked
			}
		})
	}
}

func addresses(list ...netip.AddrPort) []netip.AddrPort { return list }

// listen answers each connection.
func listen(t *testing.T, answer func(net.Conn)) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 1024)
			c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
			c.Read(buf) // unread bytes would reset the connection before the answer arrives
			answer(c)
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

// The program waits until the port opens, and reports the reason for the failures once.
func TestProgramRetries(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(l.Addr().String())
	l.Close()
	open := func() {
		if l, err := net.Listen("tcp", at.String()); err == nil {
			t.Cleanup(func() { l.Close() })
		}
	}
	said, code := runProberWith(t, Target{Addresses: addresses(at), Interval: 10 * time.Millisecond, Timeout: time.Minute}, open)
	if want := at.String() + ": connection refused\n"; code != wire.Ready || said != want {
		t.Errorf("code %d, said %q; want %q", code, said, want)
	}
}

func TestProgramWithoutSettings(t *testing.T) {
	if said, code := runProber(t, Target{}); code != wire.Misuse || !strings.Contains(said, "not started by tasks") {
		t.Errorf("code %d, said %q", code, said)
	}
}

func TestVerdict(t *testing.T) {
	for answer, want := range map[string]string{
		"HTTP/1.1 200 OK\r\n":             "",
		"HTTP/1.0 302 Found\r\nLocation:": "",
		"HTTP/1.1 204\r\n":                "",
		"HTTP/1.1 404 Not Found\r\n":      "answers 404 Not Found",
		"HTTP/1.1 103 Early Hints\r\n":    "answers 103 Early Hints",
		"HTTP/2":                          "does not speak HTTP: HTTP/2",
		"":                                "closed the connection without an answer",
		strings.Repeat("x", 300):          "does not speak HTTP: " + strings.Repeat("x", 60),
	} {
		if got := wire.Verdict(answer); got != want {
			t.Errorf("%q: %q, want %q", answer, got, want)
		}
	}
}

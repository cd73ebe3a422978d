//go:build unix

package apptest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"
)

// callLog lists the calls of the program to the engine.
type callLog struct {
	mu    sync.Mutex
	calls []string
	// reactions are functions by call.
	reactions map[string]func()
}

// React calls do once, after the engine has answered a call such as "POST /containers/kill".
func (l *callLog) React(call string, do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reactions = map[string]func(){call: do}
}

// reaction returns the function for a call, and forgets the function.
func (l *callLog) reaction(call string) func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	do := l.reactions[call]
	delete(l.reactions, call)
	if do == nil {
		return func() {}
	}
	return do
}

// LogCalls puts a log between the program and the engine: method and path of each call, without version, id and query.
func (a *App) LogCalls() *callLog {
	a.T.Helper()
	address := Socket(a.T, a)
	seen := &callLog{}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "engine"})
	proxy.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", address)
	}}
	particular := regexp.MustCompile(`^/v[0-9.]+|/[0-9a-f]{64}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := r.Method + " " + particular.ReplaceAllString(r.URL.Path, "")
		seen.mu.Lock()
		seen.calls = append(seen.calls, call)
		seen.mu.Unlock()
		proxy.ServeHTTP(w, r)
		seen.reaction(call)()
	}))
	near := a.Env
	a.T.Cleanup(func() { server.CloseClientConnections(); server.Close(); a.Env = near })
	a.Env = append(slices.Clone(near), "DOCKER_HOST=tcp://"+server.Listener.Addr().String())
	return seen
}

// Sorted returns the calls, sorted: the order of parallel calls differs from run to run.
func (l *callLog) Sorted() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(slices.Values(l.calls))
}

// SupportsAPI reports whether the engine has at least this version of the API.
func (a *App) SupportsAPI(version string) bool {
	return versions.GreaterThanOrEqualTo(a.Engine.ClientVersion(), version)
}

// NewerAttribute is an attribute of a compose file that older engines do not have.
type NewerAttribute struct {
	// Since is that version of the API.
	Since string
	// Web is the configuration of service web, one attribute a line; more stands behind the services.
	Web, More string
	// Warning is what an older engine's user is told; the run fails, unless StillRuns says that it goes on without.
	Warning   string
	StillRuns bool
	Inspect   func(c container.InspectResponse) (got, want any)
	// Script is a script in such a container that prints prints, and beforehand one that another service runs first.
	Script, Output, Setup string
}

// ExpectRefused expects an error about the attribute from an engine without the attribute.
func (a *App) ExpectRefused(test NewerAttribute) {
	a.T.Helper()
	r := a.Tasks("run", "show")
	if code := map[bool]int{true: 0, false: 125}[test.StillRuns]; r.Code != code {
		a.T.Errorf("code %d, want %d", r.Code, code)
	}
	place := ""
	if strings.Contains(test.Warning, "Docker Engine") {
		place = `compose\.yaml:\d+:\d+: .*`
	}
	if !regexp.MustCompile(place + regexp.QuoteMeta(test.Warning)).MatchString(r.Stderr) {
		a.T.Errorf("stderr lacks %q with a place:\n%s", test.Warning, r.Stderr)
	}
}

// ImageID returns the engine's own id of an image. The id may be that of an image index.
func (a *App) ImageID(ref string) string {
	a.T.Helper()
	image, err := a.Engine.ImageInspect(a.T.Context(), ref)
	if err != nil {
		a.T.Fatal(err)
	}
	return image.ID
}

// RequireImages expects images of the examples on the engine. Without the images the test fails if CI is set, and is
// otherwise skipped.
func (a *App) RequireImages(refs ...string) {
	a.T.Helper()
	for _, ref := range refs {
		if _, err := a.Engine.ImageInspect(a.T.Context(), ref); err == nil {
			continue
		} else if os.Getenv("CI") != "" {
			a.T.Fatalf("the engine lacks an image of the examples: `.ci/run postgres images` makes it (%v)", err)
		} else {
			a.T.Skipf("SKIPPED, NOT TESTED: the engine lacks an image of the examples: `.ci/run postgres images` makes it (%v)", err)
		}
	}
}

// RemoveImage removes an image if the image exists. Cleanups may call this.
func (a *App) RemoveImage(ref string) {
	_, _ = a.Engine.ImageRemove(context.Background(), ref, client.ImageRemoveOptions{Force: true, PruneChildren: true})
}

// RunCopies runs the task with all kinds of copies twice: first with a build, then warm.
func (a *App) RunCopies() {
	a.T.Helper()
	input := strings.Repeat("a line of the input\n", 50_000)
	for range 2 {
		cmd := a.Command("run", "copy")
		cmd.Stdin = strings.NewReader(input)
		r := a.Launch(cmd).Wait()
		if r.Code != 3 {
			a.T.Fatalf("code %d, want 3\n%s", r.Code, r.Stderr)
		}
		if want := input + "the file of " + a.Project + "\n"; r.Stdout != want {
			a.T.Errorf("%d bytes of output, want %d", len(r.Stdout), len(want))
		}
	}
	p := a.Start("run", "wait")
	p.WaitOutput("ready\n")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 143 || r.Stdout != "ready\nSIGTERM 1\n" {
		a.T.Errorf("code %d, output %q; want those of a command that got SIGTERM\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

// Socket returns the address of the machine's engine.
func Socket(t *testing.T, a *App) string {
	t.Helper()
	network, address, _ := strings.Cut(a.Engine.DaemonHost(), "://")
	if network != "unix" {
		t.Skipf("the engine is at %s, and the test needs one at a socket of this machine", a.Engine.DaemonHost())
	}
	return address
}

// DockerConfig gives the program its own configuration of docker.
func (a *App) DockerConfig(text string) {
	a.T.Helper()
	dir := a.T.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
		a.T.Fatal(err)
	}
	a.Env = append(a.Env, "DOCKER_CONFIG="+dir)
}

// ExpectStderr expects an exit code, and all texts on stderr.
func (r Result) ExpectStderr(t *testing.T, code int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Stderr, text) {
			t.Errorf("stderr lacks %q", text)
		}
	}
	if r.Code != code || t.Failed() {
		t.Errorf("code %d, want %d\n%s%s", r.Code, code, r.Stdout, r.Stderr)
	}
}

// UseTCPEngine connects the program to the engine by TCP, as if the engine were on another machine.
func (a *App) UseTCPEngine() {
	a.T.Helper()
	socket, found := strings.CutPrefix(a.Engine.DaemonHost(), "unix://")
	if !found {
		a.T.Skip("the engine is on no socket of this machine")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		a.T.Fatal(err)
	}
	near := a.Env
	a.T.Cleanup(func() { l.Close(); a.Env = near })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go relay(from.(*net.TCPConn), socket)
		}
	}()
	a.Env = append(slices.Clone(near), "DOCKER_HOST=tcp://"+l.Addr().String())
}

// relay copies both directions of a connection until each has ended.
func relay(from *net.TCPConn, socket string) {
	defer from.Close()
	to, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer to.Close()
	done := make(chan struct{})
	go func() {
		io.Copy(to, from)
		to.(*net.UnixConn).CloseWrite()
		close(done)
	}()
	io.Copy(from, to)
	from.CloseWrite()
	<-done
}

// ContainersCreatedDuring returns the names of the containers that the project got during a call.
func (a *App) ContainersCreatedDuring(during func()) []string {
	a.T.Helper()
	ctx, cancel := context.WithTimeout(a.T.Context(), TestTimeout)
	defer cancel()
	labels := map[string]string{"com.docker.compose.project": a.Project}
	stream := a.Engine.Events(ctx, client.EventsListOptions{
		Since:   fmt.Sprint(time.Now().Unix()),
		Filters: make(client.Filters).Add("type", "container").Add("event", "create").Add("label", "com.docker.compose.project="+a.Project),
	})
	during()
	mark := a.Project + "-mark" // all before it has been told when it is
	made, err := a.Engine.ContainerCreate(ctx, client.ContainerCreateOptions{Name: mark, Config: &container.Config{Image: a.Image, Labels: labels}})
	if err != nil {
		a.T.Fatal(err)
	}
	defer a.Engine.ContainerRemove(ctx, made.ID, client.ContainerRemoveOptions{Force: true})
	var names []string
	for {
		select {
		case m := <-stream.Messages:
			name := m.Actor.Attributes["name"]
			if name == mark {
				return names
			}
			names = append(names, strings.TrimPrefix(name, a.Project+"-"))
		case err := <-stream.Err:
			a.T.Fatal(err)
		}
	}
}

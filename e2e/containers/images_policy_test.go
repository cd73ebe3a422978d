//go:build unix

package containers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/testregistry"
)

const unreachableImage = `services:
  web:
    image: "127.0.0.1:1/nothing:1"
    depends_on: [db]
  db:
    @offline
    command: [sleep, infinity]
`

func TestPullNever(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, unreachableImage, webTask)
	if plan := a.Ok("plan", "--pull", "never", "x"); !strings.Contains(plan, "not present locally, and pulling is disabled (--pull says never): the run will fail") {
		t.Errorf("plan:\n%s", plan)
	}
	r := a.Tasks("run", "--pull", "never", "x")
	r.ExpectStderr(t, 125, "service web (compose.yaml:2): image 127.0.0.1:1/nothing:1 is not here, and --pull says never: pull it with `docker pull 127.0.0.1:1/nothing:1`, or change the policy")
}

func TestWrongPullPolicyTouchesNothing(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, unreachableImage, webTask)
	for _, args := range [][]string{{"run", "--pull", "daily", "x"}, {"once", "--pull", "daily", "web"}} {
		r := a.Tasks(args...)
		r.ExpectStderr(t, 2, `--pull must be one of always, missing, if_not_present, never, build, not "daily"`)
		a.ExpectNothingLeft()
	}
}

// TestPullAppliesToDependencies: and for services whose own policy is another.
func TestPullAppliesToDependencies(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	web, db := registry.PushNew(apptest.ToolboxImage.Image(t), "web:1", 100), registry.PushNew(apptest.ToolboxImage.Image(t), "db:1", 100)
	a := apptest.NewApp(t, "services:\n  web: {image: '"+web+"', depends_on: [db]}\n  db: {image: '"+db+"', pull_policy: never, command: [sleep, infinity]}\n", webTask)
	a.DockerConfig(registry.DockerConfig(registry.Password))
	a.Tasks("run", "x").ExpectStderr(t, 125, "service db (compose.yaml:3): image "+db+" is not here, and pull_policy says never")
	a.Tasks("run", "--pull", "missing", "x").ExpectStderr(t, 0, "image "+web+"  pulled (", "image "+db+"  pulled (")
	again := a.Tasks("run", "--pull", "always", "--quiet-pull", "x")
	again.ExpectStderr(t, 0, "image "+web+"  pulling\n", "image "+web+"  pulled (", "image "+db+"  pulling\n", "image "+db+"  pulled (")
	for _, progress := range []string{"layers", "Digest", "Status"} {
		if strings.Contains(again.Stderr, progress) {
			t.Errorf("--quiet-pull shows %s:\n%s", progress, again.Stderr)
		}
	}
	if quiet := a.Tasks("once", "--rm", "--pull", "always", "-q", "web", "echo", "ran"); quiet.Stderr != "" || quiet.Stdout != "ran\n" {
		t.Errorf("--quiet: %+v", quiet)
	}
}

// TestRefreshUsesTheAgeOfTheImage: what was tagged just now is not asked for at a registry that does not exist.
func TestRefreshUsesTheAgeOfTheImage(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "services: {}", webTask)
	ref := "127.0.0.1:1/" + a.Project + ":1"
	a.Tag(a.Image, ref)
	for policy, pulls := range map[string]bool{"daily": false, "weekly": false, "every_12h": false, "every_1s": true} {
		a.Write("compose.yaml", "services:\n  web:\n    image: "+ref+"\n    pull_policy: "+policy+"\nname: @project\n")
		if pulls {
			apptest.Eventually(t, "a second", func() bool { return strings.Contains(a.Ok("plan", "x"), "pull_policy says every_1s, and it is from ") })
		}
		r := a.Tasks("run", "x")
		if pulls {
			r.ExpectStderr(t, 125, "the engine cannot reach 127.0.0.1:1")
			continue
		}
		r.ExpectStderr(t, 0)
		if plan := a.Ok("plan", "x"); !strings.Contains(plan, " ago, and pull_policy says "+policy) {
			t.Errorf("plan:\n%s", plan)
		}
	}
}

// TestPullBeforeBuild: an image with a registry's name is pulled where it is there, and else built.
func TestPullBeforeBuild(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	pushed := registry.PushNew(apptest.ToolboxImage.Image(t), "pushed:1", 100, "ENV VERSION=pulled")
	for name, test := range map[string]struct{ ref, says, prints string }{
		"pushed":     {pushed, "pulled (", "version pulled\n"},
		"not pushed": {registry.Ref("unknown:1"), "warning: it is built: pull image ", "version built\n"},
	} {
		t.Run(name, func(t *testing.T) {
			a := apptest.NewApp(t, "services:\n  web: {image: '"+test.ref+"', build: .}\n", webTask)
			a.DockerConfig(registry.DockerConfig(registry.Password))
			a.Write("Dockerfile", "FROM @image\nENV VERSION=built\n")
			r := a.Tasks("run", "x")
			r.ExpectStderr(t, 0, test.says)
			apptest.ExpectEqual(t, "output", r.Stdout, test.prints)
			if again := a.Tasks("run", "x"); strings.Contains(again.Stderr, "pull") || strings.Contains(again.Stderr, "built") {
				t.Errorf("present:\n%s", again.Stderr)
			}
			built := a.Tasks("run", "--build", "--quiet-build", "x")
			built.ExpectStderr(t, 0, "image "+test.ref+"  built (")
			apptest.ExpectEqual(t, "output with --build", built.Stdout, "version built\n")
			if strings.Contains(built.Stderr, "#1 ") {
				t.Errorf("--quiet-build shows progress:\n%s", built.Stderr)
			}
		})
	}
}

// stallingRegistry is a registry that gives out all but the content of images.
func stallingRegistry(t *testing.T, registry *testregistry.Registry) (address string, asked <-chan string) {
	t.Helper()
	target := &url.URL{Scheme: "http", Host: registry.Address}
	proxy := httputil.NewSingleHostReverseProxy(target)
	blobs, ended := make(chan string, 16), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/blobs/") {
			proxy.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Length", "1000000")
		_, _ = io.WriteString(w, "the beginning")
		_ = http.NewResponseController(w).Flush()
		blobs <- r.URL.Path
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	t.Cleanup(func() { close(ended); server.CloseClientConnections(); server.Close() })
	return strings.TrimPrefix(server.URL, "http://"), blobs
}

func TestSignalWithinALayer(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	registry.PushNew(apptest.ToolboxImage.Image(t), "app:1", megabyte)
	address, asked := stallingRegistry(t, registry)
	a := apptest.NewApp(t, "services:\n  web: {image: '"+address+"/app:1'}\n", webTask)
	a.DockerConfig(strings.ReplaceAll(registry.DockerConfig(registry.Password), registry.Address, address))
	p := a.Start("run", "x")
	p.WaitOutput("pulling")
	<-asked
	p.Signal(syscall.SIGTERM)
	r := p.Wait() // the layer never ends
	r.ExpectStderr(t, 143)
	a.ExpectNothingLeft()
}

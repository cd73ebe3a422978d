//go:build unix

package containers_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/testregistry"
)

// pulledCompose has two services with one image, of which the registry alone knows.
const pulledCompose = `services:
  web:
    image: "@ref"
    depends_on: [db]
  db:
    image: "@ref"
    command: [sleep, infinity]
`

const webTask = `
task "x" {
  service = "web"
  command = ["sh", "-c", "echo version $VERSION"]
}
`

// newPulledApp is a project with such images. The configuration of docker is the one given.
func newPulledApp(t *testing.T, compose, ref, dockerConfig string) *apptest.App {
	t.Helper()
	a := apptest.NewApp(t, strings.ReplaceAll(compose, "@ref", ref), webTask)
	a.DockerConfig(dockerConfig)
	return a
}

// expectNoPassword fails the test if the output has a password in it, plain or encoded.
func expectNoPassword(t *testing.T, r apptest.Result, passwords ...string) {
	t.Helper()
	for _, password := range passwords {
		if strings.Contains(r.Stdout+r.Stderr, password) {
			t.Errorf("a password is printed:\n%s%s", r.Stdout, r.Stderr)
		}
	}
}

const megabyte = 1 << 20

func TestPullWithThePassword(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	ref := registry.PushNew(apptest.ToolboxImage.Image(t), "app:1", 2*megabyte)
	a := newPulledApp(t, pulledCompose, ref, registry.DockerConfig(registry.Password))
	r := a.Tasks("run", "x")
	r.ExpectStderr(t, 0, "image "+ref+"  pulling\n", "image "+ref+"  Digest: sha256:", "image "+ref+"  pulled (")
	// An engine with containerd's image store has the content of the lower layer still, by whatever name, and tells of
	// bytes only now and then.
	if !regexp.MustCompile(`(?m)^image \S+  (2 of 2 layers, 2\.1 MB|1 of 1 layers(, 2\.1 MB)?)$`).MatchString(r.Stderr) {
		t.Errorf("not all that was pulled is told:\n%s", r.Stderr)
	}
	expectNoPassword(t, r, registry.Password)
	if r.Stdout != "version\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
	if lines := regexp.MustCompile(`(?m)^image .*layers`).FindAllString(r.Stderr, -1); len(lines) > 6 {
		t.Errorf("%d lines of progress for two megabytes:\n%s", len(lines), r.Stderr)
	}
	// Two services, two replicas of the pull? One: each part was asked for once.
	apptest.Eventually(t, "the registry's log", func() bool { return len(registry.Requests("GET /v2/app/blobs/")) >= 2 })
	seen := map[string]int{}
	for _, request := range registry.Requests("GET /v2/app/") {
		if seen[request]++; seen[request] > 1 && strings.HasSuffix(request, " 200") {
			t.Errorf("asked for twice: %s", request)
		}
	}
	if again := a.Tasks("run", "x"); strings.Contains(again.Stderr, "pull") {
		t.Errorf("what is here is pulled again:\n%s", again.Stderr)
	}
}

func TestPullIsRefused(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	ref := registry.Push(apptest.ToolboxImage.Image(t), "app:1")
	for name, test := range map[string]struct {
		ref, config string
		says        []string
	}{
		"wrong password": {ref, registry.DockerConfig("not-the-password"), []string{
			"nauthorized", registry.Address + " does not accept the name and password that are kept for it", "`docker login " + registry.Address + "`",
		}},
		"no password": {ref, "{}", []string{"no basic auth credentials", "log in with `docker login " + registry.Address + "`"}},
		"no such tag": {registry.Ref("app:2"), registry.DockerConfig(registry.Password), []string{
			"not found", registry.Address + " has no such image: correct the name or the tag",
		}},
		"no such image":    {registry.Ref("ap:1"), registry.DockerConfig(registry.Password), []string{registry.Address + " has no such image"}},
		"no such registry": {"127.0.0.1:1/app:1", "{}", []string{"connection refused", "the engine cannot reach 127.0.0.1:1"}},
		"no such helper": {ref, `{"credsStore":"is-not-there"}`, []string{
			"read the credentials for " + registry.Address, "docker-credential-is-not-there", "check credsStore and credHelpers in ", "config.json",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newPulledApp(t, "services:\n  web:\n    image: "+test.ref+"\n", test.ref, test.config)
			r := a.Tasks("run", "x")
			r.ExpectStderr(t, 125, append(test.says, "image "+test.ref+"  failed: service web (compose.yaml:2): pull image "+test.ref+": ")...)
			expectNoPassword(t, r, registry.Password, "not-the-password")
			if left := a.Containers(); len(left) > 0 {
				t.Errorf("container %s is left", left[0].Name)
			}
		})
	}
}

// credentialHelper is a credential helper that knows one password. What it was asked for stands in a file beside it.
func credentialHelper(t *testing.T, registry *testregistry.Registry) (dir string) {
	t.Helper()
	dir = t.TempDir()
	script := `#!/bin/sh
read server
echo "$1 $server" >> ` + dir + `/asked
if [ "$server" = ` + registry.Address + ` ]; then
  echo '{"ServerURL":"` + registry.Address + `","Username":"` + testregistry.User + `","Secret":"` + registry.Password + `"}'
else
  echo "credentials not found in native keychain"
  exit 1
fi
`
	if err := os.WriteFile(filepath.Join(dir, "docker-credential-fake"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCredentialHelpers(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	for name, config := range map[string]string{
		"credsStore":  `{"credsStore":"fake"}`,
		"credHelpers": `{"credHelpers":{"` + registry.Address + `":"fake"},"credsStore":"is-not-there"}`,
	} {
		t.Run(name, func(t *testing.T) {
			ref := registry.Push(apptest.ToolboxImage.Image(t), strings.ToLower(name)+":1")
			a := newPulledApp(t, pulledCompose, ref, config)
			dir := credentialHelper(t, registry)
			a.Env = append(a.Env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			r := a.Tasks("run", "x")
			r.ExpectStderr(t, 0, "pulled (")
			expectNoPassword(t, r, registry.Password)
			if asked, err := os.ReadFile(filepath.Join(dir, "asked")); string(asked) != "get "+registry.Address+"\n" {
				t.Errorf("the helper was asked for %q (%v)", asked, err)
			}
		})
	}
}

// TestAlwaysPullsAndRecreates: a changed image makes a new container, which keeps the volumes that the image declares.
func TestAlwaysPullsAndRecreates(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	ref := registry.PushNew(apptest.ToolboxImage.Image(t), "app:1", 100, "ENV VERSION=one", "VOLUME /data")
	a := newPulledApp(t, strings.Replace(pulledCompose, "command:", "pull_policy: always\n    command:", 1), ref, registry.DockerConfig(registry.Password))
	if got := a.Ok("run", "x"); got != "version one\n" {
		t.Errorf("printed %q", got)
	}
	before := a.Service("db")
	a.Exec(before, "touch", "/data/mark")

	registry.PushNew(apptest.ToolboxImage.Image(t), "app:1", 100, "ENV VERSION=two", "VOLUME /data")
	if plan := a.Ok("plan", "x"); !strings.Contains(plan, "pull_policy says always") || !strings.Contains(plan, "recreated if the image changes") {
		t.Errorf("plan:\n%s", plan)
	}
	if got := a.Ok("run", "x"); got != "version two\n" {
		t.Errorf("printed %q", got)
	}
	after := a.Service("db")
	if after.ID == before.ID || apptest.EnvironmentOf(after)["VERSION"] != "two" {
		t.Errorf("the service has the old image still: %s", apptest.EnvironmentOf(after)["VERSION"])
	}
	a.Exec(after, "ls", "/data/mark")
	a.Ok("run", "x")
	apptest.ExpectEqual(t, "the container of an image that has not changed", a.Service("db").ID, after.ID)
}

func TestPullForAnotherPlatform(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	ref := registry.Push(apptest.ToolboxImage.Image(t), "app:1")
	other := "linux/arm64"
	if runtime.GOARCH == "arm64" {
		other = "linux/amd64"
	}
	a := newPulledApp(t, "services:\n  web: {image: '"+ref+"', platform: "+other+"}\n", ref, registry.DockerConfig(registry.Password))
	a.Tasks("run", "x").ExpectStderr(t, 125, other, "choose a platform that the image is made for")
}

// TestBuildFromAPrivateImage: BuildKit asks for the password through the session.
func TestBuildFromAPrivateImage(t *testing.T) {
	t.Parallel()
	registry := testregistry.Start(t)
	ref := registry.PushNew(apptest.ToolboxImage.Image(t), "base:1", 100, "ENV VERSION=based")
	built := registry.Ref("built:1")
	for _, test := range []struct {
		name, config string
		code         int
		says         string
	}{
		{"without the password", "{}", 125, "base image " + ref + " cannot be read"},
		{"with the password", registry.DockerConfig(registry.Password), 0, "built ("},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newPulledApp(t, "services:\n  web: {image: '"+built+"', build: ., pull_policy: build}\n", ref, test.config)
			a.Write("Dockerfile", "FROM "+ref+"\nRUN true\n")
			r := a.Tasks("run", "x")
			r.ExpectStderr(t, test.code, test.says)
			expectNoPassword(t, r, registry.Password)
			if test.code == 0 && r.Stdout != "version based\n" {
				t.Errorf("stdout %q", r.Stdout)
			}
		})
	}
}

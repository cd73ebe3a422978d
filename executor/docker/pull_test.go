package docker

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/api/types/registry"

	"tasks/executor/engine"
)

// httpAnswer answers every request with a body.
func httpAnswer(t *testing.T, body string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) { answer(w, 200, body) }
}

func TestPull(t *testing.T) {
	var lines []string
	engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if got := r.URL.Query(); got.Get("fromImage") != "example.com/x" || got.Get("tag") != "1" || got.Get("platform") != "linux/arm64" {
				t.Errorf("asked for %v", got)
			}
			answer(w, 200, `{"status":"Pulling from x","id":"1"}{"status":"Already exists","id":"a"}{"status":"Digest: d"}`)
			return
		}
		answer(w, 200, `{"Id":"sha256:1","Os":"linux","Architecture":"arm64"}`)
	})
	image, err := engine.PullImage(t.Context(), "example.com/x:1", "linux/arm64", func(s string) { lines = append(lines, s) })
	if err != nil || image.ID != "sha256:1" {
		t.Errorf("image %+v, error %v", image, err)
	}
	if diff := cmp.Diff([]string{"1 of 1 layers", "Digest: d"}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestPullFails(t *testing.T) {
	tests := []struct {
		name string
		do   http.HandlerFunc
		says string
		is   func(error) bool
	}{
		{"at once", func(w http.ResponseWriter, r *http.Request) { answer(w, 404, `{"message":"no such image"}`) }, "pull image x: no such image", engine.IsNotFound},
		{"within the stream", httpAnswer(t, `{"status":"Pulling"}{"errorDetail":{"code":404,"message":"gone"},"error":"gone"}`), "pull image x: gone", engine.IsNotFound},
		{"in its details alone", httpAnswer(t, `{"status":"Pulling"}{"errorDetail":{"message":"no space"}}`), "pull image x: no space", nil},
		{"cut off", httpAnswer(t, `{"status":`), "unexpected EOF", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			engine, _ := fakeEngine(t, test.do)
			_, err := engine.PullImage(t.Context(), "x", "", nil)
			if err == nil || !strings.Contains(err.Error(), test.says) || test.is != nil && !test.is(err) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
}

// TestPullProgress: a layer's thousands of messages make a few lines.
func TestPullProgress(t *testing.T) {
	now := time.Unix(0, 0)
	var lines []string
	p := newPullProgress(func(s string) { lines = append(lines, s) }, func() time.Time { return now })
	say := func(id, status string, current, total int64) {
		now = now.Add(10 * time.Millisecond)
		p.add(jsonstream.Message{ID: id, Status: status, Progress: &jsonstream.Progress{Current: current, Total: total}})
	}
	say("1", "Pulling from x", 0, 0)
	say("a", "Already exists", 0, 0)
	say("b", "Pulling fs layer", 0, 0)
	for i := range int64(100) {
		say("b", "Downloading", i*100_000, 10_000_000)
	}
	say("b", "Retrying in 1 second", 0, 0)
	now = now.Add(time.Second)
	say("b", "Retrying in 1 second", 0, 0)
	say("b", "Verifying Checksum", 0, 0)
	say("b", "Download complete", 0, 0)
	say("b", "Extracting", 5_000_000, 10_000_000)
	say("b", "Pull complete", 0, 0)
	say("", "Digest: d", 0, 0)
	p.end()
	want := []string{
		"1 of 2 layers, 4.6 MB of 10.0 MB", "1 of 2 layers, 9.6 MB of 10.0 MB",
		"1 of 2 layers, 9.9 MB of 10.0 MB, the registry is asked again",
		"2 of 2 layers, 10.0 MB", "Digest: d",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// TestPullAdvice has real messages of engines and registries.
func TestPullAdvice(t *testing.T) {
	const auth = "some"
	tests := []struct{ ref, auth, engine, advice string }{
		{"nope", "", "pull access denied for nope, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", "correct the name nope, or, if it is private, log in with `docker login`"},
		{"r.io/x:2", "", `manifest for r.io/x:2 not found: manifest unknown: manifest unknown`, "r.io has no such image: correct the name or the tag"},
		{"r.io/x", "", `Head "http://r.io/v2/x/manifests/latest": no basic auth credentials`, "log in with `docker login r.io`"},
		{"r.io/x", auth, `Head "http://r.io/v2/x/manifests/latest": unauthorized: authentication required`, "r.io does not accept the name and password that are kept for it, or not for this image: log in again with `docker login r.io`"},
		{"x", "", "toomanyrequests: You have reached your pull rate limit.", "wait, or log in with `docker login`, which allows more"},
		{"r.io/x", "", "no matching manifest for linux/arm64/v8 in the manifest list entries", "choose a platform that the image is made for, or another image"},
		{"r.io/x", "", `Get "https://r.io/v2/": dial tcp: lookup r.io on 10.0.0.1:53: no such host`, "the engine cannot reach r.io: check the image name, or the network and proxy of the engine"},
		{"r.io/x", "", `Get "https://r.io/v2/": http: server gave HTTP response to HTTPS client`, "name r.io among the insecure-registries of the engine, or give the registry a certificate"},
		{"r.io/x", "", `Get "https://r.io/v2/": x509: certificate signed by unknown authority`, "the engine has to trust its certificate: put the authority's into /etc/docker/certs.d/r.io/ca.crt beside the engine"},
	}
	for _, test := range tests {
		if got, want := withPullAdvice(errors.New(test.engine), test.ref, test.auth).Error(), test.engine+"; "+test.advice; got != want {
			t.Errorf("%s:\n%s\n%s", test.ref, got, want)
		}
	}
	other := errors.New("no space left on device")
	if got := withPullAdvice(other, "x", ""); got != other {
		t.Errorf("%v has become %v", other, got)
	}
}

// TestTokensAndHelpers: identity tokens, and the two ways to name a credential helper.
func TestTokensAndHelpers(t *testing.T) {
	bin := t.TempDir()
	helper := "#!/bin/sh\nread server\ncase $server in\nempty.io) echo 'credentials not found in native keychain'; exit 1;;\nbroken.io) echo broken; exit 1;;\n" +
		"token.io) echo '{\"Username\":\"<token>\",\"Secret\":\"from-helper\"}';;\n*) echo '{\"Username\":\"me\",\"Secret\":\"'$server'-secret\"}';;\nesac\n"
	write(t, filepath.Join(bin, "docker-credential-fake"), helper)
	if err := os.Chmod(filepath.Join(bin, "docker-credential-fake"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	stored := dockerHome(t, `{"credsStore":"fake"}`, nil)
	named := dockerHome(t, `{"credHelpers":{"own.io":"fake"},"auths":{"plain.io":{"auth":"bWU6b3du","identitytoken":"from-file"}}}`, nil)
	missing := dockerHome(t, `{"credsStore":"not-installed"}`, nil)
	tests := []struct {
		home, ref string
		want      registry.AuthConfig
		fails     string
	}{
		{stored, "r.io/x", registry.AuthConfig{Username: "me", Password: "r.io-secret"}, ""},
		{stored, "alpine", registry.AuthConfig{Username: "me", Password: "https://index.docker.io/v1/-secret"}, ""},
		{stored, "token.io/x", registry.AuthConfig{IdentityToken: "from-helper"}, ""},
		{stored, "empty.io/x", registry.AuthConfig{}, ""},
		{stored, "broken.io/x", registry.AuthConfig{}, "read the credentials for broken.io"},
		{named, "own.io/x", registry.AuthConfig{Username: "me", Password: "own.io-secret"}, ""},
		{named, "plain.io/x", registry.AuthConfig{Username: "me", Password: "own", IdentityToken: "from-file"}, ""},
		{named, "other.io/x", registry.AuthConfig{}, ""},
		{missing, "r.io/x", registry.AuthConfig{}, "docker-credential-not-installed"},
	}
	for _, test := range tests {
		engine, err := Connect(Options{Getenv: variables("DOCKER_HOST", "tcp://a:1", "DOCKER_CONFIG", test.home)})
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := engine.config.registryAuth(test.ref)
		if test.fails != "" {
			if err == nil || !strings.Contains(err.Error(), test.fails) || !strings.Contains(err.Error(), filepath.Join(test.home, "config.json")) {
				t.Errorf("%s: error %v, want one with %q and the file", test.ref, err, test.fails)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.ref, err)
			continue
		}
		got := &registry.AuthConfig{}
		if encoded != "" {
			if got, err = authconfig.Decode(encoded); err != nil {
				t.Fatal(err)
			}
		}
		got.ServerAddress = ""
		if diff := cmp.Diff(test.want, *got); diff != "" {
			t.Errorf("%s: %s", test.ref, diff)
		}
	}
}

func TestRegistryAuth(t *testing.T) {
	home := dockerHome(t, `{"auths":{"https://index.docker.io/v1/":{"auth":"bWU6aHVi"},"example.com:5000":{"auth":"bWU6b3du"}}}`, nil)
	engine, err := Connect(Options{Getenv: variables("DOCKER_HOST", "tcp://a:1", "DOCKER_CONFIG", home)})
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{"alpine": "hub", "example.com:5000/x:1": "own", "other.com/x": ""} {
		encoded, err := engine.config.registryAuth(ref)
		if err != nil {
			t.Fatal(err)
		}
		auth, err := authconfig.Decode(encoded)
		if err != nil || auth.Password != want {
			t.Errorf("%s: password %q, error %v; want %q", ref, auth.Password, err, want)
		}
	}
	if _, err := engine.config.registryAuth("NOT A NAME"); err == nil {
		t.Error("a name that is none is accepted")
	}
}

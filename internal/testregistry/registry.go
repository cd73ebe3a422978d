// Package testregistry runs an image registry for tests, on the loopback interface and with a password: the one of the
// distribution project, which is built from the module in server. Engines take registries at 127.0.0.0/8 without TLS.
package testregistry

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// User is the name that every registry lets in.
const User = "tester"

// Registry is a running registry. It may be used by several goroutines.
type Registry struct {
	// Address is what references of its images start with: "127.0.0.1:40123".
	Address string
	// Password is that of [User], of this registry alone.
	Password string

	t   testing.TB
	api *client.Client

	mu       sync.Mutex
	requests []string
}

// Start starts a registry, which ends with the test. Whatever images the engine then has of it lose those names; so start it
// before anything whose own end removes the containers of those images. Where the engine cannot reach it, the test is
// skipped.
func Start(t testing.TB) *Registry {
	t.Helper()
	toolbox.SameNetwork(t)
	r := &Registry{t: t, api: toolbox.Client(t), Password: rand.Text()}
	program, err := build(t.Context())
	if err != nil {
		t.Fatalf("building the registry: %v", err)
	}
	cmd := exec.Command(program, filepath.Join(t.TempDir(), "htpasswd"), User, r.Password)
	stdin, err1 := cmd.StdinPipe() // the registry ends when it closes
	stdout, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting the registry: %v", err)
	}
	lines := bufio.NewScanner(stdout)
	if lines.Scan() {
		r.Address = lines.Text()
	}
	recorded := make(chan struct{})
	go func() { r.recordRequests(lines); close(recorded) }()
	t.Cleanup(func() {
		r.removeNames()
		stdin.Close()
		<-recorded
		if err := cmd.Wait(); err != nil {
			t.Errorf("the registry ended with %v", err)
		}
	})
	if r.Address == "" {
		t.Fatal("the registry did not tell its address")
	}
	return r
}

func (r *Registry) recordRequests(lines *bufio.Scanner) {
	for lines.Scan() {
		r.mu.Lock()
		r.requests = append(r.requests, lines.Text())
		r.mu.Unlock()
	}
}

// Requests are the requests so far that start with the given text, such as "GET /v2/app/blobs/", each with the status of its
// answer behind. The last of them may come in a moment after the engine has its answer.
func (r *Registry) Requests(start string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.requests), func(line string) bool { return !strings.HasPrefix(line, start) })
}

// Ref is the reference of an image of this registry, by its name there: "app:1".
func (r *Registry) Ref(name string) string { return r.Address + "/" + name }

// Push puts a local image into the registry, and returns its reference there. What the engine has by that reference stays as
// it was.
func (r *Registry) Push(image, name string) string {
	r.t.Helper()
	ctx, ref := r.t.Context(), r.Ref(name)
	before, missing := r.api.ImageInspect(ctx, ref)
	if _, err := r.api.ImageTag(ctx, client.ImageTagOptions{Source: image, Target: ref}); err != nil {
		r.t.Fatal(err)
	}
	auth, err := authconfig.Encode(registry.AuthConfig{Username: User, Password: r.Password, ServerAddress: r.Address})
	if err != nil {
		r.t.Fatal(err)
	}
	stream, err := r.api.ImagePush(ctx, ref, client.ImagePushOptions{RegistryAuth: auth})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := stream.Wait(ctx); err != nil {
		r.t.Fatalf("pushing %s: %v", ref, err)
	}
	if missing != nil {
		r.Forget(name)
		return ref
	}
	if _, err := r.api.ImageTag(ctx, client.ImageTagOptions{Source: before.ID, Target: ref}); err != nil {
		r.t.Fatal(err)
	}
	return ref
}

// PushNew makes an image that nobody has, and that is then in the registry only: on top of another one a layer of so many
// random bytes, and changes to its configuration as in a Dockerfile.
func (r *Registry) PushNew(image, name string, size int, changes ...string) string {
	r.t.Helper()
	imageID, err := addLayer(r.t.Context(), r.api, image, size, changes)
	if err != nil {
		r.t.Fatalf("making an image on %s: %v", image, err)
	}
	ref := r.Push(imageID, name)
	_, _ = r.api.ImageRemove(r.t.Context(), imageID, client.ImageRemoveOptions{}) // it went with its name, unless that had another
	return ref
}

// Forget takes an image's name away from the engine, as if it had never been pulled.
func (r *Registry) Forget(name string) {
	r.t.Helper()
	if _, err := r.api.ImageRemove(r.t.Context(), r.Ref(name), client.ImageRemoveOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

// removeNames takes away all names that the engine has of this registry's images.
func (r *Registry) removeNames() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own has ended
	defer cancel()
	api := toolbox.Client(r.t)
	list, err := api.ImageList(ctx, client.ImageListOptions{Filters: make(client.Filters).Add("reference", r.Address+"/*")})
	if err != nil {
		r.t.Error(err)
		return
	}
	for _, image := range list.Items {
		for _, ref := range slices.Concat(image.RepoTags, image.RepoDigests) {
			if strings.HasPrefix(ref, r.Address+"/") {
				_, _ = api.ImageRemove(ctx, ref, client.ImageRemoveOptions{}) // a digest goes with its last tag
			}
		}
	}
	list, err = api.ImageList(ctx, client.ImageListOptions{Filters: make(client.Filters).Add("reference", r.Address+"/*")})
	if err != nil || len(list.Items) > 0 {
		r.t.Errorf("images of the registry are left: %v, %v", list.Items, err)
	}
}

// DockerConfig is a config.json with which `docker login` has left a password.
func (r *Registry) DockerConfig(password string) string {
	auth := base64.StdEncoding.EncodeToString([]byte(User + ":" + password))
	text, err := json.Marshal(map[string]any{"auths": map[string]any{r.Address: map[string]string{"auth": auth}}})
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

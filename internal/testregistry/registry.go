// Package testregistry runs an image registry for tests, on the loopback interface and with a password. The registry
// comes from the distribution project, and is built from the module in server. Engines accept registries at 127.0.0.0/8
// without TLS.
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

// User is the user name in every registry.
const User = "tester"

// Registry is a running registry. Several goroutines may use it.
type Registry struct {
	// Address is the start of image references in the registry: "127.0.0.1:40123".
	Address string
	// Password is the password of [User] in this registry.
	Password string

	t   testing.TB
	api *client.Client

	mu       sync.Mutex
	requests []string
}

// Start starts a registry until the end of the test. At the end, images of the engine lose their names in this
// registry. So call Start before registering the removal of containers with such images. If the engine cannot reach the
// registry, the test is skipped.
func Start(t testing.TB) *Registry {
	t.Helper()
	toolbox.SameNetwork(t)
	r := &Registry{t: t, api: toolbox.Client(t), Password: rand.Text()}
	program, err := build(t.Context())
	if err != nil {
		t.Fatalf("building the registry: %v", err)
	}
	cmd := exec.Command(program, filepath.Join(t.TempDir(), "htpasswd"), User, r.Password)
	stdin, err1 := cmd.StdinPipe() // the registry ends when stdin closes
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

// Requests returns the requests so far with the given prefix, such as "GET /v2/app/blobs/", each followed by the
// status. The last request may be missing for a moment after the engine's answer.
func (r *Registry) Requests(start string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.requests), func(line string) bool {
		return !strings.HasPrefix(line, start)
	})
}

// Ref returns the reference of an image of this registry, by its name in the registry: "app:1".
func (r *Registry) Ref(name string) string { return r.Address + "/" + name }

// Push puts a local image into the registry, and returns the new reference. The engine's own image with that reference
// stays unchanged.
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

// PushNew makes a new image that only this registry holds. The image adds a layer of random bytes to another image, and
// changes the configuration as in a Dockerfile.
func (r *Registry) PushNew(image, name string, size int, changes ...string) string {
	r.t.Helper()
	imageID, err := addLayer(r.t.Context(), r.api, image, size, changes)
	if err != nil {
		r.t.Fatalf("making an image on %s: %v", image, err)
	}
	ref := r.Push(imageID, name)
	// Removed with its last name, unless another name exists.
	_, _ = r.api.ImageRemove(r.t.Context(), imageID, client.ImageRemoveOptions{})
	return ref
}

// Forget removes an image's name from the engine, as if the image had never been pulled.
func (r *Registry) Forget(name string) {
	r.t.Helper()
	if _, err := r.api.ImageRemove(r.t.Context(), r.Ref(name), client.ImageRemoveOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

// removeNames removes the engine's names for images of this registry.
func (r *Registry) removeNames() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own context has ended
	defer cancel()
	api := toolbox.Client(r.t)
	options := client.ImageListOptions{Filters: make(client.Filters).Add("reference", r.Address+"/*")}
	list, err := api.ImageList(ctx, options)
	if err != nil {
		r.t.Error(err)
		return
	}
	for _, image := range list.Items {
		for _, ref := range slices.Concat(image.RepoTags, image.RepoDigests) {
			if strings.HasPrefix(ref, r.Address+"/") {
				_, _ = api.ImageRemove(ctx, ref, client.ImageRemoveOptions{}) // a digest disappears with the last tag
			}
		}
	}
	list, err = api.ImageList(ctx, options)
	if err != nil || len(list.Items) > 0 {
		r.t.Errorf("images of the registry are left: %v, %v", list.Items, err)
	}
}

// DockerConfig returns a config.json with a password, as `docker login` writes.
func (r *Registry) DockerConfig(password string) string {
	auth := base64.StdEncoding.EncodeToString([]byte(User + ":" + password))
	text, err := json.Marshal(map[string]any{"auths": map[string]any{r.Address: map[string]string{"auth": auth}}})
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

package build

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// engineBuild builds with the machine's engine, under a unique name. The image is removed afterwards.
type engineBuild struct {
	*testing.T
	api *client.Client
	dir string
	ref string

	mu    sync.Mutex
	lines []string
}

func newEngineBuild(t *testing.T, files map[string]string) *engineBuild {
	api := toolbox.Client(t)
	if _, err := api.Ping(t.Context(), client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		t.Fatal(err)
	}
	unique := make([]byte, 6)
	rand.Read(unique)
	b := &engineBuild{T: t, api: api, dir: t.TempDir(), ref: "tasks-test/build:" + hex.EncodeToString(unique)}
	for name, text := range files {
		path := filepath.Join(b.dir, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(b.remove)
	return b
}

func (b *engineBuild) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	image, err := b.api.ImageInspect(ctx, b.ref)
	if err != nil {
		return // never built
	}
	for _, name := range image.RepoTags {
		if _, err := b.api.ImageRemove(ctx, name, client.ImageRemoveOptions{Force: true, PruneChildren: true}); err != nil {
			b.Errorf("removing the built image: %v", err)
		}
	}
}

func (b *engineBuild) build(c types.BuildConfig, change ...func(*Request)) error {
	c.Context = b.dir
	r := Request{Ref: b.ref, Config: c, APIVersion: b.api.ClientVersion(), Progress: b.line}
	for _, f := range change {
		f(&r)
	}
	return Build(b.Context(), b.api, r)
}

func (b *engineBuild) line(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, text)
}

func (b *engineBuild) inspect() client.ImageInspectResult {
	b.Helper()
	image, err := b.api.ImageInspect(b.Context(), b.ref)
	if err != nil {
		b.Fatal(err)
	}
	return image
}

// unique makes a build step that no earlier test run has in the engine's cache.
func unique() string {
	random := make([]byte, 8)
	rand.Read(random)
	return hex.EncodeToString(random)
}

func TestBuildTwice(t *testing.T) {
	b := newEngineBuild(t, map[string]string{
		"Dockerfile": "FROM scratch\nARG WHO\nCOPY hello /\nLABEL who=$WHO\n",
		"hello":      unique(),
	})
	config := types.BuildConfig{Args: types.NewMappingWithEquals([]string{"WHO=me"})}
	labels := func(r *Request) { r.Labels = map[string]string{"com.example": "yes"} }
	if err := b.build(config, labels); err != nil {
		t.Fatal(err)
	}
	first := b.inspect()
	if got := first.Config.Labels; got["who"] != "me" || got["com.example"] != "yes" {
		t.Errorf("labels %v; want who=me by the argument, and com.example=yes", got)
	}
	if said := strings.Join(b.lines, "\n"); !strings.Contains(said, "COPY hello /") {
		t.Errorf("the progress does not tell the step:\n%s", said)
	}
	started := time.Now()
	if err := b.build(config, labels); err != nil {
		t.Fatal(err)
	}
	if second := b.inspect(); second.ID != first.ID {
		t.Errorf("the second build made %s, the first %s", second.ID, first.ID)
	}
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("the second build took %v", took)
	}
}

func TestBuildFailure(t *testing.T) {
	image := toolbox.Image(t)
	b := newEngineBuild(t, map[string]string{
		"Dockerfile": "FROM " + image + "\nRUN echo " + unique() + " && seq 1 30 && exit 3\n",
	})
	err := b.build(types.BuildConfig{})
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error %v, want an Error", err)
	}
	if !strings.Contains(failure.Step, "exit 3") || failure.Line != 2 || !strings.HasSuffix(failure.File, "Dockerfile") {
		t.Errorf("step %q at %s:%d; want the RUN at line 2", failure.Step, failure.File, failure.Line)
	}
	if n := len(failure.Log); n != logTail || failure.Log[n-1] != "30" {
		t.Errorf("log %q; want the last %d lines, up to 30", failure.Log, logTail)
	}
	if text := err.Error(); !strings.Contains(text, "exit 3 failed with exit code 3\n") || !strings.HasSuffix(text, "\n  30") {
		t.Errorf("error text:\n%s", text)
	}
}

func TestBuildIgnoresFiles(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"by .dockerignore", map[string]string{".dockerignore": "b\n"}, "a"},
		{"by the Dockerfile's own file first", map[string]string{".dockerignore": "b\n", "Dockerfile.dockerignore": "a\n"}, "b"},
	}
	image := toolbox.Image(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{
				"Dockerfile": "FROM " + image + "\nCOPY . /in/\nRUN echo " + unique() + " && cd /in/data && test \"$(ls)\" = " + test.want + "\n",
				"data/a":     "", "data/b": "",
			}
			for name, text := range test.files {
				files[name] = strings.ReplaceAll(text, "a\n", "data/a\n")
				files[name] = strings.ReplaceAll(files[name], "b\n", "data/b\n")
			}
			b := newEngineBuild(t, files)
			if err := b.build(types.BuildConfig{}); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestBuildWithInlineDockerfileTargetAndTags(t *testing.T) {
	b := newEngineBuild(t, map[string]string{"hello": unique()})
	err := b.build(types.BuildConfig{
		DockerfileInline: "FROM scratch AS one\nCOPY hello /\nLABEL stage=one\nFROM one AS two\nLABEL stage=two\n",
		Target:           "one",
		Tags:             types.StringList{b.ref + "-second"},
	})
	if err != nil {
		t.Fatal(err)
	}
	image := b.inspect()
	if image.Config.Labels["stage"] != "one" {
		t.Errorf("labels %v, want stage=one", image.Config.Labels)
	}
	if len(image.RepoTags) != 2 {
		t.Errorf("names %v, want two", image.RepoTags)
	}
}

func TestBuildWithSecrets(t *testing.T) {
	image := toolbox.Image(t)
	b := newEngineBuild(t, map[string]string{
		"Dockerfile": "FROM " + image + "\n" +
			"RUN --mount=type=secret,id=file --mount=type=secret,id=renamed echo " + unique() +
			" && test \"$(cat /run/secrets/file)\" = one && test \"$(cat /run/secrets/renamed)\" = two\n",
		"secret": "one",
	})
	err := b.build(types.BuildConfig{
		Secrets: []types.ServiceSecretConfig{{Source: "file"}, {Source: "variable", Target: "renamed"}},
	}, func(r *Request) {
		r.Secrets = types.Secrets{
			"file":     {File: filepath.Join(b.dir, "secret")},
			"variable": {Environment: "TWO"},
		}
		r.Getenv = func(name string) string { return map[string]string{"TWO": "two"}[name] }
	})
	if err != nil {
		t.Error(err)
	}
}

func TestBuildCancelled(t *testing.T) {
	image := toolbox.Image(t)
	b := newEngineBuild(t, map[string]string{"Dockerfile": "FROM " + image + "\nRUN echo " + unique() + " && sleep 60\n"})
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(time.Second, func() { cancel(stop) })
	started := time.Now()
	err := Build(ctx, b.api, Request{Ref: b.ref, Config: types.BuildConfig{Context: b.dir}, APIVersion: b.api.ClientVersion()})
	if !errors.Is(err, stop) || time.Since(started) > 30*time.Second {
		t.Errorf("error %v after %v, want the cause, soon", err, time.Since(started))
	}
}

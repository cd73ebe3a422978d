package toolbox

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// result holds a container's output and exit code.
type result struct {
	Out, Err string
	Code     int64
}

// runImage runs a container of an image to the end, and removes the container.
func runImage(t *testing.T, cli *client.Client, config container.Config) result {
	t.Helper()
	ctx := t.Context()
	created, err := cli.ContainerCreate(ctx, client.ContainerCreateOptions{Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	defer cli.ContainerRemove(ctx, created.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if _, err := cli.ContainerStart(ctx, created.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	var r result
	wait := cli.ContainerWait(ctx, created.ID, client.ContainerWaitOptions{})
	select {
	case err := <-wait.Error:
		t.Fatal(err)
	case exit := <-wait.Result:
		r.Code = exit.StatusCode
	}
	logs, err := cli.ContainerLogs(ctx, created.ID, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true})
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	var out, stderr bytes.Buffer
	if _, err := stdcopy.StdCopy(&out, &stderr, logs); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	r.Out, r.Err = out.String(), stderr.String()
	return r
}

func TestImageRunsScripts(t *testing.T) {
	cli := Client(t)
	image := Image(t)
	tests := map[string]struct {
		config container.Config
		want   result
	}{
		"its own command":     {container.Config{}, result{}},
		"words of a script":   {container.Config{Cmd: []string{"sh", "-euc", `echo "$0: $*"; exit 3`, "name", "a", "b c"}}, result{Out: "name: a b c\n", Code: 3}},
		"a program by name":   {container.Config{Cmd: []string{"id"}, User: "app"}, result{Out: "uid=1000(app) gid=1000(app)\n"}},
		"programs in scripts": {container.Config{Cmd: []string{"sh", "-c", "seq 3 | wc -l; ls -l /etc/group; cat /nope"}}, result{Out: "3\n-rw-r--r-- 0 0 22 group\n", Err: "cat: open /nope: no such file or directory\n", Code: 1}},
		"not found":           {container.Config{Cmd: []string{"sh", "-c", "nope"}}, result{Err: "sh: nope: not found\n", Code: 127}},
		"everybody's /tmp":    {container.Config{Cmd: []string{"sh", "-c", "echo x >/tmp/a && cat /tmp/a"}, User: "4711"}, result{Out: "x\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.config.Image = image
			if diff := cmp.Diff(test.want, runImage(t, cli, test.config)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestImageWithChangesItsConfiguration(t *testing.T) {
	cli := Client(t)
	ref := ImageWith(t, `ENTRYPOINT ["sh","-c"]`, `CMD ["id -un"]`, "USER app", "VOLUME /data", `HEALTHCHECK --interval=1s CMD ["true"]`)
	if plain := Image(t); plain == ref {
		t.Fatalf("both images are called %s", ref)
	}
	got, err := cli.ImageInspect(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got.Config.Volumes["/data"]; !ok || got.Config.Healthcheck == nil || got.Config.Labels["tasks.test"] != "toolbox" {
		t.Errorf("volumes %v, healthcheck %v, labels %v", got.Config.Volumes, got.Config.Healthcheck, got.Config.Labels)
	}
	if diff := cmp.Diff(result{Out: "app\n"}, runImage(t, cli, container.Config{Image: ref})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestImageIsCached(t *testing.T) {
	cli := Client(t)
	ref := ImageWith(t, "LABEL tasks.test.once="+projectName(t.Name()))
	t.Cleanup(func() { removeImage(t, ref) })
	first, err := cli.ImageInspect(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	label := "LABEL tasks.test.once=" + first.Config.Labels["tasks.test.once"]
	refs := make(chan string)
	for range 4 {
		go func() {
			again, err := provide(t.Context(), cli, first.Architecture, []string{label})
			refs <- again
			if err != nil {
				t.Error(err)
			}
		}()
	}
	for range 4 {
		if again := <-refs; again != ref {
			t.Errorf("%s, want %s", again, ref)
		}
	}
	if again, err := cli.ImageInspect(t.Context(), ref); err != nil || again.ID != first.ID {
		t.Errorf("it was made again: %s %v, want %s", again.ID, err, first.ID)
	}
}

func removeImage(t *testing.T, ref string) {
	cli, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	defer cli.Close()
	if _, err := cli.ImageRemove(backgroundContext(), ref, client.ImageRemoveOptions{}); err != nil {
		t.Error(err)
	}
}

func TestImportReportsABadChange(t *testing.T) {
	cli := Client(t)
	version, err := cli.ServerVersion(t.Context(), client.ServerVersionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = provide(t.Context(), cli, version.Arch, []string{"RUN true"})
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "run is not a valid change") {
		t.Errorf("got %v", err)
	}
}

func TestStreamError(t *testing.T) {
	tests := map[string]struct{ messages, want string }{
		"well":      {`{"status":"sha256:1"}`, ""},
		"failed":    {`{"status":"x"}` + "\n" + `{"errorDetail":{"message":"no space\n"},"error":"no space\n"}`, "no space"},
		"in detail": {`{"status":"x"}{"errorDetail":{"code":500,"message":"no space"}}`, "no space"},
		"truncated": {`{"status":`, "reading the engine's answer: unexpected EOF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := streamError(strings.NewReader(test.messages)); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The links of the image and the programs of the box must have the same names.
func TestProgramsAreThoseOfTheToolbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "toolbox")
	if out, err := exec.Command("go", "build", "-o", path, "./cmd/toolbox").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(path, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields(string(out)), programNames()); diff != "" {
		t.Errorf("-toolbox +image:\n%s", diff)
	}
}

func TestArchiveIsReproducible(t *testing.T) {
	one, err := archive([]byte("program"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := archive([]byte("program"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, two) {
		t.Error("the same program gives other bytes")
	}
	if reference(one, nil) == reference(one, []string{"USER app"}) {
		t.Error("changes do not change the name")
	}
}

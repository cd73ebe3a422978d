package docker

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/mount"
)

const definitions = `
secrets:
  file: {file: ./secret.txt}
  env: {environment: TOKEN}
  missing: {environment: NOT_THERE}
  far: {external: true}
configs:
  file: {file: ./config.txt}
  inline: {content: "hello ${TOKEN}"}
  env: {environment: TOKEN}
  far: {external: true}
`

func TestReferences(t *testing.T) {
	bind := func(source, target string) mount.Mount {
		return mount.Mount{Type: "bind", Source: source, Target: target, ReadOnly: true, BindOptions: &mount.BindOptions{}}
	}
	file := func(path, content string) copyFile {
		return copyFile{Path: path, Content: []byte(content), Mode: 0o444}
	}
	owned := file("/key", "s3cret")
	owned.Mode, owned.UID, owned.GID = 0o440, 7, 8
	tests := map[string]struct {
		attributes string
		mounts     []mount.Mount
		files      []copyFile
	}{
		"a secret file":           {"secrets: [file]", []mount.Mount{bind("DIR/secret.txt", "/run/secrets/file")}, nil},
		"a secret file elsewhere": {"secrets: [{source: file, target: /x}]", []mount.Mount{bind("DIR/secret.txt", "/x")}, nil},
		"a secret file by a name": {"secrets: [{source: file, target: x}]", []mount.Mount{bind("DIR/secret.txt", "/run/secrets/x")}, nil},
		"a config file":           {"configs: [file]", []mount.Mount{bind("DIR/config.txt", "/file")}, nil},
		"a config file by a name": {"configs: [{source: file, target: etc/x}]", []mount.Mount{bind("DIR/config.txt", "/etc/x")}, nil},
		"a secret of a variable":  {"secrets: [env]", nil, []copyFile{file("/run/secrets/env", "s3cret")}},
		"a config of a variable":  {"configs: [env]", nil, []copyFile{file("/env", "s3cret")}},
		"a config inline":         {"configs: [{source: inline, target: /etc/x}]", nil, []copyFile{file("/etc/x", "hello s3cret")}},
		"owner and mode":          {"secrets: [{source: env, target: /key, uid: '7', gid: '8', mode: 0440}]", nil, []copyFile{owned}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, test.attributes, definitions)
			made := created(t, spec, newest)
			for i := range test.mounts {
				test.mounts[i].Source = strings.Replace(test.mounts[i].Source, "DIR", spec.ProjectDir, 1)
			}
			if diff := cmp.Diff(test.mounts, made.options.HostConfig.Mounts); diff != "" {
				t.Errorf("mounts, -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.files, made.files); diff != "" || len(made.warnings) > 0 {
				t.Errorf("warnings %v, files, -want +got:\n%s", made.warnings, diff)
			}
		})
	}
}

func TestReferencesRefused(t *testing.T) {
	checkRefusals(t, map[string]refusal{
		"external secret":   {"secrets: [far]", "", "service web: secret far: external ones exist in Swarm only"},
		"external config":   {"configs: [far]", "", "service web: config far: external ones exist in Swarm only"},
		"missing variable":  {"secrets: [missing]", "", "service web: secret missing: the environment variable NOT_THERE is not set"},
		"read-only":         {"configs: [inline]\nread_only: true", "", "service web: config inline: cannot be copied into a read_only container"},
		"owner with a name": {"secrets: [{source: env, uid: root}]", "", `service web: secret env: uid: "root" is no number`},
		"group with a name": {"secrets: [{source: env, gid: mail}]", "", `service web: secret env: gid: "mail" is no number`},
	}, definitions)
	spec := specOf(t, "secrets: [file]", definitions)
	templated := spec.Secrets["file"]
	templated.TemplateDriver = "golang"
	spec.Secrets["file"] = templated
	if _, err := createOptions(spec, newest); err == nil || !strings.Contains(err.Error(), "secret file: driver and template_driver exist in Swarm only") {
		t.Errorf("got %v", err)
	}
	spec.Secrets = nil
	if _, err := createOptions(spec, newest); err == nil || !strings.Contains(err.Error(), "secret file: is not declared") {
		t.Errorf("got %v", err)
	}
}

func TestReferenceWarnings(t *testing.T) {
	tests := map[string]struct{ attributes, want string }{
		"owner of a file": {"secrets: [{source: file, uid: '1'}]",
			"service web: secret file: uid, gid and mode are ignored: the file is mounted as it is on the host"},
		"a volume at the same spot": {"secrets: [file]\nvolumes: ['/mine:/run/secrets/file']",
			"service web: secret file: is left out: there is a volume at /run/secrets/file"},
		"a tmpfs over it": {"secrets: [env]\ntmpfs: ['/run:size=1m']",
			"service web: secret env: cannot be seen at /run/secrets/env: the tmpfs on /run lies over it"},
		"a tmpfs mount over it": {"secrets: [env]\nvolumes: [{type: tmpfs, target: /run/secrets}]",
			"service web: secret env: cannot be seen at /run/secrets/env: the tmpfs on /run/secrets lies over it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{test.want}, created(t, specOf(t, test.attributes, definitions), newest).warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestMissingFileWarning: the engine reports only the path.
func TestMissingFileWarning(t *testing.T) {
	spec := specOf(t, "secrets: [file]\nvolumes: [{type: bind, source: ./x, target: /x, bind: {create_host_path: false}}]", definitions)
	spec.Locate = func(path ...string) string { return "compose.yaml:" + strings.Join(path, ".") }
	for file, want := range map[string]string{
		"/secret.txt": "compose.yaml:secrets.file: bind source ",
		"/x":          "compose.yaml:volumes./x: bind source ",
		"/other":      "compose.yaml:volumes: bind source ",
	} {
		missing := `invalid mount config for type "bind": bind source path does not exist: ` + spec.ProjectDir + file
		body, err := json.Marshal(map[string]string{"message": missing})
		if err != nil {
			t.Fatal(err)
		}
		engine, _ := fakeEngine(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 400, string(body)) })
		if _, err := engine.CreateContainer(t.Context(), spec); err == nil || err.Error() != want+spec.ProjectDir+file+" does not exist" {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestTar(t *testing.T) {
	made := createRequest{files: []copyFile{
		{Path: "/run/secrets/a", Content: []byte("one"), Mode: 0o400, UID: 7, GID: 8}, {Path: "/b", Mode: 0o444},
	}}
	var got []string
	for r := tar.NewReader(made.tar()); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if age := time.Since(header.ModTime); age < -time.Second || age > time.Hour {
			t.Errorf("%s is %v old", header.Name, age)
		}
		got = append(got, fmt.Sprintf("%s %o %d:%d %q", header.Name, header.Mode, header.Uid, header.Gid, content))
	}
	want := []string{`run/secrets/a 400 7:8 "one"`, `b 444 0:0 ""`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if (createRequest{}).tar() != nil {
		t.Error("no files give an archive")
	}
}

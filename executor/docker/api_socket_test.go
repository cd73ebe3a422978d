package docker

import (
	"archive/tar"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	clitypes "github.com/docker/cli/cli/config/types"
	"github.com/google/go-cmp/cmp"
)

// TestAPISocketGivesTheCredentials: the service has the socket, the credentials of `docker login`, and a variable with
// their path.
func TestAPISocketGivesTheCredentials(t *testing.T) {
	var created struct {
		Env        []string
		HostConfig struct{ Binds []string }
	}
	files := map[string]string{}
	engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/containers/create"):
			if err := json.NewDecoder(r.Body).Decode(&created); err != nil {
				t.Error(err)
			}
			answer(w, 201, `{"Id":"c1"}`)
		case r.Method == http.MethodPut:
			archive := tar.NewReader(r.Body)
			for header, err := archive.Next(); err == nil; header, err = archive.Next() {
				content, _ := io.ReadAll(archive)
				files[header.Name] = string(content)
			}
		}
	})
	file, err := engine.config.load()
	if err != nil {
		t.Fatal(err)
	}
	file.AuthConfigs = map[string]clitypes.AuthConfig{"registry.test": {Username: "me", Password: "pw", ServerAddress: "registry.test"}}
	if _, err := engine.CreateContainer(t.Context(), specOf(t, "use_api_socket: true\nenvironment: {A: b}")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A=b", "DOCKER_CONFIG=/run/secrets/docker"}, created.Env); diff != "" {
		t.Errorf("environment: %s", diff)
	}
	if diff := cmp.Diff([]string{"/var/run/docker.sock:/var/run/docker.sock:rw"}, created.HostConfig.Binds); diff != "" {
		t.Errorf("mounts: %s", diff)
	}
	// base64 of me:pw
	if got := files["run/secrets/docker/config.json"]; !strings.Contains(got, `"registry.test"`) || !strings.Contains(got, `"bWU6cHc="`) {
		t.Errorf("the configuration is %s", got)
	}
}

func TestAPISocketOfWindows(t *testing.T) {
	engine, _ := fakeEngine(t, httpAnswer(t, "{}"))
	engine.osType = windows
	_, err := engine.config.withCredentials(specOf(t, "use_api_socket: true"), engine.osType)
	if want := "service web: use_api_socket: is not available on an engine of Windows"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestCredentialsAreForTheSocketOnly(t *testing.T) {
	engine, _ := fakeEngine(t, httpAnswer(t, "{}"))
	spec := specOf(t, "configs: [own]", "configs: {own: {content: x}}")
	got, err := engine.config.withCredentials(spec, engine.osType)
	if err != nil || len(got.Configs) != 1 || got.Configs["own"].Content != "x" {
		t.Errorf("configs %v, error %v", got.Configs, err)
	}
}

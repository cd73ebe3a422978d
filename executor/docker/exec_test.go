package docker

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"tasks/executor/engine"
)

// An engine within a container cannot run privileged commands. The request must ask for them all the same.
func TestExecSaysAllOfTheCommand(t *testing.T) {
	var sent map[string]any
	dockerEngine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/containers/web/exec") {
			if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
				t.Error(err)
			}
		}
		answer(w, http.StatusTeapot, `{"message": "no"}`)
	})
	b := "b"
	_, err := dockerEngine.Exec(t.Context(), "web", engine.ExecCommand{
		Command: []string{"a"}, User: "u", Workdir: "/w", Env: types.MappingWithEquals{"A": &b, "GONE": nil}, Privileged: true,
	})
	if err == nil {
		t.Error("the engine's refusal was lost")
	}
	got := map[string]any{}
	for _, key := range []string{"Cmd", "User", "WorkingDir", "Env", "Privileged", "AttachStdout", "AttachStderr"} {
		got[key] = sent[key]
	}
	want := map[string]any{
		"Cmd": []any{"a"}, "User": "u", "WorkingDir": "/w", "Env": []any{"A=b", "GONE"}, "Privileged": true,
		"AttachStdout": true, "AttachStderr": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

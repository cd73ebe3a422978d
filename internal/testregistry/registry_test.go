package testregistry

import (
	"net/http"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

func TestRegistryWantsThePassword(t *testing.T) {
	r := Start(t)
	for password, want := range map[string]int{"": 401, "wrong": 401, r.Password: 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.Address+"/v2/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			req.SetBasicAuth(User, password)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("password %q: status %d, want %d", password, resp.StatusCode, want)
		}
	}
}

func TestPushedImageIsInTheRegistryOnly(t *testing.T) {
	r := Start(t)
	refs := []string{r.Push(toolbox.Image(t), "toolbox:1"), r.PushNew(toolbox.Image(t), "new:1", 1<<10, "ENV A=1")}
	for _, ref := range refs {
		if _, err := toolbox.Client(t).ImageInspect(t.Context(), ref); err == nil {
			t.Errorf("%s is still here", ref)
		}
	}
	if got := r.Requests("PUT /v2/"); len(got) < 2 || !strings.Contains(strings.Join(got, "\n"), "PUT /v2/new/manifests/1 201") {
		t.Errorf("requests %q", got)
	}
	list, err := toolbox.Client(t).ImageList(t.Context(), client.ImageListOptions{Filters: make(client.Filters).Add("reference", r.Address+"/*")})
	if err != nil || len(list.Items) > 0 {
		t.Errorf("images %v, error %v; want none", list.Items, err)
	}
}

package executor_test

import (
	"testing"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// TestMountedImageRecreatesTheContainer: what was pulled and built for a mount is in the container's label, by which the next
// run knows that nothing has changed, or that something has.
func TestMountedImageRecreatesTheContainer(t *testing.T) {
	const yaml = `services:
  web: {image: web, depends_on: [db]}
  db:
    image: db
    volumes:
      - {type: image, source: assets, target: /b}
      - {type: image, source: "tools:1", target: /a}
  assets: {build: .}
`
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.engine.AddRemoteImage("tools:1", observed.Image{})
		r.assertCode(r.run(oneOff("x", "web")), 0)
		first := r.serviceContainer("db")
		label := "/a=" + r.imageOf("tools:1") + ",/b=" + r.imageOf("app-assets")
		if got := first.Labels[composeproject.LabelImageVolumeDigest]; got != label || r.imageOf("tools:1") == "" {
			t.Errorf("label %q, want %q", got, label)
		}
		r.assertCode(r.run(oneOff("x", "web")), 0)
		if again := r.serviceContainer("db"); again.ID != first.ID {
			t.Errorf("the container was made anew: %v", again.Labels)
		}
		r.engine.AddImage("tools:1", observed.Image{ID: "sha256:changed"})
		r.assertCode(r.run(oneOff("x", "web")), 0)
		if anew := r.serviceContainer("db"); anew.ID == first.ID {
			t.Error("another image is mounted, and the container is the old one")
		}
	})
}

func (r *rig) serviceContainer(service string) *observed.Container {
	r.t.Helper()
	all, err := r.engine.ProjectContainers(r.t.Context(), "app")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range all {
		if c.Labels[composeproject.LabelService] == service && c.Labels[composeproject.LabelOneOff] != composeproject.OneOffTrue {
			return c
		}
	}
	r.t.Fatalf("service %s has no container", service)
	return nil
}

func (r *rig) imageOf(ref string) string {
	r.t.Helper()
	image, err := r.engine.InspectImage(r.t.Context(), ref, "")
	if err != nil {
		r.t.Fatal(err)
	}
	return image.ID
}

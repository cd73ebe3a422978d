package executor_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/planner/observed"
)

// TestTaskMakesImage: the image of a task may be made by a task before. Then nothing is pulled.
func TestTaskMakesImage(t *testing.T) {
	inVirtualTime(t, plain, []string{"web"}, func(r *rig) {
		r.after(time.Second, func() { r.engine.AddImage("example.com/web", observed.Image{}) })
		r.assertCode(r.run(oneOff("x", "web", on("make")), host("make", "sleep 2s")), 0)
		r.assertWarned("done image/example.com/web reuse")
		if pulls := r.engine.CallsOf("PullImage"); len(pulls) > 0 {
			t.Errorf("pulls %q; want none", pulls)
		}
	})
}

// TestTaskMakesNoImage: the pull comes after the task, and its error names the task.
func TestTaskMakesNoImage(t *testing.T) {
	for policy, want := range map[string]string{
		"missing": "manifest unknown; task make has not made it",
		"never":   "or change the policy; task make has not made it",
	} {
		yaml := strings.Replace(plain, "example.com/web", "example.com/web, pull_policy: "+policy, 1)
		inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
			plan := r.plan(oneOff("x", "web", on("make")), host("make", "exit 0"))
			result := r.sessionOn(registryless{r.engine}).Run(r.t.Context(), plan, r.signals)
			r.assertCode(result, 125)
			if result.Err == nil || !strings.HasSuffix(result.Err.Error(), want) {
				t.Errorf("%s: error %v; want …%s", policy, result.Err, want)
			}
		})
	}
}

// TestTaskReplacesImage: a container that is older than its image is made anew before the start.
func TestTaskReplacesImage(t *testing.T) {
	inVirtualTime(t, plain, []string{"web"}, func(r *rig) {
		r.engine.AddImage("example.com/web", observed.Image{ID: "old"})
		r.after(time.Second, func() { r.engine.AddImage("example.com/web", observed.Image{ID: "new"}) })
		r.assertCode(r.run(oneOff("x", "web", on("make")), host("make", "sleep 2s")), 0)
		if created := r.engine.CallsOf("CreateContainer"); len(created) != 2 {
			t.Errorf("created %q; want a second container for the new image", created)
		}
		r.assertRemaining("network app_default")
	})
	inVirtualTime(t, plain, []string{"web"}, func(r *rig) {
		r.engine.AddImage("example.com/web", observed.Image{ID: "old"})
		r.assertCode(r.run(oneOff("x", "web", on("make")), host("make", "sleep 2s")), 0)
		if created := r.engine.CallsOf("CreateContainer"); len(created) != 1 {
			t.Errorf("created %q; want one container for an unchanged image", created)
		}
	})
}

// TestTaskReplacesImageInSequence: so it is for targets one after the other.
func TestTaskReplacesImageInSequence(t *testing.T) {
	inVirtualTime(t, plain, []string{"web"}, func(r *rig) {
		r.engine.AddImage("example.com/web", observed.Image{ID: "old"})
		r.after(time.Second, func() { r.engine.AddImage("example.com/web", observed.Image{ID: "new"}) })
		plan := r.planSequence([][]string{{"make"}, {"x"}}, oneOff("x", "web"), host("make", "sleep 2s"))
		r.assertCode(r.session().Run(r.t.Context(), plan, r.signals), 0)
		if created := r.engine.CallsOf("CreateContainer"); len(created) != 2 {
			t.Errorf("created %q; want a second container for the new image", created)
		}
	})
}

// TestTaskReplacesImageOfService: a service with an image that the command of a task names is recreated after the task.
func TestTaskReplacesImageOfService(t *testing.T) {
	const yaml = "services: {web: {image: w, depends_on: [api]}, api: {image: example.com/api, environment: {SLEEP: forever}}}"
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.engine.AddImage("w", observed.Image{})
		r.engine.AddImage("example.com/api", observed.Image{ID: "old"})
		r.assertCode(r.run(oneOff("x", "web")), 0)
		r.after(time.Second, func() { r.engine.AddImage("example.com/api", observed.Image{ID: "new"}) })
		build := host("build", "sleep 2s then print example.com/api")
		r.assertCode(r.run(oneOff("x", "web", on("build")), build), 0)
		r.assertWarned("done container/api recreate")
	})
}

// TestPulledBase: an image is built again only if the pull has replaced its base image.
func TestPulledBase(t *testing.T) {
	const yaml = `services:
  web: {image: web, build: {context: ., dockerfile_inline: "FROM example.com/base"}, depends_on: [db]}
  db: {image: example.com/base, pull_policy: always, environment: {SLEEP: forever}}
`
	for remote, want := range map[string][]string{"new": {"web"}, "old": nil} {
		inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
			r.engine.AddImage("web", observed.Image{})
			r.engine.AddImage("example.com/base", observed.Image{ID: "old"})
			r.engine.AddRemoteImage("example.com/base", observed.Image{ID: remote})
			r.assertCode(r.run(oneOff("x", "web")), 0)
			if got := r.engine.CallsOf("BuildImage"); !slices.Equal(got, want) {
				t.Errorf("the registry has the %s image: built %q; want %q", remote, got, want)
			}
		})
	}
}

// TestBaseIsBuiltFirst: a base image is built before the image, and a failure ends both.
func TestBaseIsBuiltFirst(t *testing.T) {
	const yaml = `services:
  web: {image: web, build: {context: ., dockerfile_inline: "FROM base"}}
  base: {image: base, build: {context: ., args: {%s: "x"}, dockerfile_inline: "FROM scratch"}, profiles: [build]}
`
	inVirtualTime(t, strings.Replace(yaml, "%s", "OK", 1), []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("x", "web")), 0)
		if got := r.engine.CallsOf("BuildImage"); !slices.Equal(got, []string{"base", "web"}) {
			t.Errorf("built %q; want base before web", got)
		}
	})
	inVirtualTime(t, strings.Replace(yaml, "%s", "FAIL", 1), []string{"web"}, func(r *rig) {
		result := r.run(oneOff("x", "web"))
		r.assertCode(result, 125)
		if result.Err == nil || !strings.Contains(result.Err.Error(), "service base") {
			t.Errorf("error %v; want one that names service base", result.Err)
		}
		if got := r.engine.CallsOf("BuildImage"); !slices.Equal(got, []string{"base"}) {
			t.Errorf("built %q; want base alone", got)
		}
	})
}

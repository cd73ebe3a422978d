package executor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"tasks/executor"
	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

const (
	buildable = "services: {web: {image: example.com/web, build: .}}"
	plain     = "services: {web: {image: example.com/web}}"
)

// registryless is an engine for which no registry has any image.
type registryless struct{ engine.Engine }

func (registryless) PullImage(_ context.Context, ref, _ string, _ func(string)) (observed.Image, error) {
	return observed.Image{}, errors.New("pull image " + ref + ": manifest unknown")
}

// runWithoutRegistry runs a task of web.
func (r *rig) runWithoutRegistry() executor.Result {
	return r.sessionOn(registryless{r.engine}).Run(r.t.Context(), r.plan(oneOff("x", "web")), r.signals)
}

// assertWarned fails the test unless a line was seen that starts so.
func (r *rig) assertWarned(start string) {
	r.t.Helper()
	if !slices.ContainsFunc(r.observer.lines(), func(line string) bool { return strings.HasPrefix(line, start) }) {
		r.t.Errorf("no line starts with %q:\n%s", start, strings.Join(r.observer.lines(), "\n"))
	}
}

func TestImageThatCannotBePulledIsBuilt(t *testing.T) {
	inVirtualTime(t, buildable, []string{"web"}, func(r *rig) {
		r.assertCode(r.runWithoutRegistry(), 0)
		r.assertWarned("warned image/example.com/web it is built: pull image example.com/web: manifest unknown")
		r.assertWarned("progress image/example.com/web built example.com/web")
		r.assertWarned("done image/example.com/web build")
	})
}

func TestImageThatCannotBePulledAgainIsUsed(t *testing.T) {
	inVirtualTime(t, strings.Replace(buildable, "build: .", "build: ., pull_policy: always", 1), []string{"web"}, func(r *rig) {
		r.engine.AddImage("example.com/web", observed.Image{})
		r.assertCode(r.runWithoutRegistry(), 0)
		r.assertWarned("warned image/example.com/web the one that is here is used: pull image example.com/web: manifest unknown")
		r.assertWarned("done image/example.com/web reuse")
	})
}

func TestImageThatDoesNotExist(t *testing.T) {
	for policy, want := range map[string]string{
		"missing": "service web (compose.yaml:1): pull image example.com/web: manifest unknown",
		"never":   "service web (compose.yaml:1): image example.com/web is not here, and pull_policy says never: pull it with `docker pull example.com/web`, or change the policy",
	} {
		inVirtualTime(t, strings.Replace(plain, "example.com/web", "example.com/web, pull_policy: "+policy, 1), []string{"web"}, func(r *rig) {
			result := r.runWithoutRegistry()
			r.assertCode(result, 125)
			if result.Err == nil || result.Err.Error() != want {
				t.Errorf("%s: error %v; want %q", policy, result.Err, want)
			}
			for _, left := range r.engine.Remaining() {
				if strings.HasPrefix(left, "container") {
					t.Errorf("%s: %s is left", policy, left)
				}
			}
		})
	}
}

// TestProgressSaysWhatItBelongsTo, so that it can be left out.
func TestProgressSaysWhatItBelongsTo(t *testing.T) {
	for yaml, want := range map[string]planner.Verb{plain: planner.PullImage, "services: {web: {build: .}}": planner.BuildImage} {
		inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
			r.assertCode(r.run(oneOff("x", "web")), 0)
			lines := 0
			for _, n := range r.observer.notices {
				if n.Kind != executor.Progressed {
					continue
				}
				if lines++; n.Verb != want {
					t.Errorf("line %q belongs to %q; want %s", n.Text, n.Verb, want)
				}
			}
			if lines == 0 {
				t.Error("no progress is told")
			}
		})
	}
}

package planner

import (
	"slices"
	"testing"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

func TestOrphans(t *testing.T) {
	p := load(t, "services:\n  web: {image: web}\n  other: {image: web, profiles: [more]}\n", "web")
	have := func(name, service, oneOff string, state observed.ContainerState) *observed.Container {
		return &observed.Container{ID: name, Name: name, State: state, Labels: map[string]string{
			composeproject.LabelProject: "app", composeproject.LabelService: service, composeproject.LabelOneOff: oneOff,
		}}
	}
	in := Input{Spec: spec(serviceTask("test", "web")), Project: p, RemoveOrphans: true, Snapshot: &observed.Snapshot{Containers: []*observed.Container{
		have("gone", "gone", "False", "running"), have("other", "other", "False", "exited"), have("web", "web", "False", "exited"),
		have("ended", "web", "True", "exited"), have("dead", "gone", "True", "dead"), have("living", "web", "True", "running"),
		have("made", "web", "True", "created"),
	}}}
	orphans := func(in Input) []string {
		var names []string
		for _, s := range mustBuild(t, in).Steps {
			if a, ok := s.Action.(*RemoveContainer); ok {
				if s.Verb != Remove || s.Reason.String() == "" {
					t.Errorf("%s: verb %q, reason %q", a.Container.Name, s.Verb, s.Reason.String())
				}
				names = append(names, a.Container.Name)
			}
		}
		return names
	}
	if got, want := orphans(in), []string{"gone", "ended", "dead"}; !slices.Equal(got, want) {
		t.Errorf("orphans %v; want %v", got, want)
	}
	in.RemoveOrphans = false
	if got := orphans(in); got != nil {
		t.Errorf("orphans %v without being asked", got)
	}
}

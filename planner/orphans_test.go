package planner

import (
	"slices"
	"testing"

	"tasks/hclspec"
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
	in.WarnAboutOrphans = true
	var told []string
	for _, d := range mustBuild(t, in).Diagnostics {
		told = append(told, d.Summary)
	}
	if want := []string{"orphan containers: gone (service gone)"}; !slices.Equal(told, want) {
		t.Errorf("told %q; want %q: a service with an inactive profile and one-offs are no orphans", told, want)
	}
}

// TestNoOrphansWithoutAComposeFile: a project of image tasks does not know the services of others.
func TestNoOrphansWithoutAComposeFile(t *testing.T) {
	p, err := composeproject.Empty("app", "/src", nil)
	if err != nil {
		t.Fatal(err)
	}
	web := &observed.Container{ID: "web", Name: "web", State: "running", Labels: map[string]string{
		composeproject.LabelProject: "app", composeproject.LabelService: "web", composeproject.LabelOneOff: "False",
	}}
	plan := mustBuild(t, Input{
		Spec: spec(&hclspec.Task{Name: "i", DeclaredName: "i", Kind: hclspec.ImageTask, Image: "web"}), Project: p, WarnAboutOrphans: true,
		Snapshot: &observed.Snapshot{Containers: []*observed.Container{web}},
	})
	if len(plan.Diagnostics) > 0 {
		t.Error(plan.Diagnostics)
	}
}

// TestNewDefinitionOfAVolume: a kept volume with another definition is told of, with the place.
func TestNewDefinitionOfAVolume(t *testing.T) {
	const head = "services:\n  web: {image: web, volumes: ['data:/d', 'ext:/e']}\nvolumes:\n  ext: {external: true, name: ext}\n"
	labelsOf := func(definition string) map[string]string {
		labels, err := load(t, head+"  data: "+definition+"\n", "web").Labels().Volume("data")
		if err != nil {
			t.Fatal(err)
		}
		return labels
	}
	noHash := labelsOf("{}")
	delete(noHash, composeproject.LabelConfigHash)
	for _, test := range []struct {
		definition string
		labels     map[string]string
		isTold     bool
	}{
		{"{}", labelsOf("{}"), false},
		{"{driver_opts: {type: tmpfs, device: tmpfs}}", labelsOf("{}"), true},
		{"{driver: other}", labelsOf("{}"), true},
		{"{labels: {a: b}}", labelsOf("{}"), true},
		{"{}", labelsOf("{driver_opts: {o: size=1}}"), true},
		{"{driver_opts: {o: size=1}}", labelsOf("{driver_opts: {o: size=1}}"), false},
		{"{driver: other}", noHash, false}, // of another program
	} {
		p := load(t, head+"  data: "+test.definition+"\n", "web")
		plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: &observed.Snapshot{
			Volumes: []observed.Volume{{Name: "app_data", Labels: test.labels}, {Name: "ext", Labels: map[string]string{"x": "y"}}},
		}})
		told := len(plan.Diagnostics) > 0
		if told != test.isTold || told && plan.Diagnostics[0].Summary != "the new definition of volume data has no effect" {
			t.Errorf("%s over %v: %v", test.definition, test.labels, plan.Diagnostics)
		}
		if told && plan.Diagnostics[0].Subject == nil {
			t.Error("there is no place")
		}
	}
}

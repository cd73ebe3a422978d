package observed

import (
	"strings"
	"testing"
	"time"

	"tasks/internal/composeproject"
)

func TestHasFittingName(t *testing.T) {
	slug := strings.Repeat("0a1b", 16)
	replica := map[string]string{
		composeproject.LabelProject: "a", composeproject.LabelService: "b-c", composeproject.LabelContainerNumber: "1",
		composeproject.LabelReplace: "b-c-1",
	}
	oneOff := map[string]string{
		composeproject.LabelProject: "a", composeproject.LabelService: "b-c", composeproject.LabelSlug: slug,
	}
	probe := map[string]string{composeproject.LabelProject: "a", LabelProbe: "b-c"}
	for name, test := range map[string]struct {
		labels map[string]string
		want   bool
	}{
		"a-b-c-1":                {replica, true},
		"a_b-c_1":                {replica, true}, // docker-compose 1, and the compatibility mode
		"0123456789ab_a-b-c-1":   {replica, true}, // a replacement before the rename
		"a-b-c-pre_start-0":      {replica, true},
		"pg":                     {replica, false},
		"a-b-1":                  {replica, false},
		"a-b-c-copy":             {replica, false},
		"a-b-c-1-old":            {replica, false},
		"a-b-c-run-0a1b0a1b0a1b": {oneOff, true},
		"a_b-c_run_0a1b0a1b0a1b": {oneOff, true},
		"a-b-c-run-0a1b0a1b0a1c": {oneOff, false},
		"mine":                   {oneOff, false},
		"a-b-c-probe-0a1b0a1b":   {probe, true},
		"x-b-c-probe-0a1b0a1b":   {probe, false},
	} {
		if got := (&Container{Name: name, Labels: test.labels}).HasFittingName(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// A container keeps all labels unless its identity is that of its image.
func TestOwnLabels(t *testing.T) {
	identity := func(hash string) map[string]string {
		return map[string]string{
			composeproject.LabelProject: "a", composeproject.LabelService: "b", composeproject.LabelConfigHash: hash, "user": "1",
		}
	}
	for name, test := range map[string]struct {
		name  string
		image map[string]string
		left  int
	}{
		"no labels of the image":       {"pg", nil, 4},
		"an image built by Compose":    {"pg", map[string]string{composeproject.LabelProject: "a", composeproject.LabelService: "b"}, 4},
		"a committed image":            {"pg", identity("1"), 0},
		"made of a committed image":    {"pg", identity("2"), 4},
		"with a name of the project":   {"a-b-1", identity("1"), 4},
		"a label of the container":     {"pg", map[string]string{composeproject.LabelConfigHash: "1"}, 3},
		"another value of the image's": {"pg", map[string]string{composeproject.LabelConfigHash: "1", "user": "2"}, 3},
	} {
		c := &Container{Name: test.name, Labels: identity("1")}
		if got := c.OwnLabels(test.image); len(got) != test.left {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The labels of a process in an image are not those of a container, even with the name of a replica.
func TestOwnLabelsOfAProcess(t *testing.T) {
	labels := func(owner string) map[string]string {
		return map[string]string{
			composeproject.LabelProject: "a", composeproject.LabelService: "b", composeproject.LabelContainerNumber: "1",
			composeproject.LabelOneOff: composeproject.OneOffFalse, LabelOwner: owner, LabelPolicy: PolicyTransient,
		}
	}
	for name, test := range map[string]struct {
		image       map[string]string
		isTransient bool
	}{
		"no labels of the image":          {nil, true},
		"an image of the same process":    {labels("dead"), false},
		"an image of an earlier process":  {labels("earlier"), true},
		"an image of a committed one-off": {map[string]string{LabelOwner: "dead", LabelPolicy: PolicyTransient}, false},
	} {
		c := &Container{Name: "a-b-1", Labels: labels("dead")}
		c.Labels = c.OwnLabels(test.image)
		if c.IsTransient() != test.isTransient || (c.Labels[LabelOwner] == "dead") != test.isTransient || !c.IsServiceContainer() {
			t.Errorf("%s: %v", name, c.Labels)
		}
	}
}

// Whoever may create resources on the engine may forge labels. Only labels that fit each other and the name count.
func TestForgedLabelsOfAPrivateProject(t *testing.T) {
	query := Query{Project: "shop", Original: "shop", WithRunResources: true}
	dead := Ownership{IsDead: func(string, time.Duration) bool { return true }}
	for name, test := range map[string]struct {
		resource, project, key string
		want                   bool
	}{
		"a private project":              {"shop-0a1b2c3d_data", "shop-0a1b2c3d", "data", true},
		"no key":                         {"shop-0a1b2c3d_data", "shop-0a1b2c3d", "", true},
		"the project of a victim":        {"victim_data", "victim", "data", false},
		"a project with a similar name":  {"shop-database_data", "shop-database", "data", false},
		"capital digits":                 {"shop-0A1B2C3D_data", "shop-0A1B2C3D", "data", false},
		"another name":                   {"precious", "shop-0a1b2c3d", "", false},
		"the name of another key":        {"shop-0a1b2c3d_data", "shop-0a1b2c3d", "logs", false},
		"the name of the original":       {"shop_data", "shop-0a1b2c3d", "data", false},
		"the private project of another": {"other-0a1b2c3d_data", "other-0a1b2c3d", "data", false},
	} {
		labels := map[string]string{composeproject.LabelProject: test.project, LabelOriginal: "shop", LabelOwner: "dead"}
		if test.key != "" {
			labels[composeproject.LabelNetwork], labels[composeproject.LabelVolume] = test.key, test.key
		}
		n, v := Network{ID: "1", Name: test.resource, Labels: labels}, Volume{Name: test.resource, Labels: labels}
		if query.IsRunNetwork(n) != test.want || query.IsRunVolume(v) != test.want {
			t.Errorf("%s: network %t, volume %t", name, query.IsRunNetwork(n), query.IsRunVolume(v))
		}
		// the snapshot of the project itself shows resources with its label
		garbage := dead.FindGarbage(&Snapshot{Networks: []Network{n}, Volumes: []Volume{v}}, nil)
		if (len(garbage.Networks) == 1) != test.want || (len(garbage.Volumes) == 1) != test.want {
			t.Errorf("%s: garbage %+v", name, garbage)
		}
	}
	forged := &Container{Name: "precious", State: Running, Labels: map[string]string{
		composeproject.LabelProject: "shop-0a1b2c3d", composeproject.LabelService: "db",
		composeproject.LabelOneOff: composeproject.OneOffFalse, LabelOriginal: "shop", LabelOwner: "dead",
	}}
	if dead.IsAbandoned(forged, time.Now()) {
		t.Error("a container with another name is abandoned")
	}
}

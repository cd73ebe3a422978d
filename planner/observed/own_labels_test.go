package observed

import (
	"strings"
	"testing"

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

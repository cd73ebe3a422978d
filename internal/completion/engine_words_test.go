package completion

import (
	"slices"
	"testing"
)

func TestEngineWords(t *testing.T) {
	engines := []string{"ci", "lab"}
	for _, c := range []struct {
		args  []string
		typed string
		want  []string
	}{
		{nil, "", []string{"check"}}, {nil, "x", nil}, {[]string{"check"}, "", engines}, {[]string{"check"}, "l", []string{"lab"}},
		{[]string{"check", "ci"}, "", nil},
	} {
		if got := EngineWords(engines, c.args, c.typed); !slices.Equal(got, c.want) {
			t.Errorf("after %q, %q completes to %q, not %q", c.args, c.typed, got, c.want)
		}
	}
}

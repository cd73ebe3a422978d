package planner

import (
	"errors"
	"testing"
)

// TestImageMistake: a part of a name with a secret is not masked, so the reason has no part.
func TestImageMistake(t *testing.T) {
	for text, want := range map[string]string{
		"invalid reference format: repository name (library/a (b) C) must be lowercase": "invalid reference format: repository name must be lowercase",
		"invalid reference format": "invalid reference format",
	} {
		if got := imageMistake(errors.New(text)); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

package main

import (
	"slices"
	"strings"

	"tasks/internal/state"
)

// verdicts keeps in .tasks/ which compose files were found valid. It is a cache: what cannot be kept is checked again.
type verdicts struct{ dir *state.Dir }

const (
	verdictFile = "compose-valid"
	// verdictsKept is more than the sets of compose files and profiles that people switch between.
	verdictsKept = 32
)

func (v verdicts) Known(key string) bool { return slices.Contains(v.keys(), key) }

func (v verdicts) Remember(key string) {
	keys := append(v.keys(), key)
	if len(keys) > verdictsKept {
		keys = keys[len(keys)-verdictsKept:]
	}
	_ = v.dir.WriteFile(verdictFile, []byte(strings.Join(keys, "\n")))
}

func (v verdicts) keys() []string {
	content, err := v.dir.ReadFile(verdictFile)
	if err != nil {
		return nil
	}
	return strings.Fields(string(content))
}

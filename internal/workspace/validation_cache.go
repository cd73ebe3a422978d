package workspace

import (
	"slices"
	"strings"

	"tasks/internal/coord"
)

// validationCache remembers valid compose files in .tasks/. A lost entry costs another check and nothing else.
type validationCache struct{ dir *coord.Dir }

const (
	validationCacheFile = "compose-valid"
	// maxCachedKeys exceeds the number of sets of compose files and profiles in common use.
	maxCachedKeys = 32
)

// Known implements [composeproject.ValidationCache].
func (v validationCache) Known(key string) bool { return slices.Contains(v.keys(), key) }

// Remember implements [composeproject.ValidationCache].
func (v validationCache) Remember(key string) {
	keys := append(v.keys(), key)
	if len(keys) > maxCachedKeys {
		keys = keys[len(keys)-maxCachedKeys:]
	}
	_ = v.dir.WriteFile(validationCacheFile, []byte(strings.Join(keys, "\n")))
}

func (v validationCache) keys() []string {
	content, err := v.dir.ReadFile(validationCacheFile)
	if err != nil {
		return nil
	}
	return strings.Fields(string(content))
}

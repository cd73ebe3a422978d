package main

import (
	"slices"
	"strings"

	"tasks/internal/coord"
)

// validationCache keeps in .tasks/ which compose files were found valid. It is a cache: what cannot be kept is checked again.
type validationCache struct{ dir *coord.Dir }

const (
	validationCacheFile = "compose-valid"
	// maxCachedKeys is more than the sets of compose files and profiles that people switch between.
	maxCachedKeys = 32
)

func (v validationCache) Known(key string) bool { return slices.Contains(v.keys(), key) }

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

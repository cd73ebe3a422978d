package completion

import (
	"strings"

	"tasks/internal/plaintext"
)

// Add adds a candidate for a typed beginning to a list, with a description; empty: none. A name with control characters
// is left out: shells read candidates line by line. Tab and newline separate the parts of the list's entries.
func Add(candidates []string, typed, name, description string) []string {
	if !strings.HasPrefix(name, typed) || !plaintext.IsPlain(name) {
		return candidates
	}
	if description = plaintext.Escape(strings.TrimSpace(description)); description != "" {
		name += "\t" + description
	}
	return append(candidates, name)
}

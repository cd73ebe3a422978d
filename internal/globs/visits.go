package globs

import (
	"path/filepath"
	"strings"
	"sync"
)

// Visits remembers the directories of a walk that follows links, and the states of the globs there. Each directory is
// walked once, whatever the number of links. Visits is safe for concurrent use.
type Visits struct {
	mu     sync.Mutex
	states map[string][]State // by the directory without links
}

// Enter reports whether a walk must visit a directory: no earlier visit found all that the state can match.
func (v *Visits) Enter(real string, state State) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, earlier := range v.states[real] {
		if earlier.Covers(state) {
			return false
		}
	}
	if v.states == nil {
		v.states = map[string][]State{}
	}
	v.states[real] = append(v.states[real], state)
	return true
}

// ResolveDir returns the directory behind a link, without links. A link to a directory above a root of the walk is not
// followed: the directory contains the root itself, and may be the whole disk.
func ResolveDir(link, realRoot string) (real string, isFollowed bool) {
	real, err := filepath.EvalSymlinks(link)
	if err != nil || IsWithin(realRoot, real) {
		return "", false
	}
	return real, true
}

// IsWithin reports whether a path is a directory or is below the directory.
func IsWithin(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, dir)
	if !ok {
		return false
	}
	separator := string(filepath.Separator)
	return rest == "" || strings.HasPrefix(rest, separator) || strings.HasSuffix(dir, separator)
}

package watch

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// canContainMatch reports whether a file in or below a directory can match a glob. In doubt the result is true.
func canContainMatch(glob, dir string) bool {
	if dir == "." {
		return true
	}
	segments := strings.Split(dir, "/")
	for _, part := range strings.Split(glob, "/") {
		if len(segments) == 0 {
			return true // the rest of the glob is for files in the directory
		}
		if part == "**" || strings.ContainsAny(part, `{}\`) {
			// The comma of {a/b,c} may be in another part, or after an escaped slash. From here on, anything may match.
			return true
		}
		if !doublestar.MatchUnvalidated(part, segments[0]) {
			return false
		}
		segments = segments[1:]
	}
	return false // the glob ends at, or above, the directory itself
}

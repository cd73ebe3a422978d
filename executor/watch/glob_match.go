package watch

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// canContainMatch says whether a file in a directory, or below it, can match a glob. Where it cannot tell, it says yes.
func canContainMatch(glob, dir string) bool {
	if dir == "." {
		return true
	}
	segments := strings.Split(dir, "/")
	for _, part := range strings.Split(glob, "/") {
		if len(segments) == 0 {
			return true // what is left of the glob is for what lies in the directory
		}
		if part == "**" || strings.ContainsAny(part, `{}\`) {
			// The comma of {a/b,c} may stand in another part, or an escaped slash before it: from here on anything may match.
			return true
		}
		if !doublestar.MatchUnvalidated(part, segments[0]) {
			return false
		}
		segments = segments[1:]
	}
	return false // the glob ends at, or above, the directory itself
}

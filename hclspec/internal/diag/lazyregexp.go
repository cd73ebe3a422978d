package diag

import (
	"regexp"
	"sync"
)

// LazyRegexp is a regular expression that is compiled when it is first used: most calls of the program need none of them.
func LazyRegexp(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

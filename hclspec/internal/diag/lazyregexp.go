package diag

import (
	"regexp"
	"sync"
)

// LazyRegexp compiles a regular expression at its first use. Most calls of the program need no expression.
func LazyRegexp(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

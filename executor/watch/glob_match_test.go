package watch

import (
	"path"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
)

func TestCanHold(t *testing.T) {
	for _, test := range []struct {
		glob, dir string
		want      bool
	}{
		{"app/**/*.py", ".", true},
		{"app/**/*.py", "app", true},
		{"app/**/*.py", "app/a/b/c", true},
		{"app/**/*.py", "docs", false},
		{"app/**/*.py", "application", false},
		{"*.py", ".", true},
		{"*.py", "app", false},
		{"**", "app/sub", true},
		{"**/*.go", "app/sub", true},
		{"src/*/x.go", "src", true},
		{"src/*/x.go", "src/a", true},
		{"src/*/x.go", "src/a/b", false},
		{"src/[ab]/x.go", "src/a", true},
		{"src/[ab]/x.go", "src/c", false},
		{"a/b/c.txt", "a", true},
		{"a/b/c.txt", "a/b", true},
		{"a/b/c.txt", "a/b/c.txt", false},
		{"{a/b,c}/x", "a", true},
		{"{a/b,c}/x", "a/b", true},
		{"../lib/*.go", "../lib", true},
		{"../lib/*.go", "../other", false},
	} {
		if got := canContainMatch(test.glob, test.dir); got != test.want {
			t.Errorf("canHold(%q, %q) = %v", test.glob, test.dir, got)
		}
	}
}

// Every match is in a directory that can contain a match.
func FuzzCanHold(f *testing.F) {
	f.Add("app/**/*.py", "app/x/y.py")
	f.Add("{a/b,c}/x", "a/b/x")
	f.Add("**/a/**/b", "x/a/y/z/b")
	f.Add("a/{b,c}/**", "a/c/d/e")
	f.Add(`a\/b/c`, "a/b/c")
	f.Fuzz(func(t *testing.T, glob, file string) {
		glob, file = path.Clean(glob), path.Clean(file)
		if path.IsAbs(glob) || path.IsAbs(file) || !doublestar.ValidatePattern(glob) {
			return
		}
		if !doublestar.MatchUnvalidated(glob, file) {
			return
		}
		for dir := path.Dir(file); dir != "." && dir != "/"; dir = path.Dir(dir) {
			if !canContainMatch(glob, dir) {
				t.Errorf("%q matches %q, but is not looked for in %q", glob, file, dir)
			}
		}
	})
}

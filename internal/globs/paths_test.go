package globs

import "testing"

func TestJoin(t *testing.T) {
	for _, test := range []struct{ dir, glob, want string }{
		{"/p", "src", "/p/src"},
		{"/p", "./src/", "/p/src/"},
		{"/p", ".", "/p"},
		{"/p", "../lib/*.go", "/lib/*.go"},
		{"/p", "/abs/*.go", "/abs/*.go"},
		{"/p[1]/{x}", "*.go", `/p\[1\]/\{x\}/*.go`},
	} {
		if got := Join(test.dir, test.glob); got != test.want {
			t.Errorf("%s and %s: %s, want %s", test.dir, test.glob, got, test.want)
		}
	}
}

func TestPrefix(t *testing.T) {
	for glob, want := range map[string]string{
		"/p/src/**/*.go": "/p/src", "/p/src": "/p/src", "/*.go": "/", "/p/{a,b}/x": "/p", `/p\[1\]/*`: "/p[1]", "/p/a?": "/p",
	} {
		if got := Prefix(glob); got != want {
			t.Errorf("%s: %s, want %s", glob, got, want)
		}
	}
}

func TestMayOverlap(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"/p/gen/**", "/p/gen/x.py", true},
		{"/p/**/*.py", "/p/gen", true},
		{"/p/src", "/p/docs/**", false},
		{"/p/src/*.py", "/p/src/deep", false},
		{"/p/{a,b}/x", "/p/b", true},
		{"/p/dist", "/p/dist/app", true},
	} {
		if got := MayOverlap(test.a, test.b); got != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, got)
		}
		if got := MayOverlap(test.b, test.a); got != test.want {
			t.Errorf("%s and %s: %v", test.b, test.a, got)
		}
	}
}

func TestCovers(t *testing.T) {
	if !Covers("/p/out", "/p/out/a/b") || !Covers("/p/gen-*", "/p/gen-1/x") || Covers("/p/out", "/p/output") {
		t.Error("a glob covers the files below its matches, and no other file")
	}
}

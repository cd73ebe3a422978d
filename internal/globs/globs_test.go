package globs

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

func mustNew(t *testing.T, texts ...string) *Set {
	t.Helper()
	s, err := New(texts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		glob, matches, others string
	}{
		{"src", "src src/a src/deep/b.go", "a source src2/a x/src/a"},
		{"./src/", "src/a src/deep/b", "src a"},
		{".", "a src/a .hidden", "../a"},
		{"./", "a src/a", "../a"},
		{"src/deep", "src/deep/a src/deep/x/y", "src/a src/deeper/a"},
		{"src/../lib", "lib/a", "src/a"},
		{"*.go", "a.go", "src/a.go a.gox"},
		{"**/*.go", "a.go src/a.go", "a.txt"},
		{"src/*", "src/a", "src/deep/b a"},
		{"src/*/", "src/deep/b src/deep/x/y", "src/a"},
		{"src/**", "src/a src/deep/b", "a"},
		{"**/testdata", "testdata/a x/y/testdata/z/w", "x/testdata2/a"},
		{"packages/*/src", "packages/a/src/x packages/b/src/y/z", "packages/a/x"},
		{"{src,lib}", "src/a lib/b/c", "other/a"},
		{"{a/b,c}/x", "a/b/x c/x c/x/below", "a/x b/x"},
		{"src/{deep/b,a}.go", "src/a.go src/deep/b.go", "src/b.go"},
		{"{a,{b,c}d}/x", "a/x bd/x cd/x", "b/x"},
		{"src/[ab]/x.go", "src/a/x.go src/b/x.go", "src/c/x.go"},
		{`app/\[id\]`, "app/[id]/page.tsx app/[id]", "app/id/page.tsx app/i"},
		{`app/\[id\]/*.tsx`, "app/[id]/page.tsx", "app/[id]/x/page.tsx"},
		{"[{]a", "{a", "a"},
		{"../shared/**", "../shared/x ../shared/y/z", "shared/x ../other/x"},
		{"..", "../a ../b/c", "../../a"},
		{"**", "a b/c", "../a"},
		{"a/**/b", "a/b a/x/b a/x/y/b/below", "b a/x"},
		{"file.txt", "file.txt file.txt/below", "other.txt"},
	} {
		s := mustNew(t, test.glob)
		for name := range strings.FieldsSeq(test.matches) {
			if s.Match(name) != 0 {
				t.Errorf("%q does not match %s", test.glob, name)
			}
		}
		for name := range strings.FieldsSeq(test.others) {
			if s.Match(name) >= 0 {
				t.Errorf("%q matches %s", test.glob, name)
			}
		}
	}
}

func TestMatchTreeExcludesAllBelow(t *testing.T) {
	s := mustNew(t, "build-*", "src/gen/*.d", "**/node_modules")
	for name, want := range map[string]int{
		"build-1/a/b": 0, "src/gen/x.d/y": 1, "src/gen/x": -1, "a/node_modules/b/c.js": 2, "a/b": -1, "build": -1,
	} {
		if got := s.MatchTree(name); got != want {
			t.Errorf("%s: glob %d, want %d", name, got, want)
		}
	}
}

func TestInvalidGlobs(t *testing.T) {
	for glob, want := range map[string]string{
		"":                          "an empty glob",
		"{a":                        "no valid glob",
		"[a":                        "no valid glob",
		strings.Repeat("a/", 70):    "more than 63 names",
		strings.Repeat("{a,b}", 11): "more than 1000 alternatives",
	} {
		if _, err := New([]string{glob}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: error %v, want %q", glob, err, want)
		}
	}
}

func TestCanContinue(t *testing.T) {
	for _, test := range []struct {
		glob, dir string
		want      bool
	}{
		{"app/**/*.py", ".", true},
		{"app/**/*.py", "app/a/b", true},
		{"app/**/*.py", "docs", false},
		{"*.py", "app", false},
		{"src/*/x.go", "src/a", true},
		{"src/*/*.go", "src/a/b", false},
		{"a/b/*.txt", "a/b/c.txt", false},
		{"a", "a/b", true},
		{"{a/b,c}/x", "a/b", true},
		{"../lib/*.go", "..", true},
		{"../lib/*.go", "../other", false},
		{"**", "..", false},
	} {
		s := mustNew(t, test.glob)
		if got := s.CanContinue(s.At(test.dir)); got != test.want {
			t.Errorf("%q in %s: %v", test.glob, test.dir, got)
		}
	}
}

func TestNeverSource(t *testing.T) {
	for name, want := range map[string]bool{
		".a.swp": true, ".a.py.swo": true, ".a.swx": true, ".swp": true, "4913": true, "a.py~": true, ".a.un~": true,
		".#a.py": true, "#a.py#": true, "a.py___jb_tmp___": true, "a.py___jb_old___": true, ".goutputstream-X1": true,
		".a.kate-swp": true, ".~lock.a.odt#": true, "~$a.docx": true, ".sublabc.tmp": true, ".nfs0001": true,
		".DS_Store": true, ".git": true, ".tasks": true,
		"x-go-tmp-umask": true, "._.DS_Store": true, ".syncthing.a.tmp": true, "~syncthing~a.tmp": true, ".fuse_hidden01": true,
		"a.swp": false, "4914": false, ".a": false, "~a": false, "": false, ".a.swift": false, "49133": false, "a#b": false, "#a": false, "a~b": false, ".gitignore": false,
		".env": false, "swp": false,
	} {
		if got := NeverSource(name) != ""; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for rel, want := range map[string]bool{
		"src/.git/x": true, "src/git/x": false, "data/4913/x": false, "old~/x": false, "old~/.x.swp": true,
	} {
		if got := NeverSourceIn(rel) != ""; got != want {
			t.Errorf("%s: %v", rel, got)
		}
	}
}

func TestVisits(t *testing.T) {
	s := mustNew(t, "a/*/x.go", "**/*.py")
	var v Visits
	if !v.Enter("/d", s.At("b")) || v.Enter("/d", s.At("c")) {
		t.Error("an equal state must enter once")
	}
	if !v.Enter("/d", s.At("a")) || v.Enter("/d", s.At("b")) {
		t.Error("only a state with more matches enters again")
	}
}

// A glob with a wildcard in the last name matches as in doublestar. All other globs also match files below.
func FuzzMatch(f *testing.F) {
	f.Add("app/**/*.py", "app/x/y.py")
	f.Add("{a/b,c}/x?", "a/b/x1")
	f.Add("**/a/**/b*", "x/a/y/z/b")
	f.Add(`a\*/[b-d]*`, "a*/c")
	f.Fuzz(func(t *testing.T, glob, file string) {
		glob, file = path.Clean(glob), path.Clean(file)
		// Character classes across slashes, and braces next to `**`, are read in different ways.
		if path.IsAbs(glob) || path.IsAbs(file) || strings.Contains(file, "..") || strings.ContainsAny(glob, `{}[]\`) ||
			!utf8.ValidString(glob) || !utf8.ValidString(file) || strings.Count(glob, "*") > 8 {
			return
		}
		s, err := New([]string{glob})
		if err != nil {
			return
		}
		want := doublestar.MatchUnvalidated(glob, file)
		if !hasWildcard(path.Base(glob)) {
			want = want || doublestar.MatchUnvalidated(glob+"/**", file)
		}
		if got := s.Match(file) >= 0; got != want && file != "." && glob != "." && !strings.Contains(glob, "..") {
			t.Errorf("%q and %q: %v, want %v", glob, file, got, want)
		}
		if s.Match(file) >= 0 {
			for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
				if !s.CanContinue(s.At(dir)) {
					t.Errorf("%q matches %q, but does not lead through %q", glob, file, dir)
				}
			}
		}
	})
}

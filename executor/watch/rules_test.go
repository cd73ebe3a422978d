package watch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// project makes files. A name with a slash at the end is a directory.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if strings.HasSuffix(name, "/") {
			mkdir(t, root, name)
		} else {
			write(t, root, name, content)
		}
	}
	return root
}

func mkdir(t *testing.T, root, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	mkdir(t, root, filepath.Dir(name))
	if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func matcherOf(t *testing.T, rules Rules) *matcher {
	t.Helper()
	m, err := newMatcher(rules)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestVerdict(t *testing.T) {
	root := project(t, map[string]string{
		".gitignore":          "*.log\n/dist/\n",
		"build/.dockerignore": "*.md\n!README.md\n",
		"link-target":         "x",
		"compose.yaml":        "",
		"one-file":            "",
	})
	if err := os.Symlink("link-target", filepath.Join(root, "Tasks.hcl")); err != nil {
		t.Fatal(err)
	}
	m := matcherOf(t, Rules{Root: root, Files: []string{"Tasks.hcl", "compose.yaml", "../over.log", ".git/HEAD"}, Units: []Unit{{
		Paths:  []string{"./app/**/*.py", "*.toml", "dist/**", root + "/lib/*.go", "../shared/*.txt"},
		Ignore: []string{"**/gen", "app/skip/*.py"},
		Dirs:   []Dir{{Path: "build", IgnoreFile: "build/.dockerignore"}, {Path: "../context"}, {Path: "one-file"}},
	}}})
	for _, test := range []struct {
		path  string
		taken bool
		rule  string
	}{
		{"app/a.py", true, `paths "./app/**/*.py"`},
		{"app/b/c/d.py", true, `paths "./app/**/*.py"`},
		{"app/a.txt", false, "no rule takes it"},
		{"a.py", false, "no rule takes it"},
		{"x.toml", true, `paths "*.toml"`},
		{"lib/a.go", true, `paths "lib/*.go"`},
		{"../shared/a.txt", true, `paths "../shared/*.txt"`},
		{"../shared/sub/a.txt", false, "no rule takes it"},
		{"app/gen/a.py", false, `ignore "**/gen"`},
		{"app/gen", false, `ignore "**/gen"`},
		{"app/skip/a.py", false, `ignore "app/skip/*.py"`},
		{"app/skip/b/a.py", true, `paths "./app/**/*.py"`},
		{"app/.git/a.py", false, ".git is never watched"},
		{"app/.tasks/a.py", false, ".tasks is never watched"},
		{"app/4913/a.py", true, `paths "./app/**/*.py"`},
		{"app/x.py~", false, "*~ is never watched"},
		{"app/.gitx/a.py", true, `paths "./app/**/*.py"`},
		{"dist/x", false, `/.gitignore:2 "/dist/"`},
		{"build/x.log", false, `/.gitignore:1 "*.log"`},
		{"build/any/thing", true, "directory build"},
		{"build/x.md", false, "/build/.dockerignore"},
		{"build/README.md", true, "directory build"},
		{"../context/x", true, "directory ../context"},
		{"../contextual", false, "no rule takes it"},
		{"one-file", true, "a file that is always watched"},
		{"one-file-more", false, "no rule takes it"},
		{"Tasks.hcl", true, "a file that is always watched"},
		{"../over.log", true, "a file that is always watched"},
		{".git/HEAD", true, "a file that is always watched"},
	} {
		got := m.verdict(m.abs(test.path))
		if got.IsIncluded != test.taken || !strings.HasSuffix(got.Rule, test.rule) {
			t.Errorf("%s: %v, want %v by %s", test.path, got, test.taken, test.rule)
		}
	}
}

func TestWants(t *testing.T) {
	root := project(t, map[string]string{
		".gitignore":            "node_modules/\n",
		"context/.dockerignore": "docs\n",
		"mount/.dockerignore":   "docs\n!docs/keep\n",
	})
	m := matcherOf(t, Rules{Root: root, Files: []string{"vendor/sub/Tasks.hcl"}, Units: []Unit{{
		Paths:  []string{"app/**/*.py", "src/*/x.go"},
		Ignore: []string{"app/gen/**", "vendor"},
		Dirs:   []Dir{{Path: "context", IgnoreFile: "context/.dockerignore"}, {Path: "mount", IgnoreFile: "mount/.dockerignore"}, {Path: "deep/er/tree"}},
	}}})
	for dir, want := range map[string]bool{
		".":                true,
		"app":              true,
		"app/a":            true,
		"app/gen":          false,
		"app/gen/a":        false,
		"app/node_modules": false,
		"app/.git":         false,
		"src":              true,
		"src/a":            true,
		"src/a/b":          false,
		"docs":             false,
		"context/a":        true,
		"context/docs":     false,
		"mount/docs":       true, // a file below is included again
		"deep":             true,
		"deep/er":          true,
		"deep/other":       false,
		"vendor":           true,
		"vendor/sub":       true,
		"vendor/other":     false,
		"..":               true,
		"../other":         false,
	} {
		if got := m.shouldWatch(m.abs(dir)); got != want {
			t.Errorf("%s: %v", dir, got)
		}
	}
}

func TestStarts(t *testing.T) {
	base := project(t, map[string]string{"project/app/": "", "lib/": ""})
	m := matcherOf(t, Rules{Root: filepath.Join(base, "project"), Files: []string{"Tasks.hcl", "../lib/sub/x"}, Units: []Unit{{
		Paths: []string{"app/**", "missing/**", "../lib/*.go"},
		Dirs:  []Dir{{Path: "../not/yet/there"}},
	}}})
	want := []string{base, filepath.Join(base, "lib"), filepath.Join(base, "project")}
	if got := m.roots(); !slices.Equal(got, want) {
		t.Errorf("starts %v, want %v", got, want)
	}
}

func TestGlobsThatAreWrong(t *testing.T) {
	for what, unit := range map[string]Unit{
		"paths":   {Paths: []string{"ok", "app/[a"}},
		"ignore":  {Ignore: []string{"{a,b"}},
		"outputs": {Outputs: []string{"[a"}},
	} {
		_, err := newMatcher(Rules{Units: []Unit{unit}})
		if err == nil || !strings.HasPrefix(err.Error(), what+": ") || !strings.Contains(err.Error(), "no valid glob") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, test := range []struct {
		path, dir string
		want      bool
	}{
		{"/a/b", "/a", true},
		{"/a", "/a", true},
		{"/ab", "/a", false},
		{"/a", "/a/b", false},
		{"/a", "/", true},
	} {
		if got := isWithin(test.path, test.dir); got != test.want {
			t.Errorf("within(%s, %s) = %v", test.path, test.dir, got)
		}
	}
}

// A glob may lead out of the root and back, and the root may have a name with special characters.
func TestGlobsAroundTheRoot(t *testing.T) {
	base := project(t, map[string]string{"[a]{b}/src/x": "", "other/src/y": ""})
	root := filepath.Join(base, "[a]{b}")
	m := matcherOf(t, Rules{Root: root, Units: []Unit{{
		Paths: []string{"../*/src", ".", base + "/other/*.go"}, Ignore: []string{"skip"},
	}}})
	for name, want := range map[string]bool{
		"src/x": true, "../other/src/y": true, "top": true, "skip/x": false, "../other/y": false, "../other/y.go": true,
	} {
		if got := m.verdict(m.abs(name)); got.IsIncluded != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestUnitsHaveTheirOwnFiles(t *testing.T) {
	root := project(t, map[string]string{"a/x": "", "b/x": "", "shared/x": "", "Tasks.hcl": ""})
	w, err := newWatcher(Rules{
		Root: root, Files: []string{"Tasks.hcl"}, SourceGlobs: []string{"*.tasks.hcl"},
		Units: []Unit{
			{Paths: []string{"a", "shared"}, Outputs: []string{"b"}},
			{Paths: []string{"b"}, Dirs: []Dir{{Path: "shared"}}},
		},
	}, quiet, newFakeNotifier())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for change, want := range map[string][]int{
		"a/x": {0}, "b/new": {1}, "shared/x": {0, 1}, "Tasks.hcl": {0, 1}, "new.tasks.hcl": {0, 1}, ".#new.tasks.hcl": nil,
		"c": nil,
	} {
		if got := w.UnitsOf(change); !slices.Equal(got, want) {
			t.Errorf("%s: units %v, want %v", change, got, want)
		}
	}
}

func TestUnmatchedGlobs(t *testing.T) {
	root := project(t, map[string]string{
		".gitignore": "*.log\n", "src/a.py": "", "x.log": "", "gen/deep/a.py": "", "a.py~": "", ".git/info/exclude": "secret\n",
		"secret": "",
	})
	got, err := FindUnmatched(Rules{Root: root, Units: []Unit{
		{Paths: []string{"src", "**/*.py", "srcc", "*.log", "gen/**", "a.py~", "secret", "src/*.js"}, Ignore: []string{"gen"}},
		{Paths: []string{"src/a.py"}, Outputs: []string{"src"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"srcc": "", "*.log": ".gitignore:1", "gen/**": `ignore "gen"`, "a.py~": "*~ is never watched", "src/*.js": "",
		"src/a.py": `outputs "src"`, "secret": "exclude:1",
	}
	for _, u := range got {
		reason, expected := want[u.Glob]
		if !expected || !strings.Contains(u.Reason, reason) || (reason == "") != (u.Reason == "") {
			t.Errorf("%+v", u)
		}
		delete(want, u.Glob)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
}

func TestGitExcludeFiles(t *testing.T) {
	base := project(t, map[string]string{
		"repo/.git/info/exclude": "*.bak\n", "repo/.git/worktrees/w/commondir": "../..\n",
		"w/.git": "gitdir: ../repo/.git/worktrees/w\n", "repo/.gitignore": "!keep.bak\n", "plain/x": "",
	})
	for _, test := range []struct {
		root, name string
		want       bool
	}{
		{"repo", "a.bak", true}, {"repo", "sub/a.bak", true}, {"repo", "keep.bak", false}, {"repo", "a.go", false},
		{"w", "a.bak", true}, {"plain", "a.bak", false},
	} {
		root := filepath.Join(base, test.root)
		if rule := newIgnoreFiles(root).excludedByGit(filepath.Join(root, test.name), isFile); (rule != "") != test.want {
			t.Errorf("%s in %s: %q", test.name, test.root, rule)
		}
	}
}

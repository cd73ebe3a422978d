package watch

import (
	"os"
	"path/filepath"
	"testing"
)

func (w *watching) link(target, name string) {
	w.t.Helper()
	mkdir(w.t, w.root, filepath.Dir(name))
	if err := os.Symlink(target, w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

// relink replaces a link in one step.
func (w *watching) relink(target, name string) {
	w.t.Helper()
	w.link(target, "new-link")
	w.rename("new-link", name)
}

// linked makes a project in a directory beside others, and links in the project. Names of changes start in the project.
func linked(t *testing.T, files map[string]string, links [][2]string, unit Unit, test func(t *testing.T, w *watching)) {
	onBoth(t, nil, Rules{}, func(t *testing.T, base *watching) {
		for name, content := range files {
			base.write(name, content)
		}
		for _, link := range links {
			base.link(link[0], link[1])
		}
		rules := Rules{Root: base.path("project"), Files: []string{"Tasks.hcl"}, Units: []Unit{unit}}
		if err := base.w.SetRules(rules); err != nil {
			t.Fatal(err)
		}
		test(t, base)
	})
}

var pythonSource = Unit{Paths: []string{"src/**/*.py"}}

func TestFilesBehindLinks(t *testing.T) {
	linked(t, map[string]string{"shared/x.py": "x", "shared/lib/deep/y.py": "y", "project/src/a.py": "a"},
		[][2]string{{"../../shared/x.py", "project/src/one.py"}, {"../../shared/lib", "project/src/lib"}},
		pythonSource, func(t *testing.T, w *watching) {
			w.write("shared/x.py", "longer")
			w.expect("src/one.py")
			w.write("shared/lib/deep/y.py", "longer")
			w.expect("src/lib/deep/y.py")
			w.write("shared/lib/new/z.py", "new")
			w.expect("src/lib/new/z.py")
			w.write("shared/other.py", "not linked")
			w.write("shared/lib/deep/y.txt", "no match")
			w.remove("shared/lib/deep")
			w.expect("src/lib/deep/y.py")

			// An editor replaces the file behind the link.
			w.write("shared/x.tmp", "a new file")
			w.rename("shared/x.tmp", "shared/x.py")
			w.expect("src/one.py")
			w.write("shared/x.py", "still the file behind the link")
			w.expect("src/one.py")
		})
}

func TestLinksThatChange(t *testing.T) {
	linked(t, map[string]string{"v1/x.py": "1", "v2/x.py": "2", "v2/more.py": "2", "project/src/a.py": "a"},
		[][2]string{{"../../v1", "project/src/lib"}}, pythonSource, func(t *testing.T, w *watching) {
			w.relink("../../v2", "project/src/lib")
			w.expect("src/lib/x.py", "src/lib/more.py")
			w.write("v1/x.py", "not any more")
			w.write("v2/x.py", "from now on")
			w.expect("src/lib/x.py")
			w.remove("project/src/lib")
			w.expect("src/lib/x.py", "src/lib/more.py")
			w.write("v2/x.py", "not any more, either")
			w.write("project/src/a.py", "other")
			w.expect("src/a.py")
			w.link("../../v1", "project/src/again")
			w.expect("src/again/x.py")
			w.write("v1/x.py", "this time")
			w.expect("src/again/x.py")
		})
}

// The link in the project stays, and a link on the way leads elsewhere, as for a mounted ConfigMap.
func TestLinkOnTheWayChanges(t *testing.T) {
	linked(t, map[string]string{"conf/v1/app.py": "1", "conf/v2/app.py": "2", "project/src/a.py": "a"},
		[][2]string{
			{"v1", "conf/current"}, {"../../conf/current/app.py", "project/src/app.py"}, {"../../conf/current", "project/src/dir"},
		}, pythonSource, func(t *testing.T, w *watching) {
			w.relink("v2", "conf/current")
			w.expect("src/app.py", "src/dir/app.py")
			w.write("conf/v1/app.py", "not any more")
			w.write("conf/v2/app.py", "longer now")
			w.expect("src/app.py", "src/dir/app.py")
		})
}

func TestLinkToNothingYet(t *testing.T) {
	linked(t, map[string]string{"later/keep": "", "project/src/a.py": "a"},
		[][2]string{{"../../later/dir", "project/src/dir"}, {"../../later/x.py", "project/src/x.py"}},
		pythonSource, func(t *testing.T, w *watching) {
			w.write("later/x.py", "now")
			w.expect("src/x.py")
			w.write("later/dir/y.py", "now")
			w.expect("src/dir/y.py")
			w.remove("later/dir")
			w.expect("src/dir/y.py")
			w.write("later/dir/y.py", "again")
			w.expect("src/dir/y.py")
		})
}

// Circles end, and each file has one name.
func TestCirclesOfLinks(t *testing.T) {
	linked(t, map[string]string{"other/b.py": "b", "project/src/a.py": "a"},
		[][2]string{
			{".", "project/src/self"}, {"..", "project/src/up"}, {"/", "project/src/disk"},
			{"../../other", "project/src/one"}, {"../../other", "project/src/two"}, {"../project/src", "other/back"},
			{"round", "project/src/round"},
		}, pythonSource, func(t *testing.T, w *watching) {
			w.write("project/src/a.py", "longer")
			w.expect("src/a.py")
			w.write("other/b.py", "longer")
			w.expect("src/one/b.py")
		})
}

func TestLinkedTaskFile(t *testing.T) {
	linked(t, map[string]string{"real/Tasks.hcl": "t", "project/src/a.py": "a"},
		[][2]string{{"../real/Tasks.hcl", "project/Tasks.hcl"}}, pythonSource, func(t *testing.T, w *watching) {
			w.write("real/Tasks.hcl", "longer")
			w.expect("Tasks.hcl")
			w.write("real/T2", "another file")
			w.relink("../real/T2", "project/Tasks.hcl")
			w.expect("Tasks.hcl")
			w.write("real/T2", "another file, longer")
			w.expect("Tasks.hcl")
		})
}

// Two globs see a directory under two names.
func TestDirectoryUnderTwoNames(t *testing.T) {
	linked(t, map[string]string{"lib/x.py": "x", "lib/x.js": "x"},
		[][2]string{{"../../lib", "project/src/lib"}, {"../../lib", "project/vendor/lib"}},
		Unit{Paths: []string{"src/**/*.py", "vendor/**/*.js"}}, func(t *testing.T, w *watching) {
			w.write("lib/x.js", "longer")
			w.expect("vendor/lib/x.js")
			w.write("lib/x.py", "longer")
			w.expect("src/lib/x.py")
		})
}

func TestLinkedDirs(t *testing.T) {
	linked(t, map[string]string{"real/ctx/a": "a", "deep/b": "b"},
		[][2]string{{"../real/ctx", "project/ctx"}, {"../../deep", "real/ctx/deep"}},
		Unit{Dirs: []Dir{{Path: "ctx"}}}, func(t *testing.T, w *watching) {
			w.write("real/ctx/a", "longer")
			w.expect("ctx/a")
			w.write("deep/b", "longer")
			w.expect("ctx/deep/b")
		})
}

// A second link to a watched directory has no files of its own in the tree. A command reads the files under its name.
func TestSecondLinkToADirectory(t *testing.T) {
	linked(t, map[string]string{"lib/x.py": "x"}, [][2]string{{"../../lib", "project/src/first"}},
		Unit{Paths: []string{"src"}}, func(t *testing.T, w *watching) {
			w.link("../../lib", "project/src/second")
			w.expect("src/second")
			w.write("lib/x.py", "longer")
			w.expect("src/first/x.py")
			w.remove("project/src/second")
			w.expect("src/second")
		})
}

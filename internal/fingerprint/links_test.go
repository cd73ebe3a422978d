package fingerprint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// link makes a link, with the directories above.
func (tr *testTree) link(target, name string) {
	tr.t.Helper()
	whole := filepath.Join(tr.dir, name)
	if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	_ = os.Remove(whole)
	if err := os.Symlink(target, whole); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *testTree) names(globs ...string) string {
	tr.t.Helper()
	files, err := walk(tr.t.Context(), filepath.Join(tr.dir, "project"), globs)
	if err != nil {
		tr.t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.name)
	}
	return strings.Join(names, " ")
}

func TestLinkedDirectories(t *testing.T) {
	for name, test := range map[string]struct {
		files, links []string
		globs, want  string
	}{
		"outside of the project": {
			[]string{"shared/lib/x.py"}, []string{"../../shared/lib project/src/lib"},
			"src/**/*.py", "src/lib/x.py",
		},
		"named by the glob": {
			[]string{"shared/lib/deep/x.py"}, []string{"../../shared/lib project/src/lib"}, "src/lib/", "src/lib/deep/x.py",
		},
		"in the project, once": {
			[]string{"project/lib/x.py"}, []string{"../lib project/src/lib", "lib project/other"},
			"**/*.py", "lib/x.py",
		},
		"another glob for the link": {
			[]string{"project/lib/x.py", "project/lib/x.js"}, []string{"../lib project/src/lib", "../lib project/vendor/lib"},
			"src/**/*.py vendor/**/*.js", "src/lib/x.py vendor/lib/x.js",
		},
		"a link behind a link": {
			[]string{"a/x.py", "b/y.py"}, []string{"../a project/one", "../b a/two"}, "**/*.py", "one/two/y.py one/x.py",
		},
		"a circle of two": {
			[]string{"a/x.py", "b/y.py"}, []string{"../a project/one", "../b a/two", "../a b/three"},
			"**/*.py", "one/two/y.py one/x.py",
		},
		"itself": {
			[]string{"project/src/x.py"}, []string{". project/src/self", ".. project/src/up", "/ project/src/disk"},
			"src/**/*.py", "src/x.py",
		},
		"a link to a link": {
			[]string{"v2/x.py"}, []string{"../current project/lib", "v2 current"}, "lib", "lib lib/x.py",
		},
		"packages of pnpm": {
			[]string{"project/packages/a/a.js", "project/packages/b/b.js"},
			[]string{
				"../../b project/packages/a/node_modules/b", "../../a project/packages/b/node_modules/a",
				"../packages/a project/node_modules/a",
			},
			"**/*.js", "packages/a/a.js packages/b/b.js",
		},
		"nowhere": {
			[]string{"project/src/x.py"}, []string{"missing project/src/gone", "loop project/src/loop"},
			"src/**/*.py", "src/x.py",
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTree(t, test.files...)
			for _, link := range test.links {
				target, at, _ := strings.Cut(link, " ")
				tr.link(target, at)
			}
			for range 3 {
				if got := tr.names(strings.Fields(test.globs)...); got != test.want {
					t.Fatalf("%s: %q, want %q", test.globs, got, test.want)
				}
			}
		})
	}
}

// Many links between many directories are walked in a moment.
func TestManyLinks(t *testing.T) {
	tr := newTree(t)
	names := "abcdefghijklmnopqrst"
	for _, from := range names {
		tr.write("project/"+string(from)+"/x.py", "")
		for _, to := range names {
			tr.link("../"+string(to), "project/"+string(from)+"/to-"+string(to))
		}
	}
	start := time.Now()
	if got := strings.Count(tr.names("**/*.py"), "x.py"); got != len(names) {
		t.Errorf("%d files, want %d", got, len(names))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the walk took %s", took)
	}
}

func TestChangesBehindLinksDiffer(t *testing.T) {
	tr := newTree(t, "project/src/a.py", "shared/lib/x.py", "shared/v2/x.py")
	tr.q.Dir = filepath.Join(tr.dir, "project")
	tr.link("../../shared/lib", "project/src/lib")
	tr.succeed()
	tr.wantReason("")
	tr.write("shared/lib/x.py", "other")
	tr.wantReason("input src/lib/x.py differs")
	tr.succeed()
	tr.write("shared/lib/deep/y.py", "new")
	tr.wantReason("input src/lib/deep/y.py is new")
	tr.succeed()
	tr.link("../../shared/v2", "project/src/lib")
	if reason := tr.check().Reason; !strings.HasPrefix(reason, "input src/lib") {
		t.Errorf("reason %q after the link leads elsewhere", reason)
	}
}

func TestEditorFilesAreNoInputs(t *testing.T) {
	tr := newTree(t, "src/a.py")
	tr.succeed()
	for _, name := range []string{".a.py.swp", "4913", "a.py~", "#a.py#", "a.py___jb_tmp___", ".goutputstream-1", "deep/.b.swx"} {
		tr.write("src/"+name, "x")
	}
	tr.link("user@host.1234", "src/.#a.py")
	tr.wantReason("")
	tr.write("src/old~/data", "a directory with such a name counts")
	tr.wantReason("input src/old~/data is new")
}

// A glob of outputs excludes all below a directory that the glob matches.
func TestOutputDirectoriesAreNoInputs(t *testing.T) {
	tr := newTree(t, "src/a.py", "src/gen-1/deep/x.py")
	tr.q.Inputs, tr.q.Outputs = []string{"src"}, []string{"src/gen-*"}
	tr.write("src/gen-2", "a file, so the output exists")
	tr.succeed()
	tr.write("src/gen-1/deep/x.py", "other")
	tr.wantReason("")
}

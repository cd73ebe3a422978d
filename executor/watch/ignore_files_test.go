package watch

import (
	"path/filepath"
	"strings"
	"testing"
)

// The expectations come from `git check-ignore`.
func TestGitIgnore(t *testing.T) {
	root := project(t, map[string]string{
		".git/": "",
		".gitignore": strings.Join([]string{
			"# comment", "", "*.log", "!keep.log", "/only-top", "build/", "docs/*.txt", "a/**/z", "logs/**", "!logs/.keep",
			`\#file`, `\!file`, "brace{a,b}", "trailing   ", "mid/dle", "**/any", "out", "!out/x", "[",
		}, "\n"),
		"sub/.gitignore":      "!again.log\n/here\nlocal\r\n",
		"sub/deep/.gitignore": "again.log\n",
	})
	f := newIgnoreFiles(root)
	for _, test := range []struct {
		path string
		kind fileKind
		want string // the line
	}{
		{"x.log", isFile, "*.log"},
		{"app/x.log", isFile, "*.log"},
		{"keep.log", isFile, ""},
		{"app/keep.log", isFile, ""},
		{"only-top", isFile, "/only-top"},
		{"app/only-top", isFile, ""},
		{"build", isFile, ""},
		{"build", isDir, "build/"},
		{"app/build/x", isFile, "build/"},
		{"docs/a.txt", isFile, "docs/*.txt"},
		{"docs/sub/a.txt", isFile, ""},
		{"app/docs/a.txt", isFile, ""},
		{"a/z", isFile, "a/**/z"},
		{"a/b/c/z", isFile, "a/**/z"},
		{"logs", isDir, ""},
		{"logs/x", isFile, "logs/**"},
		{"logs/.keep", isFile, ""},
		{"#file", isFile, `\#file`},
		{"!file", isFile, `\!file`},
		{"bracea", isFile, ""},
		{"brace{a,b}", isFile, "brace{a,b}"},
		{"trailing", isFile, "trailing   "},
		{"mid/dle", isFile, "mid/dle"},
		{"x/mid/dle", isFile, ""},
		{"x/y/any", isFile, "**/any"},
		{"any", isFile, "**/any"},
		{"out/x", isFile, "out"}, // an exception has no effect in an excluded directory
		{"sub/again.log", isFile, ""},
		{"sub/other/again.log", isFile, ""},
		{"sub/deep/again.log", isFile, "again.log"},
		{"sub/here", isFile, "/here"},
		{"sub/x/here", isFile, ""},
		{"here", isFile, ""},
		{"sub/x/local", isFile, "local"},
		{"plain", isFile, ""},
		{".", isDir, ""},
	} {
		rule := f.excludedByGit(filepath.Join(root, test.path), test.kind)
		if test.want == "" && rule != "" || test.want != "" && !strings.Contains(rule, `.gitignore:`) {
			t.Errorf("%s: %q, want %q", test.path, rule, test.want)
		}
		if line := strings.ReplaceAll(rule, `\\`, `\`); !strings.Contains(line, test.want) {
			t.Errorf("%s: %q, want %q", test.path, rule, test.want)
		}
	}
}

func TestGitIgnoreAboveRoot(t *testing.T) {
	repo := project(t, map[string]string{".git/": "", ".gitignore": "*.log\n", "project/": ""})
	root := filepath.Join(repo, "project")
	f := newIgnoreFiles(root)
	if rule := f.excludedByGit(filepath.Join(root, "x.log"), isFile); rule == "" {
		t.Error("the repository's .gitignore does not hold")
	}
}

func TestGitIgnoreOfAnotherProject(t *testing.T) {
	dir := project(t, map[string]string{".gitignore": "*.log\n", "project/": ""})
	root := filepath.Join(dir, "project")
	for _, name := range []string{"x.log", "../x.log"} {
		if rule := newIgnoreFiles(root).excludedByGit(filepath.Join(root, name), isFile); rule != "" {
			t.Errorf("%s: %s holds without a repository", name, rule)
		}
	}
}

// A project in an ignored directory is watched all the same.
func TestIgnoredRoot(t *testing.T) {
	repo := project(t, map[string]string{".git/": "", ".gitignore": "tmp/\n*.log\n", "tmp/project/.gitignore": "*.bak\n"})
	root := filepath.Join(repo, "tmp/project")
	f := newIgnoreFiles(root)
	for name, excluded := range map[string]bool{"a.go": false, "a.log": false, "a.bak": true} {
		if rule := f.excludedByGit(filepath.Join(root, name), isFile); (rule != "") != excluded {
			t.Errorf("%s: %q", name, rule)
		}
	}
}

func TestDockerIgnore(t *testing.T) {
	root := project(t, map[string]string{
		"context/.dockerignore": "# comment\n/docs\n**/*.md\n",
		"broken/.dockerignore":  "[a-\n",
		"none/":                 "",
	})
	f := newIgnoreFiles(root)
	for _, test := range []struct {
		tree, path string
		want       bool
	}{
		{"context", "docs/a", true},
		{"context", "x/docs/a", false},
		{"context", "a/b/c.md", true},
		{"context", "c.go", false},
		{"context", ".", false},
		{"broken", "a", false},
		{"none", "a", false},
	} {
		tree := Dir{Path: filepath.Join(root, test.tree), IgnoreFile: filepath.Join(root, test.tree, ".dockerignore")}
		if got := f.excludedByDocker(tree, filepath.Join(tree.Path, test.path), isFile) != ""; got != test.want {
			t.Errorf("%s in %s: %v", test.path, tree.Path, got)
		}
	}
}

package watch

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// ignoreFiles are the .gitignore and .dockerignore files for the watched files. They are read on first use. An
// unreadable file or an invalid line excludes nothing.
type ignoreFiles struct {
	top    string                                    // the repository's root, or the watched root
	git    map[string][]gitRule                      // by the directory of the .gitignore
	docker map[string]*patternmatcher.PatternMatcher // by the file; nil: no such file
	// exclude are the rules of .git/info/exclude, excludeFile is the file.
	exclude     []gitRule
	excludeFile string
}

// gitRule is a line of a .gitignore.
type gitRule struct {
	glob      string // relative to the file's directory
	isNegated bool
	isDirOnly bool
	source    string
}

func newIgnoreFiles(root string) *ignoreFiles {
	f := &ignoreFiles{
		top:    repositoryRoot(root),
		git:    map[string][]gitRule{},
		docker: map[string]*patternmatcher.PatternMatcher{},
	}
	if f.excludeFile = gitExcludeFile(f.top); f.excludeFile != "" {
		f.exclude = readGitIgnore(f.excludeFile)
	}
	if f.excludedByGit(root, isDir) != "" {
		f.top = root // a watch in an ignored directory must see files
	}
	return f
}

// isIgnoreFile reports whether a change of the file changes the rules.
func (f *ignoreFiles) isIgnoreFile(abs string) bool {
	name := filepath.Base(abs)
	return name == ".gitignore" || strings.HasSuffix(name, ".dockerignore") || abs == f.excludeFile
}

// gitExcludeFile returns the exclude file of a repository, also of a worktree, or "".
func gitExcludeFile(top string) string {
	dir := filepath.Join(top, ".git")
	if info, err := os.Stat(dir); err != nil {
		return ""
	} else if info.IsDir() {
		return filepath.Join(dir, "info", "exclude")
	}
	if dir = readGitLink(dir, "gitdir: "); dir == "" {
		return ""
	}
	if common := readGitLink(filepath.Join(dir, "commondir"), ""); common != "" {
		dir = common
	}
	return filepath.Join(dir, "info", "exclude")
}

// readGitLink returns the directory in a file of git, or "".
func readGitLink(name, prefix string) string {
	content, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	dir, isLink := strings.CutPrefix(strings.TrimSpace(string(content)), prefix)
	if !isLink || filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(filepath.Dir(name), dir)
}

// repositoryRoot returns the root of the directory's git repository, or else the directory.
func repositoryRoot(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
}

// excludedByDocker returns the ignore file that excludes a file or directory of a tree, or "".
func (f *ignoreFiles) excludedByDocker(tree Dir, abs string, kind fileKind) string {
	if tree.IgnoreFile == "" {
		return ""
	}
	rules, known := f.docker[tree.IgnoreFile]
	if !known {
		rules = readDockerIgnore(tree.IgnoreFile)
		f.docker[tree.IgnoreFile] = rules
	}
	rel, err := filepath.Rel(tree.Path, abs)
	if rules == nil || err != nil || rel == "." {
		return ""
	}
	if kind == isDir && rules.Exclusions() {
		return "" // an exception may include a file below
	}
	if out, err := rules.MatchesOrParentMatches(rel); err != nil || !out {
		return ""
	}
	return tree.IgnoreFile
}

// excludedByGit returns the rule that excludes a file or directory, or a directory above, or else "". The search starts
// at the top, because an exception cannot include a file below an excluded directory.
func (f *ignoreFiles) excludedByGit(abs string, kind fileKind) string {
	if !isWithin(abs, f.top) {
		return ""
	}
	rel, err := filepath.Rel(f.top, abs)
	if err != nil || rel == "." {
		return ""
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	for i := range parts {
		partKind := isDir
		if i == len(parts)-1 {
			partKind = kind
		}
		if rule, ok := f.lastMatch(parts[:i+1], partKind); ok && !rule.isNegated {
			return rule.source
		}
	}
	return ""
}

// lastMatch returns the deciding rule: the last match in the nearest .gitignore with a match, else in the exclude file.
func (f *ignoreFiles) lastMatch(parts []string, kind fileKind) (gitRule, bool) {
	for depth := len(parts) - 1; depth >= 0; depth-- {
		dir := filepath.Join(append([]string{f.top}, parts[:depth]...)...)
		rel := strings.Join(parts[depth:], "/")
		rules := f.gitRules(dir)
		for i := len(rules) - 1; i >= 0; i-- {
			if rules[i].matches(rel, kind) {
				return rules[i], true
			}
		}
	}
	for _, rule := range slices.Backward(f.exclude) {
		if rule.matches(strings.Join(parts, "/"), kind) {
			return rule, true
		}
	}
	return gitRule{}, false
}

func (r gitRule) matches(rel string, kind fileKind) bool {
	return (kind == isDir || !r.isDirOnly) && doublestar.MatchUnvalidated(r.glob, rel)
}

func (f *ignoreFiles) gitRules(dir string) []gitRule {
	rules, known := f.git[dir]
	if !known {
		rules = readGitIgnore(filepath.Join(dir, ".gitignore"))
		f.git[dir] = rules
	}
	return rules
}

func readGitIgnore(name string) []gitRule {
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	return parseGitIgnore(name, file)
}

func parseGitIgnore(name string, r io.Reader) []gitRule {
	var rules []gitRule
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		if rule, ok := parseGitRule(lines.Text()); ok {
			rule.source = fmt.Sprintf("%s:%d %q", name, number, lines.Text())
			rules = append(rules, rule)
		}
	}
	return rules
}

// parseGitRule follows gitignore(5).
func parseGitRule(line string) (gitRule, bool) {
	line = strings.TrimSuffix(line, "\r")
	if trimmed := strings.TrimRight(line, " "); !strings.HasSuffix(trimmed, `\`) {
		line = trimmed
	}
	if strings.HasPrefix(line, "#") {
		return gitRule{}, false
	}
	var rule gitRule
	line, rule.isNegated = strings.CutPrefix(line, "!")
	line, rule.isDirOnly = strings.CutSuffix(line, "/")
	if line == "" {
		return gitRule{}, false
	}
	anchored := strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if strings.HasSuffix(line, "/**") {
		line += "/*" // the content of the directory, without the directory
	}
	if !anchored {
		line = path.Join("**", line)
	}
	rule.glob = strings.NewReplacer("{", `\{`, "}", `\}`).Replace(line) // git has no braces
	return rule, doublestar.ValidatePattern(rule.glob)
}

func readDockerIgnore(name string) *patternmatcher.PatternMatcher {
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil
	}
	return matcher
}

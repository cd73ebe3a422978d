package watch

import (
	"path/filepath"
	"strings"
)

// Ignored decides for a walk through a directory which files the ignore files exclude: .gitignore, .git/info/exclude,
// and the .dockerignore of the directory. An Ignored serves one walk.
type Ignored struct {
	files *ignoreFiles
	tree  Dir
	// levels are the rules of the entered directories, outermost first.
	levels []ignoreLevel
}

// ignoreLevel is a directory with the rules of its .gitignore.
type ignoreLevel struct {
	dir   string
	rules []gitRule
}

// NewIgnored returns the decisions for a walk from root. In a directory that is excluded itself, the rules above do not
// count.
func NewIgnored(root string) *Ignored {
	w := &Ignored{files: newIgnoreFiles(root), tree: Dir{Path: root, IgnoreFile: filepath.Join(root, ".dockerignore")}}
	if rel, err := filepath.Rel(w.files.top, root); err == nil && rel != "." {
		dir := w.files.top
		for name := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
			w.Enter(dir)
			dir = filepath.Join(dir, name)
		}
	}
	return w
}

// Enter adds the rules of a directory, before the entries of the directory.
func (w *Ignored) Enter(dir string) {
	w.levels = append(w.levels, ignoreLevel{dir, w.files.gitRules(dir)})
}

// Leave removes the rules of the last entered directory.
func (w *Ignored) Leave() { w.levels = w.levels[:len(w.levels)-1] }

// Excludes reports whether an ignore file excludes an entry of the last entered directory.
func (w *Ignored) Excludes(abs string, isDirectory bool) bool {
	kind := fileKind(isDirectory)
	return w.excludedByGit(abs, kind) || w.files.excludedByDocker(w.tree, abs, kind) != ""
}

// excludedByGit takes the last match in the nearest .gitignore with a match, else in the exclude file.
func (w *Ignored) excludedByGit(abs string, kind fileKind) bool {
	for i := len(w.levels) - 1; i >= 0; i-- {
		level := w.levels[i]
		if len(level.rules) == 0 {
			continue
		}
		if rule, found := lastMatchIn(level.rules, relativeTo(level.dir, abs), kind); found {
			return !rule.isNegated
		}
	}
	rule, found := lastMatchIn(w.files.exclude, relativeTo(w.files.top, abs), kind)
	return found && !rule.isNegated
}

// relativeTo returns a path below a directory, with slashes.
func relativeTo(dir, abs string) string {
	return filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(abs, dir), string(filepath.Separator)))
}

func lastMatchIn(rules []gitRule, rel string, kind fileKind) (gitRule, bool) {
	for i := len(rules) - 1; i >= 0; i-- {
		if rules[i].matches(rel, kind) {
			return rules[i], true
		}
	}
	return gitRule{}, false
}

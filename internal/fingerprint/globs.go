package fingerprint

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"tasks/internal/globs"
)

// root is a directory to walk, with the globs for the files inside.
type root struct {
	// dir is absolute. displayDir is the prefix of file names in messages: relative to the directory of the globs, with
	// slashes.
	dir, displayDir string
	globs           *globs.Set
}

// rootsOf groups globs by their start directories.
func rootsOf(dir string, texts []string) ([]root, error) {
	var roots []root
	patterns := map[string][]string{}
	for _, text := range texts {
		if err := globs.Check(text); err != nil {
			return nil, err
		}
		base, pattern := split(dir, text)
		if patterns[base] == nil {
			roots = append(roots, root{dir: base, displayDir: displayPath(dir, base)})
		}
		patterns[base] = append(patterns[base], pattern)
	}
	for i := range roots {
		var err error
		if roots[i].globs, err = globs.New(patterns[roots[i].dir]); err != nil {
			return nil, err
		}
	}
	return roots, nil
}

// split cuts a glob into the directory before the first wildcard, and the rest.
func split(dir, text string) (base, pattern string) {
	text = filepath.ToSlash(text)
	base, pattern = doublestar.SplitPattern(path.Clean(text))
	if pattern == ".." {
		base, pattern = path.Join(base, ".."), "."
	}
	if strings.HasSuffix(text, "/") {
		pattern += "/"
	}
	return absolutePath(dir, base), pattern
}

func absolutePath(dir, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

func displayPath(dir, base string) string {
	rel, err := filepath.Rel(dir, base)
	if err != nil {
		rel = base // another Windows volume
	}
	return filepath.ToSlash(rel)
}

// prefix returns the common prefix of the root's file names.
func (r root) prefix() string {
	if r.displayDir == "." {
		return ""
	}
	return strings.TrimSuffix(r.displayDir, "/") + "/"
}

// excludes reports whether a glob of the root matches a file or a directory above the file.
func (r root) excludes(name string) bool {
	rel, isBelow := relative(r.dir, name)
	return isBelow && r.globs.MatchTree(rel) >= 0
}

// excludedByAny reports whether a root excludes a file.
func excludedByAny(roots []root, name string) bool {
	return slices.ContainsFunc(roots, func(r root) bool { return r.excludes(name) })
}

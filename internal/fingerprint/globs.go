package fingerprint

import (
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// root is a directory to walk, with the globs for the files inside.
type root struct {
	// dir is absolute. displayDir is the prefix of file names in messages: relative to the directory of the globs, with
	// slashes.
	dir, displayDir string
	globs           []glob
}

// glob matches paths relative to a root.
type glob struct {
	pattern string
	// depth is the largest number of names in a match.
	depth int
}

// rootsOf groups globs by their start directories. A directory without wildcards stands for all files inside.
func rootsOf(dir string, globs []string) ([]root, error) {
	var roots []root
	for _, text := range globs {
		if !doublestar.ValidatePattern(text) {
			return nil, fmt.Errorf("%q is no valid glob: look for a bracket or brace that is not closed", text)
		}
		base, pattern := split(dir, text)
		g := glob{pattern: pattern, depth: depthOf(pattern)}
		at := slices.IndexFunc(roots, func(r root) bool { return r.dir == base })
		if at < 0 {
			roots = append(roots, root{dir: base, displayDir: displayPath(dir, base)})
			at = len(roots) - 1
		}
		roots[at].globs = append(roots[at].globs, g)
	}
	return roots, nil
}

func split(dir, text string) (base, pattern string) {
	text = path.Clean(filepath.ToSlash(text))
	if !strings.ContainsAny(text, `*?[{\`) {
		whole := absolutePath(dir, text)
		if info, err := os.Stat(whole); err == nil && info.IsDir() {
			return whole, "**"
		}
	}
	base, pattern = doublestar.SplitPattern(text)
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

// depthOf returns the depth of the walk that a pattern needs.
func depthOf(pattern string) int {
	if strings.Contains(pattern, "**") || strings.ContainsAny(pattern, `{\`) {
		return math.MaxInt
	}
	return strings.Count(pattern, "/") + 1
}

// depth returns the depth of the walk that the root needs.
func (r root) depth() int {
	deepest := 0
	for _, g := range r.globs {
		deepest = max(deepest, g.depth)
	}
	return deepest
}

// prefix returns the common prefix of the root's file names.
func (r root) prefix() string {
	if r.displayDir == "." {
		return ""
	}
	return strings.TrimSuffix(r.displayDir, "/") + "/"
}

// matches reports whether a glob of the root matches a path.
func (r root) matches(rel string) bool {
	return slices.ContainsFunc(r.globs, func(g glob) bool {
		matched, _ := doublestar.Match(g.pattern, rel)
		return matched
	})
}

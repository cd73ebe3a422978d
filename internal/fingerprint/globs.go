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

// root is a directory that is walked, and what counts in it.
type root struct {
	// dir is absolute; shown is what its files are called by: relative to the directory of the globs, with slashes.
	dir, displayDir string
	globs           []glob
}

// glob matches paths relative to its root.
type glob struct {
	pattern string
	// depth is how many names a match can have.
	depth int
}

// rootsOf cuts globs into the directories where they start, each once. A name without wildcards that is a directory stands
// for all that is in it.
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
		rel = base // another volume of Windows
	}
	return filepath.ToSlash(rel)
}

// depthOf is how deep a walk has to go for a pattern.
func depthOf(pattern string) int {
	if strings.Contains(pattern, "**") || strings.ContainsAny(pattern, `{\`) {
		return math.MaxInt
	}
	return strings.Count(pattern, "/") + 1
}

// depth is how deep a walk of the root has to go.
func (r root) depth() int {
	deepest := 0
	for _, g := range r.globs {
		deepest = max(deepest, g.depth)
	}
	return deepest
}

// prefix is what the names of its files begin with.
func (r root) prefix() string {
	if r.displayDir == "." {
		return ""
	}
	return strings.TrimSuffix(r.displayDir, "/") + "/"
}

// matches says whether one of its globs matches a path.
func (r root) matches(rel string) bool {
	return slices.ContainsFunc(r.globs, func(g glob) bool {
		matched, _ := doublestar.Match(g.pattern, rel)
		return matched
	})
}

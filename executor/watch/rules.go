// Package watch turns changes of files into batches, and batches into reruns. The package knows no containers and no
// tasks.
package watch

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Rules select the files that count. The .gitignore files below Root exclude files, and so do the .gitignore files
// above, up to the repository's root. In one of Dirs, a .dockerignore at the root excludes files too. Files below a
// .git or .tasks never count. The entries of Files always count.
//
// Symbolic links are watched, but not followed.
type Rules struct {
	// Root is the base directory of all other paths.
	Root string
	// Paths and Ignore are globs with **, for paths relative to Root. A match of Ignore does not count, nor does
	// anything below the match.
	Paths, Ignore []string
	// Dirs are whole trees, such as build contexts and bind mounts. An entry that is a file counts as an entry of
	// Files.
	Dirs []string
	// Files are single files, such as Tasks.hcl and compose.yaml.
	Files []string
	// Explain is called for every event, with the verdict. Calls never overlap. Explain may be nil.
	Explain func(path string, verdict Verdict)
}

// Verdict is the decision about a file, with the deciding rule.
type Verdict struct {
	IsIncluded bool
	Rule       string
}

// neverWatched are directories that are never an input.
var neverWatched = [...]string{".git", ".tasks"}

// matcher holds prepared rules. All paths are absolute.
type matcher struct {
	root          string
	paths, ignore []string // globs relative to root, with slashes
	dirs          []string
	files         map[string]bool
	ignoreFiles   *ignoreFiles
	// targets are the directories with possible files. The directories on the way are watched too, because a target may
	// not exist yet.
	targets []string
	explain func(path string, verdict Verdict)
}

func newMatcher(r Rules) (*matcher, error) {
	root, err := filepath.Abs(r.Root)
	if err != nil {
		return nil, fmt.Errorf("cannot tell where to watch: %w", err)
	}
	m := &matcher{root: root, files: map[string]bool{}, explain: r.Explain}
	if m.paths, err = m.globs("paths", r.Paths); err != nil {
		return nil, err
	}
	if m.ignore, err = m.globs("ignore", r.Ignore); err != nil {
		return nil, err
	}
	for _, file := range r.Files {
		m.addFile(m.abs(file))
	}
	for _, dir := range r.Dirs {
		m.addDir(m.abs(dir))
	}
	m.addTargets()
	m.ignoreFiles = newIgnoreFiles(root)
	return m, nil
}

func (m *matcher) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(m.root, name)
}

// rel returns a path in the form of globs and batches.
func (m *matcher) rel(abs string) string {
	rel, err := filepath.Rel(m.root, abs)
	if err != nil {
		return filepath.ToSlash(abs) // another volume of Windows
	}
	return filepath.ToSlash(rel)
}

func (m *matcher) globs(attribute string, globs []string) ([]string, error) {
	var cleaned []string
	for _, glob := range globs {
		if !doublestar.ValidatePattern(glob) {
			return nil, fmt.Errorf("%s: %q is no valid glob: look for a bracket or brace that is not closed", attribute, glob)
		}
		if filepath.IsAbs(glob) {
			base, rest := doublestar.SplitPattern(filepath.ToSlash(glob))
			glob = path.Join(m.rel(filepath.FromSlash(base)), rest)
		}
		cleaned = append(cleaned, path.Clean(glob))
	}
	return cleaned, nil
}

// addFile adds a file and the target of a link, because an editor changes the target.
func (m *matcher) addFile(file string) {
	m.files[file] = true
	if real, err := filepath.EvalSymlinks(file); err == nil && real != file {
		m.files[real] = true
	}
}

func (m *matcher) addDir(dir string) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		m.addFile(dir)
		return
	}
	m.dirs = append(m.dirs, dir)
}

func (m *matcher) addTargets() {
	m.targets = slices.Clone(m.dirs)
	for file := range m.files {
		m.targets = append(m.targets, filepath.Dir(file))
	}
	for _, glob := range m.paths {
		base, _ := doublestar.SplitPattern(glob)
		m.targets = append(m.targets, m.abs(filepath.FromSlash(base)))
	}
	slices.Sort(m.targets)
	m.targets = slices.Compact(m.targets)
}

// verdict decides whether the file at abs counts.
func (m *matcher) verdict(abs string) Verdict {
	if m.files[abs] {
		return Verdict{true, "a file that is always watched"}
	}
	if rule := m.excluded(abs, isFile); rule != "" {
		return Verdict{false, rule}
	}
	rel := m.rel(abs)
	for _, glob := range m.paths {
		if doublestar.MatchUnvalidated(glob, rel) {
			return Verdict{true, fmt.Sprintf("paths %q", glob)}
		}
	}
	for _, dir := range m.dirs {
		if isWithin(abs, dir) {
			if rule := m.ignoreFiles.excludedByDocker(dir, abs, isFile); rule != "" {
				return Verdict{false, rule}
			}
			return Verdict{true, "directory " + m.rel(dir)}
		}
	}
	return Verdict{false, "no rule takes it"}
}

// fileKind distinguishes directories from files in rules.
type fileKind bool

const (
	isFile fileKind = false
	isDir  fileKind = true
)

// excluded returns the rule that excludes the file or directory, or a directory above, or else "".
func (m *matcher) excluded(abs string, kind fileKind) string {
	rel := m.rel(abs)
	parts := strings.Split(rel, "/")
	for _, name := range neverWatched {
		if slices.Contains(parts, name) {
			return name + " is never watched"
		}
	}
	for i := range parts {
		at := strings.Join(parts[:i+1], "/")
		for _, glob := range m.ignore {
			if doublestar.MatchUnvalidated(glob, at) {
				return fmt.Sprintf("ignore %q", glob)
			}
		}
	}
	return m.ignoreFiles.excludedByGit(abs, kind)
}

// shouldWatch reports whether a directory can hold files that count, or is on the way to such a directory.
func (m *matcher) shouldWatch(dir string) bool {
	if m.leadsToFile(dir) {
		return true
	}
	if m.excluded(dir, isDir) != "" {
		return false
	}
	rel := m.rel(dir)
	return slices.ContainsFunc(m.targets, func(target string) bool { return isWithin(target, dir) }) ||
		slices.ContainsFunc(m.paths, func(glob string) bool { return canContainMatch(glob, rel) }) ||
		slices.ContainsFunc(m.dirs, func(tree string) bool {
			return isWithin(dir, tree) && m.ignoreFiles.excludedByDocker(tree, dir, isDir) == ""
		})
}

// leadsToFile reports whether a directory has an entry of Files in or below.
func (m *matcher) leadsToFile(dir string) bool {
	for file := range m.files {
		if isWithin(file, dir) {
			return true
		}
	}
	return false
}

// roots returns existing directories above all targets, outermost first.
func (m *matcher) roots() []string {
	var starts []string
	for _, target := range m.targets {
		if isWithin(target, m.root) {
			target = m.root
		}
		starts = append(starts, nearestExistingDir(target))
	}
	slices.SortFunc(starts, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	return slices.Compact(starts)
}

// nearestExistingDir returns the directory, or else the nearest existing directory above.
func nearestExistingDir(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return dir
		}
		dir = parent
	}
}

// isWithin reports whether a path is a directory or is below the directory.
func isWithin(abs, dir string) bool {
	rest, ok := strings.CutPrefix(abs, dir)
	return ok && (rest == "" || os.IsPathSeparator(rest[0]) || os.IsPathSeparator(dir[len(dir)-1]))
}

// Package watch turns changes of files into batches, and batches into reruns. It knows no containers and no tasks.
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

// Rules say which files count. What .gitignore files below Root, and above it up to the repository's root, exclude
// does not count, nor, in one of Dirs, what a .dockerignore at its root does. Nothing below a .git or .tasks ever does.
// Files always count.
//
// Symbolic links are looked at, not followed.
type Rules struct {
	// Root is the directory that all other paths start at.
	Root string
	// Paths and Ignore are globs with **, which match paths relative to Root. What Ignore matches, and all below it,
	// does not count.
	Paths, Ignore []string
	// Dirs are whole trees, such as build contexts and bind mounts; one that is a file counts as one of Files.
	Dirs []string
	// Files are single files, such as Tasks.hcl and compose.yaml.
	Files []string
	// Explain is told of every event, and what became of it; nil: nobody is. It is called from one goroutine at a time.
	Explain func(path string, verdict Verdict)
}

// Verdict is whether a file counts, and the rule that says so.
type Verdict struct {
	IsIncluded bool
	Rule       string
}

// neverWatched are the directories that are nobody's input.
var neverWatched = [...]string{".git", ".tasks"}

// matcher is rules made ready. All its paths are absolute.
type matcher struct {
	root          string
	paths, ignore []string // globs relative to root, with slashes
	dirs          []string
	files         map[string]bool
	ignoreFiles   *ignoreFiles
	// targets are the directories from which files can be reached: what lies on the way to them is watched too, since
	// they may not be there yet.
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

// rel is a path as globs and batches have it.
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

// addFile adds a file, and what it links to: an editor changes that one.
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

// verdict says whether the file at abs counts.
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

// fileKind tells directories from files where rules do.
type fileKind bool

const (
	isFile fileKind = false
	isDir  fileKind = true
)

// excluded returns the rule by which the file or directory, or one above it, does not count; "" where there is none.
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

// shouldWatch says whether a directory can hold files that count, or lies on the way to one that can.
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

// leadsToFile says whether one of the files that always count lies in or below a directory.
func (m *matcher) leadsToFile(dir string) bool {
	for file := range m.files {
		if isWithin(file, dir) {
			return true
		}
	}
	return false
}

// roots are existing directories from which all targets can be reached, outermost first.
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

// nearestExistingDir returns the directory, or else the nearest above it that exists.
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

// isWithin says whether a path is a directory or lies below it.
func isWithin(abs, dir string) bool {
	rest, ok := strings.CutPrefix(abs, dir)
	return ok && (rest == "" || os.IsPathSeparator(rest[0]) || os.IsPathSeparator(dir[len(dir)-1]))
}

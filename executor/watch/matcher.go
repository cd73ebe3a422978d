package watch

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tasks/internal/globs"
)

// matcher holds prepared rules. All paths are absolute.
type matcher struct {
	root string
	// realRoot is root without links.
	realRoot    string
	units       []unit
	files       map[string]bool
	ownFiles    map[string]bool
	ownStreams  []os.FileInfo
	sources     *globs.Set
	ignoreFiles *ignoreFiles
	// targets are the directories with possible files. The directories on the way are watched too, because a target may
	// not exist yet.
	targets []string
	explain func(path string, verdict Verdict)
}

// unit is a prepared [Unit].
type unit struct {
	paths, ignore, outputs *globs.Set
	// texts are the globs of paths as written, the others those for messages.
	texts, pathTexts, ignoreTexts, outputTexts []string
	dirs                                       []Dir
	files                                      map[string]bool
	// rejections are the rules that have excluded matches, by the glob of paths.
	rejections map[int]string
}

func newMatcher(r Rules) (*matcher, error) {
	root, err := filepath.Abs(r.Root)
	if err != nil {
		return nil, fmt.Errorf("cannot tell where to watch: %w", err)
	}
	m := &matcher{
		root: root, realRoot: realPath(root), files: map[string]bool{}, ownFiles: map[string]bool{}, explain: r.Explain,
	}
	for _, file := range r.OwnFiles {
		m.ownFiles[m.abs(file)], m.ownFiles[realPath(m.abs(file))] = true, true
	}
	for _, file := range r.Files {
		m.files[m.abs(file)] = true
	}
	for _, stream := range r.OwnStreams {
		if info, err := stream.Stat(); err == nil && info.Mode().IsRegular() {
			m.ownStreams = append(m.ownStreams, info)
		}
	}
	if m.sources, err = m.globs(r.SourceGlobs); err != nil {
		return nil, err
	}
	for _, u := range r.Units {
		prepared, err := m.newUnit(u)
		if err != nil {
			return nil, err
		}
		m.units = append(m.units, prepared)
	}
	m.addTargets()
	m.ignoreFiles = newIgnoreFiles(root)
	return m, nil
}

func (m *matcher) newUnit(r Unit) (unit, error) {
	u := unit{
		texts: r.Paths, pathTexts: m.displayGlobs(r.Paths), ignoreTexts: m.displayGlobs(r.Ignore),
		outputTexts: m.displayGlobs(r.Outputs), files: map[string]bool{}, rejections: map[int]string{},
	}
	for _, list := range []struct {
		attribute string
		texts     []string
		set       **globs.Set
	}{{"paths", r.Paths, &u.paths}, {"ignore", r.Ignore, &u.ignore}, {"outputs", r.Outputs, &u.outputs}} {
		set, err := m.globs(list.texts)
		if err != nil {
			return u, fmt.Errorf("%s: %w", list.attribute, err)
		}
		*list.set = set
	}
	for _, file := range r.Files {
		u.files[m.abs(file)] = true
	}
	for _, dir := range r.Dirs {
		dir.Path = m.abs(dir.Path)
		if dir.IgnoreFile != "" {
			dir.IgnoreFile = m.abs(dir.IgnoreFile)
		}
		if info, err := os.Stat(dir.Path); err == nil && !info.IsDir() {
			u.files[dir.Path] = true
		} else {
			u.dirs = append(u.dirs, dir)
		}
	}
	return u, nil
}

func (m *matcher) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(m.root, name)
}

// rel returns a path in the form of globs and batches.
func (m *matcher) rel(abs string) string {
	if rest, ok := strings.CutPrefix(abs, m.root); ok && rest != "" && os.IsPathSeparator(rest[0]) {
		return filepath.ToSlash(rest[1:])
	}
	rel, err := filepath.Rel(m.root, abs)
	if err != nil {
		return filepath.ToSlash(abs) // another volume of Windows
	}
	return filepath.ToSlash(rel)
}

// globs compiles globs. The sets are for absolute paths: a glob may lead out of the root and back.
func (m *matcher) globs(texts []string) (*globs.Set, error) {
	var absolute []string
	for _, text := range texts {
		if err := globs.Check(text); err != nil {
			return nil, err
		}
		absolute = append(absolute, globs.Join(m.root, text))
	}
	return globs.New(absolute)
}

// displayGlobs returns globs as relative to the root as possible.
func (m *matcher) displayGlobs(texts []string) []string {
	var display []string
	for _, text := range texts {
		if rest, isBelow := strings.CutPrefix(text, globs.Join(m.root, ".")+"/"); isBelow && rest != "" {
			text = rest
		}
		display = append(display, text)
	}
	return display
}

func (m *matcher) addTargets() {
	for file := range m.allFiles() {
		m.targets = append(m.targets, filepath.Dir(file))
	}
	for _, u := range m.units {
		for _, dir := range u.dirs {
			m.targets = append(m.targets, dir.Path)
		}
		for i := range u.paths.Len() {
			m.targets = append(m.targets, globs.Prefix(u.paths.Text(i)))
		}
	}
	slices.Sort(m.targets)
	m.targets = slices.Compact(m.targets)
}

// allFiles yields the single files of all units.
func (m *matcher) allFiles() func(yield func(file string, _ bool) bool) {
	return func(yield func(string, bool) bool) {
		for file := range m.files {
			if !yield(file, true) {
				return
			}
		}
		for _, u := range m.units {
			for file := range u.files {
				if !yield(file, true) {
					return
				}
			}
		}
	}
}

// verdict decides whether the file at abs counts: by the first unit that includes the file, else by the first unit
// with a reason.
func (m *matcher) verdict(abs string) Verdict {
	if m.isSource(abs) {
		return Verdict{true, ruleOfFile}
	}
	verdict := Verdict{false, noRule}
	for i := range m.units {
		v := m.unitVerdict(&m.units[i], abs, isFile)
		if v.IsIncluded {
			return v
		}
		if verdict.Rule == noRule {
			verdict = v
		}
	}
	return verdict
}

// isSource reports whether a file counts for all units.
func (m *matcher) isSource(abs string) bool {
	if m.files[abs] {
		return true
	}
	return m.sources.Match(globs.Rel(abs)) >= 0 && globs.NeverSource(filepath.Base(abs)) == ""
}

func (m *matcher) unitVerdict(u *unit, abs string, kind fileKind) Verdict {
	switch {
	case m.ownFiles[abs]:
		return Verdict{false, "the watch writes it"}
	case u.files[abs]:
		return Verdict{true, ruleOfFile}
	}
	glob := u.paths.Match(globs.Rel(abs))
	if rule := m.excluded(u, abs, kind); rule != "" {
		if glob >= 0 {
			u.rejections[glob] = rule
		}
		return Verdict{false, rule}
	}
	if glob >= 0 {
		return Verdict{true, fmt.Sprintf("paths %q", u.pathTexts[glob])}
	}
	verdict := Verdict{false, noRule}
	for _, dir := range u.dirs {
		if !isWithin(abs, dir.Path) {
			continue
		}
		rule := m.ignoreFiles.excludedByDocker(dir, abs, kind)
		if rule == "" {
			return Verdict{true, "directory " + m.rel(dir.Path)}
		}
		verdict = Verdict{false, rule}
	}
	return verdict
}

// excluded returns the rule that excludes a file or directory from a unit, or a directory above, or else "".
func (m *matcher) excluded(u *unit, abs string, kind fileKind) string {
	rel := m.rel(abs)
	rule := globs.NeverDirIn(rel)
	if rule == "" && kind == isFile {
		rule = globs.NeverSourceIn(rel)
	}
	if rule != "" {
		return rule + " is never watched"
	}
	if glob := u.ignore.MatchTree(globs.Rel(abs)); glob >= 0 {
		return fmt.Sprintf("ignore %q", u.ignoreTexts[glob])
	}
	if glob := u.outputs.MatchTree(globs.Rel(abs)); glob >= 0 {
		return fmt.Sprintf("outputs %q", u.outputTexts[glob])
	}
	return m.ignoreFiles.excludedByGit(abs, kind)
}

// shouldWatch reports whether a directory can hold files that count, or is on the way to such a directory.
func (m *matcher) shouldWatch(dir string) bool {
	if m.leadsToFile(dir) {
		return true
	}
	isOnWay := slices.ContainsFunc(m.targets, func(target string) bool { return isWithin(target, dir) })
	for i := range m.units {
		u := &m.units[i]
		if m.excluded(u, dir, isDir) == "" && (isOnWay || m.canHoldMatches(u, dir)) {
			return true
		}
	}
	return false
}

// isOwn reports whether the watch itself writes a file.
func (m *matcher) isOwn(real string) bool {
	if m.ownFiles[real] || len(m.ownStreams) == 0 {
		return m.ownFiles[real]
	}
	info, err := os.Stat(real)
	return err == nil && slices.ContainsFunc(m.ownStreams, func(own os.FileInfo) bool { return os.SameFile(own, info) })
}

// dirRule returns the rule that excludes a directory.
func (m *matcher) dirRule(dir string) string {
	for i := range m.units {
		if rule := m.excluded(&m.units[i], dir, isDir); rule != "" {
			return rule
		}
	}
	return noRule
}

func (m *matcher) canHoldMatches(u *unit, dir string) bool {
	return u.paths.CanContinue(u.paths.At(globs.Rel(dir))) || slices.ContainsFunc(u.dirs, func(tree Dir) bool {
		return isWithin(dir, tree.Path) && m.ignoreFiles.excludedByDocker(tree, dir, isDir) == ""
	})
}

// state returns the positions of a directory in all globs, and in the directories of all units.
func (m *matcher) state(dir string) globs.State {
	var state globs.State
	for _, u := range m.units {
		state = append(state, u.paths.At(globs.Rel(dir))...)
		for _, tree := range u.dirs {
			var within uint64
			if isWithin(dir, tree.Path) {
				within = 1
			}
			state = append(state, within)
		}
	}
	return state
}

// leadsToFile reports whether a directory has a single file in or below.
func (m *matcher) leadsToFile(dir string) bool {
	for file := range m.allFiles() {
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
func isWithin(abs, dir string) bool { return globs.IsWithin(abs, dir) }

// realPath returns a path without links, or the path itself if it does not exist.
func realPath(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}

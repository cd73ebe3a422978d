// Package watch turns changes of files into batches, and batches into reruns. The package knows no containers and no
// tasks.
package watch

import (
	"os"
	"path/filepath"
)

// Rules select the files that count. The .gitignore files below Root exclude files, and so do the .gitignore files
// above, up to the repository's root, and .git/info/exclude. Files below a .git or .tasks and files of editors never
// count ([globs.NeverSource]). The entries of Files always count.
//
// Links are followed, into directories too, each directory once.
type Rules struct {
	// Root is the base directory of all other paths.
	Root string
	// Files are single files for all units, such as Tasks.hcl and compose.yaml.
	Files []string
	// SourceGlobs are globs for more such files, possibly not there yet.
	SourceGlobs []string
	Units       []Unit
	// OwnFiles are files that the watch itself writes, such as recordings. They never count, and are never explained.
	OwnFiles []string
	// OwnStreams are open files like those of OwnFiles, such as a redirected stderr.
	OwnStreams []*os.File
	// Explain is called for every event, with the verdict. Calls never overlap. Explain may be nil.
	Explain func(path string, verdict Verdict)
}

// Unit selects the files of a part that reruns for itself.
type Unit struct {
	// Paths, Ignore and Outputs are globs of package globs, relative to Root or absolute. A match of Ignore or Outputs
	// does not count, nor does anything below the match.
	Paths, Ignore, Outputs []string
	// Dirs are whole trees, such as build contexts and bind mounts. An entry that is a file counts as an entry of
	// Files.
	Dirs []Dir
	// Files always count.
	Files []string
}

// Dir is a directory with all files below.
type Dir struct {
	Path string
	// IgnoreFile has the syntax of .dockerignore, and excludes files of the directory. Empty: none.
	IgnoreFile string
}

// Verdict is the decision about a file, with the deciding rule.
type Verdict struct {
	IsIncluded bool
	Rule       string
}

// fileKind distinguishes directories from files in rules.
type fileKind bool

const (
	isFile fileKind = false
	isDir  fileKind = true
)

const (
	ruleOfFile = "a file that is always watched"
	noRule     = "no rule takes it"
)

// UnitsOf returns the indexes of the units that a change concerns.
func (w *Watcher) UnitsOf(change string) []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.tree.matcher
	abs := m.abs(filepath.FromSlash(change))
	var units []int
	for i := range m.units {
		if m.isSource(abs) || m.unitVerdict(&m.units[i], abs, isFile).IsIncluded {
			units = append(units, i)
		}
	}
	return units
}

// Holds reports whether a file belongs to a directory, by the ignore file as of now.
func (d Dir) Holds(file string) bool {
	return isWithin(file, d.Path) && newIgnoreFiles(d.Path).excludedByDocker(d, file, isFile) == ""
}

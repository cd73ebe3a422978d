package globs

import (
	"path"
	"slices"
	"strings"
)

// stateDirs are directories that never hold a source file.
var stateDirs = [...]string{".git", ".tasks"}

// editorFiles are the names of files that programs keep beside the files of a user: swap, lock, backup and temporary
// files. None is ever an input.
var editorFiles = [...]string{
	".*.sw?", ".sw?", "*~", "4913", // Vim
	".#*", "#*#", // Emacs
	"*___jb_*",                   // JetBrains
	".goutputstream-*",           // GNOME
	".*.kate-swp",                // Kate
	".~lock.*#", "~$*", "~*.tmp", // LibreOffice and Microsoft Office
	".subl*.tmp",             // Sublime Text
	"*-go-tmp-umask",         // the go command
	".nfs*", ".fuse_hidden*", // removed files that a program still has open
	".DS_Store", "._.DS_Store", // the Finder
	".syncthing.*.tmp", "~syncthing~*.tmp",
}

// NeverDir returns the built-in rule that excludes a directory by its name, or "".
func NeverDir(name string) string {
	if slices.Contains(stateDirs[:], name) {
		return name
	}
	return ""
}

// NeverSource returns the built-in rule that excludes a file by its name, or "".
func NeverSource(name string) string {
	if rule := NeverDir(name); rule != "" {
		return rule
	}
	if !mayBeEditorFile(name) {
		return ""
	}
	for _, pattern := range editorFiles {
		if matched, _ := path.Match(pattern, name); matched {
			return pattern
		}
	}
	return ""
}

// mayBeEditorFile is a quick check before the patterns: most names are ordinary.
func mayBeEditorFile(name string) bool {
	return name != "" && (strings.IndexByte(".#~4", name[0]) >= 0 || name[len(name)-1] == '~' ||
		strings.Contains(name, "___jb_") || strings.HasSuffix(name, "-go-tmp-umask"))
}

// NeverSourceIn is [NeverSource] for a relative path with slashes. The directories of the path count too.
func NeverSourceIn(rel string) string {
	if rule := NeverDirIn(rel); rule != "" {
		return rule
	}
	return NeverSource(path.Base(rel))
}

// NeverDirIn is [NeverDir] for a relative path with slashes.
func NeverDirIn(rel string) string {
	for name := range strings.SplitSeq(rel, "/") {
		if rule := NeverDir(name); rule != "" {
			return rule
		}
	}
	return ""
}

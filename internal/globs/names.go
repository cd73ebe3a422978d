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

// NeverSource returns the built-in rule that excludes a file or directory by its name, or "".
func NeverSource(name string) string {
	if slices.Contains(stateDirs[:], name) {
		return name
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

// NeverSourceIn is [NeverSource] for the names of a relative path with slashes.
func NeverSourceIn(rel string) string {
	for name := range strings.SplitSeq(rel, "/") {
		if rule := NeverSource(name); rule != "" {
			return rule
		}
	}
	return ""
}

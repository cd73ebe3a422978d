package host

import (
	"io/fs"
	"path/filepath"
	"strings"
)

func isPath(name string) bool { return strings.ContainsAny(name, `/\:`) }

// candidates adds the extensions of PATHEXT to a name without any of these extensions.
func candidates(path string, env []string) []string {
	list, ok := lookupEnv(env, "PATHEXT")
	if !ok || list == "" {
		list = ".com;.exe;.bat;.cmd"
	}
	var files []string
	for ext := range strings.SplitSeq(list, ";") {
		if strings.EqualFold(filepath.Ext(path), ext) {
			return []string{path}
		}
		files = append(files, path+ext)
	}
	return files
}

func isExecutable(fs.FileInfo) bool { return true }

func isSameKey(a, b string) bool { return strings.EqualFold(a, b) }

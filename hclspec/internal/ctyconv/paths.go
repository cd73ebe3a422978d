package ctyconv

import (
	"path/filepath"

	"github.com/zclconf/go-cty/cty"
)

// AsPaths converts a list of paths relative to a directory.
func AsPaths(v cty.Value, dir string) ([]string, error) {
	paths, err := AsList(v)
	for i := range paths {
		paths[i] = AbsolutePath(paths[i], dir)
	}
	return paths, err
}

func AbsolutePath(path, dir string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// RebaseGlobs makes globs absolute if they start at another directory than the task's. A base may be in another
// directory.
func RebaseGlobs(from, dir string, globs []string) []string {
	if from == dir {
		return globs
	}
	for i, glob := range globs {
		globs[i] = AbsolutePath(glob, from)
	}
	return globs
}

package ctyconv

import (
	"path/filepath"

	"github.com/zclconf/go-cty/cty"
)

// AsPaths takes a list of paths that are relative to a directory.
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

// RebaseGlobs makes globs absolute that start at another directory than the task's: a base may be in another one.
func RebaseGlobs(from, dir string, globs []string) []string {
	if from == dir {
		return globs
	}
	for i, glob := range globs {
		globs[i] = AbsolutePath(glob, from)
	}
	return globs
}

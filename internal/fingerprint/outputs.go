package fingerprint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// withoutOutputs removes the outputs of the task: outputs may match the globs of the inputs.
func withoutOutputs(files []file, q Request) ([]file, error) {
	roots, err := rootsOf(q.Dir, q.Outputs)
	if err != nil || len(roots) == 0 {
		return files, err
	}
	return slices.DeleteFunc(files, func(f file) bool { return excludedByAny(roots, f.path()) }), nil
}

// relative returns the path below a directory, with slashes.
func relative(dir, name string) (rel string, isBelow bool) {
	if len(name) <= len(dir)+1 || name[:len(dir)] != dir || !os.IsPathSeparator(name[len(dir)]) {
		return "", false
	}
	return filepath.ToSlash(name[len(dir)+1:]), true
}

// missingOutput returns a message about the first glob of the outputs without a file.
func missingOutput(ctx context.Context, q Request) (string, error) {
	for _, glob := range q.Outputs {
		found, err := walk(ctx, q.Dir, []string{glob})
		if err != nil {
			return "", fmt.Errorf("outputs: %w", err)
		}
		if len(found) == 0 {
			return "output " + glob + " is missing", nil
		}
	}
	return "", nil
}

package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// lookPath finds the file of a program, like execvp in the command's own directory and environment.
func lookPath(name, dir string, env []string) (string, error) {
	if isPath(name) {
		return lookFile(name, dir, env)
	}
	path, ok := lookupEnv(env, "PATH")
	if !ok {
		return "", notFound(name, "the command's environment has no PATH to look it up in")
	}
	var notExecutableErr error
	for _, entry := range filepath.SplitList(path) {
		file, err := executableAt(filepath.Join(absolute(entry, dir), name), env)
		switch {
		case err == nil:
			return file, nil
		case notExecutableErr == nil && !errors.Is(err, fs.ErrNotExist):
			notExecutableErr = err
		}
	}
	if notExecutableErr != nil {
		return "", notExecutable(name, notExecutableErr)
	}
	return "", notFound(name, fmt.Sprintf("not found in PATH (%s)", path)+relativePathHint(name, dir))
}

// relativePathHint suggests "./build.sh" to a user who wrote "build.sh".
func relativePathHint(name, dir string) string {
	if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() {
		return ""
	}
	return fmt.Sprintf("; there is one in %s: write \"./%s\"", dir, name)
}

func lookFile(name, dir string, env []string) (string, error) {
	path := absolute(name, dir)
	file, err := executableAt(path, env)
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", notFound(name, "there is no "+path)
	default:
		return "", notExecutable(name, err)
	}
}

// executableAt returns the program at path, with the system's extension if needed.
func executableAt(path string, env []string) (string, error) {
	var first error
	for _, file := range candidates(path, env) {
		info, err := os.Stat(file)
		if err == nil {
			err = checkExecutable(file, info)
		}
		if err == nil {
			return file, nil
		}
		if first == nil || errors.Is(first, fs.ErrNotExist) {
			first = err
		}
	}
	return "", first
}

func checkExecutable(file string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return fmt.Errorf("%s is a directory", file)
	case !isExecutable(info):
		const format = "%s may not be executed (its mode is %v); make it executable: chmod +x %s"
		return fmt.Errorf(format, file, info.Mode().Perm(), file)
	}
	return nil
}

func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path) // an empty entry of PATH is the working directory
}

func lookupEnv(env []string, key string) (string, bool) {
	for _, entry := range slices.Backward(env) {
		if k, value, ok := strings.Cut(entry, "="); ok && isSameKey(k, key) {
			return value, true
		}
	}
	return "", false
}

func notFound(name, reason string) error {
	return &StartError{Code: codeNotFound, Name: name, Reason: reason, Err: nil}
}

func notExecutable(name string, err error) error {
	return &StartError{Code: codeNotExecutable, Name: name, Reason: "not executable", Err: err}
}

package workspace

import (
	"path/filepath"
	"strings"
)

// Environment describes the surroundings of one call of the program.
type Environment struct {
	// Environ lists the environment variables as KEY=VALUE. The last entry of a name wins.
	Environ []string
	// WorkingDir is an absolute path.
	WorkingDir string
	// Version is the version of the program.
	Version string
	// OnUnset gets the variables without a value in compose files, as in [composeproject.Options].
	OnUnset func(place, name string)
}

// LookupEnv returns the value of an environment variable, and reports whether the variable is set.
func (e Environment) LookupEnv(name string) (string, bool) {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if key, value, _ := strings.Cut(e.Environ[i], "="); key == name {
			return value, true
		}
	}
	return "", false
}

// Getenv returns the value of an environment variable; empty, where the variable is not set.
func (e Environment) Getenv(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}

// AbsolutePath makes a path of the command line absolute. A relative path starts at the working directory.
func (e Environment) AbsolutePath(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(e.WorkingDir, path)
}

// AbsolutePaths makes paths of the command line absolute.
func (e Environment) AbsolutePaths(relative []string) []string {
	var absolute []string
	for _, path := range relative {
		absolute = append(absolute, e.AbsolutePath(path))
	}
	return absolute
}

// DisplayPath returns the name of a file for messages: relative to the working directory, if the relative path is
// shorter.
func (e Environment) DisplayPath(path string) string {
	if relative, err := filepath.Rel(e.WorkingDir, path); err == nil && len(relative) < len(path) {
		return relative
	}
	return path
}

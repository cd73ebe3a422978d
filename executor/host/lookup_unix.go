//go:build unix

package host

import (
	"io/fs"
	"strings"
)

func isPath(name string) bool { return strings.Contains(name, "/") }

func candidates(path string, _ []string) []string { return []string{path} }

// isExecutable looks at the mode alone; whether it is us who may is left to exec, whose refusal is read in startError.
func isExecutable(info fs.FileInfo) bool { return info.Mode()&0o111 != 0 }

func isSameKey(a, b string) bool { return a == b }

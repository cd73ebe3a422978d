//go:build unix

package host

import (
	"io/fs"
	"strings"
)

func isPath(name string) bool { return strings.Contains(name, "/") }

func candidates(path string, _ []string) []string { return []string{path} }

// isExecutable checks the mode only. Permission for this user is left to exec, and startError reads the refusal.
func isExecutable(info fs.FileInfo) bool { return info.Mode()&0o111 != 0 }

func isSameKey(a, b string) bool { return a == b }

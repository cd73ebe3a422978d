package globs

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Join makes a glob start at a directory. The result is absolute if the directory or the glob is. A slash at the end
// stays.
func Join(dir, glob string) string {
	joined := filepath.ToSlash(glob)
	if !filepath.IsAbs(glob) {
		joined = path.Join(escape(filepath.ToSlash(dir)), joined)
	}
	if strings.HasSuffix(glob, "/") && !strings.HasSuffix(joined, "/") {
		joined += "/"
	}
	return joined
}

// Rel returns an absolute path in the form for a set of absolute globs.
func Rel(name string) string { return strings.TrimPrefix(filepath.ToSlash(name), "/") }

// Prefix returns the path before the first name with a wildcard. Without a wildcard, this is the whole path.
func Prefix(glob string) string {
	names := strings.Split(filepath.ToSlash(glob), "/")
	end := slices.IndexFunc(names, func(name string) bool {
		return hasWildcard(name) || indexUnescaped(name, 0, '{') >= 0
	})
	if end < 0 {
		end = len(names)
	}
	prefix := filepath.FromSlash(path.Clean(unescape(strings.Join(names[:end], "/"))))
	if end == 1 && names[0] == "" {
		return string(filepath.Separator)
	}
	return prefix
}

// escape makes a glob that matches only a path itself.
func escape(name string) string {
	if !strings.ContainsAny(name, `*?[]{}`) {
		return name
	}
	var b strings.Builder
	for i := range len(name) {
		if strings.IndexByte(`*?[]{}`, name[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

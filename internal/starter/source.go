package starter

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSource is the size of the largest source.
const maxSource = 1 << 20

// source is a file of another tool.
type source struct {
	// name is the name of the file in messages and comments.
	name, path string
	content    []byte
	project    *project
}

// dir is the directory of the file.
func (s *source) dir() string { return filepath.Dir(s.path) }

// place returns the place of a line in the file.
func (s *source) place(line int) string { return fmt.Sprintf("%s:%d", s.name, line) }

// kind is a kind of sources.
type kind struct {
	title string
	// names are the names of the files in small letters. A `*` stands for any text.
	names []string
	add   func(*document, *source) error
}

// kinds are the kinds of sources. The first kind with the name of a file counts.
func kinds() []kind {
	return []kind{
		{"Makefile", []string{"makefile", "gnumakefile", "makefile.*", "*.mk"}, addMakefile},
		{"justfile", []string{"justfile", ".justfile", "*.just"}, addJustfile},
		{"Taskfile.yml", []string{"taskfile.yml", "taskfile.yaml", "taskfile.dist.yml", "taskfile.dist.yaml"}, addTaskfile},
		{"package.json", []string{"package.json"}, addPackageJSON},
		{"batect.yml", []string{"batect.yml", "batect.yaml", "*batect.yml"}, addBatect},
		{"a text with `docker compose run` lines", []string{
			"readme", "readme.*", "*.md", "*.rst", "*.txt", "*.yml", "*.yaml", "*.sh", "*.bash", "jenkinsfile",
		}, addComposeCalls},
	}
}

// kindOf returns the kind of a file, by the name.
func kindOf(path string) (kind, bool) {
	name := strings.ToLower(filepath.Base(path))
	for _, k := range kinds() {
		if slices.ContainsFunc(k.names, func(pattern string) bool {
			matches, err := filepath.Match(pattern, name)
			return matches && err == nil
		}) {
			return k, true
		}
	}
	return kind{}, false
}

// isComposeFile reports whether a name is a name of Compose's own search.
func isComposeFile(path string) bool {
	name := filepath.Base(path)
	return slices.Contains([]string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}, name)
}

// readSource reads a source: a regular file of text with a bounded size.
func readSource(name, path string) (*source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--from %s: %w", name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("--from %s: %w", name, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("--from %s is no regular file: name a file, for example --from %s", name,
			filepath.Join(name, "Makefile"))
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSource+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("--from %s: %w", name, err)
	case len(content) > maxSource:
		return nil, fmt.Errorf("--from %s has more than %d KiB: name a smaller file", name, maxSource>>10)
	case !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0:
		return nil, fmt.Errorf("--from %s is no text in UTF-8: name another file", name)
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	return &source{name: name, path: path, content: bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))}, nil
}

// otherSources returns the names of sources in a directory.
func otherSources(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, k := range kinds()[:len(kinds())-1] {
		for _, e := range entries {
			if found, ok := kindOf(e.Name()); ok && found.title == k.title && e.Type().IsRegular() {
				names = append(names, e.Name())
			}
		}
	}
	return names
}

package funcs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"tasks/hclspec/internal/ctyconv"
	"tasks/internal/suggest"
)

// readFile reads a text file of the project.
func (h Inputs) readFile(path string) (string, error) {
	content, err := h.readBytes(path)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(content) {
		return "", fmt.Errorf("%s is not UTF-8 text", path)
	}
	return string(content), nil
}

// readBytes reads a file of the project.
func (h Inputs) readBytes(path string) (content []byte, err error) {
	err = h.withFile(path, func(file io.Reader) error {
		content, err = io.ReadAll(file)
		return err
	})
	return content, err
}

// withFile opens a file of the project for reading.
func (h Inputs) withFile(path string, read func(file io.Reader) error) error {
	return h.openInProject(path, func(root *os.Root, name string) error {
		// A pipe or device would block or never end.
		if info, err := root.Stat(name); err == nil && !info.Mode().IsRegular() {
			return errors.New(path + " is not a file")
		}
		file, err := root.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		return read(file)
	})
}

// openInProject opens the project's directory and passes the path relative to this directory. No path leads out of
// the directory, not even through a symbolic link.
func (h Inputs) openInProject(path string, do func(root *os.Root, name string) error) error {
	name, err := filepath.Rel(h.Root, ctyconv.AbsolutePath(path, h.Dir))
	if err != nil || !filepath.IsLocal(name) {
		return fmt.Errorf("%s is outside of the project's directory %s", path, h.Root)
	}
	root, err := os.OpenRoot(h.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	err = do(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		return h.missingFileError(root, path, name)
	}
	if errors.Is(err, withoutPath(escapeError(root))) {
		return h.escapingLinkError(root, path, name)
	}
	if why := withoutPath(err); why != err {
		return fmt.Errorf("%s: %w", path, why)
	}
	return err
}

// escapeError returns the error of an [os.Root] about a path to the outside. The package os does not export this
// error.
func escapeError(root *os.Root) error {
	_, err := root.Lstat("..")
	return err
}

// withoutPath returns an error without its path.
func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

// escapingLinkError names the symbolic link that leads out of the project.
func (h Inputs) escapingLinkError(root *os.Root, path, name string) error {
	steps := strings.Split(name, string(filepath.Separator))
	for i := range steps {
		link := filepath.Join(steps[:i+1]...)
		target, err := root.Readlink(link)
		if _, out := root.Stat(link); err != nil || !errors.Is(out, withoutPath(escapeError(root))) {
			continue
		}
		if inside, err := filepath.Rel(h.Root, target); filepath.IsAbs(target) && err == nil && filepath.IsLocal(inside) {
			return fmt.Errorf("the symbolic link %s leads to the absolute path %s: only relative links are followed, so that "+
				"the project can be moved", link, target)
		}
		return fmt.Errorf("the symbolic link %s leads to %s, out of the project's directory: only the project's files may "+
			"be read", link, target)
	}
	return fmt.Errorf("%s is outside of the project's directory %s", path, h.Root)
}

// missingFileError reports a missing path, with a near name of the same directory.
func (h Inputs) missingFileError(root *os.Root, path, name string) error {
	text := fmt.Sprintf("there is no %s", path)
	dir, base := filepath.Split(name)
	entries, _ := fs.ReadDir(root.FS(), filepath.ToSlash(filepath.Clean(dir)))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if near := suggest.Nearest(base, names); near != "" {
		text += fmt.Sprintf(", but %s", strings.TrimSuffix(path, base)+near)
	}
	return errors.New(text)
}

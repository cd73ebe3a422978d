package hclspec

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// environmentFunctions are those that look at the host.
func environmentFunctions() []Function {
	return []Function{
		{Name: "basename", Doc: "the last part of a path", Example: `basename("a/b.txt")`, Result: `"b.txt"`, build: pureFunction(textFunction(pathPart(filepath.Base)))},
		{Name: "dirname", Doc: "a path without its last part", Example: `dirname("a/b.txt")`, Result: `"a"`, build: pureFunction(textFunction(pathPart(filepath.Dir)))},
		{Name: "env", Doc: "a variable of the environment of `tasks`, or a default; an error where there is neither", Example: `env("NO_SUCH_NAME", "x")`, Result: `"x"`, build: envFunc},
		{Name: "gid", Doc: "the number of the user's group", Example: `gid()`, Result: `"1000"`, build: func(h functionInputs) function.Function { return constantFunction(h.GID) }},
		{Name: "uid", Doc: "the number of the user", Example: `uid()`, Result: `"1000"`, build: func(h functionInputs) function.Function { return constantFunction(h.UID) }},
	}
}

func pathPart(part func(string) string) func(string) (string, error) {
	return func(path string) (string, error) { return filepath.ToSlash(part(path)), nil }
}

func constantFunction(text string) function.Function {
	return function.New(&function.Spec{
		Type: function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.StringVal(text), nil },
	})
}

func envFunc(h functionInputs) function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowNull: true},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			if len(args) > 2 {
				return cty.NilVal, function.NewArgErrorf(2, "env takes a name and one default")
			}
			if value, set := h.Env(name); set {
				return cty.StringVal(value), nil
			}
			if len(args) == 2 {
				return args[1], nil
			}
			return cty.NilVal, function.NewArgErrorf(0, "%s is not set in the environment; set it, or give a default: env(%q, \"…\")", name, name)
		},
	})
}

func fileFunc(h functionInputs) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := h.readFile(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(text), nil
		},
	})
}

func fileexistsFunc(h functionInputs) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			exists := false
			err := h.openInProject(args[0].AsString(), func(root *os.Root, name string) error {
				info, err := root.Stat(name)
				exists = err == nil && !info.IsDir()
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return err
			})
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.BoolVal(exists), nil
		},
	})
}

// readFile reads a text file of the project.
func (h functionInputs) readFile(path string) (string, error) {
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
func (h functionInputs) readBytes(path string) ([]byte, error) {
	var content []byte
	err := h.openInProject(path, func(root *os.Root, name string) error {
		// A pipe or device would block or never end.
		if info, err := root.Stat(name); err == nil && !info.Mode().IsRegular() {
			return errors.New(path + " is not a file")
		}
		file, err := root.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		content, err = io.ReadAll(file)
		return err
	})
	return content, err
}

// openInProject opens the project's directory so that no path, not even through a symbolic link, leads out of it, and hands
// over the path as seen from there.
func (h functionInputs) openInProject(path string, do func(root *os.Root, name string) error) error {
	name, err := filepath.Rel(h.Root, absolutePath(path, h.dir))
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

// escapeError is the error of an [os.Root] about a path that leads out of it: it has no name there.
func escapeError(root *os.Root) error {
	_, err := root.Lstat("..")
	return err
}

// withoutPath is an error without the path that it is about.
func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

// escapingLinkError says which symbolic link on the way of a path leads out of the project.
func (h functionInputs) escapingLinkError(root *os.Root, path, name string) error {
	steps := strings.Split(name, string(filepath.Separator))
	for i := range steps {
		link := filepath.Join(steps[:i+1]...)
		target, err := root.Readlink(link)
		if _, out := root.Stat(link); err != nil || !errors.Is(out, withoutPath(escapeError(root))) {
			continue
		}
		if inside, err := filepath.Rel(h.Root, target); filepath.IsAbs(target) && err == nil && filepath.IsLocal(inside) {
			return fmt.Errorf("the symbolic link %s leads to the absolute path %s: only relative links are followed, so that the project can be moved", link, target)
		}
		return fmt.Errorf("the symbolic link %s leads to %s, out of the project's directory: only the project's files may be read", link, target)
	}
	return fmt.Errorf("%s is outside of the project's directory %s", path, h.Root)
}

// missingFileError says that a path leads nowhere, and which name beside it is near.
func (h functionInputs) missingFileError(root *os.Root, path, name string) error {
	text := fmt.Sprintf("there is no %s", path)
	dir, base := filepath.Split(name)
	entries, _ := fs.ReadDir(root.FS(), filepath.ToSlash(filepath.Clean(dir)))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if near := nearest(base, names); near != "" {
		text += fmt.Sprintf(", but %s", strings.TrimSuffix(path, base)+near)
	}
	return errors.New(text)
}

package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tasks/hclspec"
)

const (
	tasksFile   = "Tasks.hcl"
	tasksSuffix = ".tasks.hcl"
)

// TaskFiles returns the absolute paths of the task files: the files of -f or TASKS_FILE, else Tasks.hcl of the
// working directory or the nearest ancestor, with every *.tasks.hcl of the same directory.
func (c Config) TaskFiles() ([]string, error) {
	if len(c.Flags.Files) > 0 {
		return c.AbsolutePaths(c.Flags.Files), nil
	}
	if files := c.Getenv("TASKS_FILE"); files != "" {
		return c.AbsolutePaths(filepath.SplitList(files)), nil
	}
	for dir := c.WorkingDir; ; dir = filepath.Dir(dir) {
		main := filepath.Join(dir, tasksFile)
		if isRegularFile(main) {
			return append([]string{main}, filesWithSuffix(dir, tasksSuffix)...), nil
		}
		if dir == filepath.Dir(dir) {
			return nil, fmt.Errorf("no %s in %s or above: `tasks init` writes one, -f names another file, "+
				"and `tasks once SERVICE COMMAND` needs none", tasksFile, c.WorkingDir)
		}
	}
}

// newParser returns a parser with the variable files of a project and a reader for include blocks.
func (c Config) newParser(root string) (hclspec.Parser, error) {
	p := hclspec.Parser{Version: c.Version, ReadInclude: c.includeReader(root)}
	var err error
	if p.VariableFiles.Explicit, err = c.readSources(c.AbsolutePaths(c.Flags.VarFiles), ""); err != nil {
		return p, err
	}
	p.VariableFiles.Automatic, err = c.readSources(filesWithSuffix(root, hclspec.AutoVariablesSuffix), root)
	return p, err
}

// readTaskFiles reads the files of [Config.TaskFiles].
func (c Config) readTaskFiles(paths []string) ([]hclspec.Source, error) {
	project := filepath.Dir(paths[0])
	if len(c.Flags.Files) > 0 || c.Getenv("TASKS_FILE") != "" {
		project = ""
	}
	return c.readSources(paths, project)
}

// readSources reads files of the language. An error in a file outside of the project shows no text of the file. An
// empty project is for files of the command line.
func (c Config) readSources(paths []string, project string) ([]hclspec.Source, error) {
	var sources []hclspec.Source
	for _, path := range paths {
		bytes, err := c.readTrusted(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no file %s%s", c.DisplayPath(path), c.suggestFile(path))
		}
		if err != nil {
			return nil, err
		}
		sources = append(sources, hclspec.Source{
			Name: c.DisplayPath(path), Path: path, Bytes: bytes, IsTextHidden: isTextHidden(path, project),
		})
	}
	return sources, nil
}

// includeReader returns the reader for include blocks of a project.
func (c Config) includeReader(project string) func(path string) ([]hclspec.Source, error) {
	return func(path string) ([]hclspec.Source, error) { return c.readIncluded(path, project) }
}

// readIncluded reads the files of an include block: a file, or the task files of a directory.
func (c Config) readIncluded(path, project string) ([]hclspec.Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("there is no %s%s", c.DisplayPath(path), c.suggestFile(path))
	}
	files := []string{path}
	if info.IsDir() {
		main := filepath.Join(path, tasksFile)
		if !isRegularFile(main) {
			return nil, fmt.Errorf("there is no %s in %s: name a file, or a directory with one", tasksFile, c.DisplayPath(path))
		}
		files = append([]string{main}, filesWithSuffix(path, tasksSuffix)...)
	}
	return c.readSources(files, project)
}

// suggestFile returns the end of a message about a missing file: the nearest name in the same directory.
func (c Config) suggestFile(path string) string {
	dir, name := filepath.Split(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if nearest := hclspec.Nearest(name, names); nearest != "" {
		return ", but there is " + c.DisplayPath(filepath.Join(dir, nearest))
	}
	return ""
}

// filesWithSuffix returns the files of a directory with a suffix, sorted by name.
func filesWithSuffix(dir, suffix string) []string {
	var files []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) && !e.IsDir() {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

func isRegularFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

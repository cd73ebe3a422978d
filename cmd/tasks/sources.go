package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tasks/hclspec"
)

// readSources reads files of the language.
func (a *app) readSources(paths []string) ([]hclspec.Source, error) {
	var sources []hclspec.Source
	for _, p := range paths {
		bytes, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usageError("there is no file %s%s", a.displayPath(p), a.suggestFile(p))
		}
		if err != nil {
			return nil, usageError("%s", err)
		}
		sources = append(sources, hclspec.Source{Name: a.displayPath(p), Path: p, Bytes: bytes})
	}
	return sources, nil
}

// suggestFile is the name beside a path that leads nowhere which was probably meant, as the end of a message.
func (a *app) suggestFile(path string) string {
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
		return ", but there is " + a.displayPath(filepath.Join(dir, nearest))
	}
	return ""
}

// newParser is what the files of a project are read with.
func (a *app) newParser(root string) (hclspec.Parser, error) {
	p := hclspec.Parser{Version: version(), ReadInclude: a.readIncluded}
	var err error
	if p.VariableFiles.Explicit, err = a.readSources(a.absolutePaths(a.flags.varFiles)); err != nil {
		return p, err
	}
	p.VariableFiles.Automatic, err = a.readSources(filesWithSuffix(root, hclspec.AutoVariablesSuffix))
	return p, err
}

// filesWithSuffix are the files of a directory whose names end so, in the order of their names.
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

// readIncluded reads what an include block names: a file, or the files of a directory.
func (a *app) readIncluded(path string) ([]hclspec.Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("there is no %s%s", a.displayPath(path), a.suggestFile(path))
	}
	files := []string{path}
	if info.IsDir() {
		main := filepath.Join(path, tasksFile)
		if info, err := os.Stat(main); err != nil || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("there is no %s in %s: name a file, or a directory with one", tasksFile, a.displayPath(path))
		}
		files = append([]string{main}, filesWithSuffix(path, tasksSuffix)...)
	}
	return a.readSources(files)
}

// argsOrDefault gives the arguments of a command that wants a task, or, where there are none, what the files say of that.
func (a *app) argsOrDefault(args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	ws, diags, err := a.readWorkspace()
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, a.printDiagnostics(ws.File.SourceFiles(), diags)
	}
	return ws.File.DefaultTasks(), nil
}

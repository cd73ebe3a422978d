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

// sources reads files of the language.
func (a *app) sources(paths []string) ([]hclspec.Source, error) {
	var sources []hclspec.Source
	for _, p := range paths {
		bytes, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usageError("there is no file %s%s", a.display(p), a.nearFile(p))
		}
		if err != nil {
			return nil, usageError("%s", err)
		}
		sources = append(sources, hclspec.Source{Name: a.display(p), Path: p, Bytes: bytes})
	}
	return sources, nil
}

// nearFile is the name beside a path that leads nowhere which was probably meant, as the end of a message.
func (a *app) nearFile(path string) string {
	dir, name := filepath.Split(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if near := hclspec.Nearest(name, names); near != "" {
		return ", but there is " + a.display(filepath.Join(dir, near))
	}
	return ""
}

// parser is what the files of a project are read with.
func (a *app) parser(root string) (hclspec.Parser, error) {
	p := hclspec.Parser{Version: version(), Include: a.included}
	var err error
	if p.Values.Given, err = a.sources(a.paths(a.flags.varFiles)); err != nil {
		return p, err
	}
	p.Values.Found, err = a.sources(beside(root, hclspec.AutoValues))
	return p, err
}

// beside are the files of a directory whose names end so, in the order of their names.
func beside(dir, suffix string) []string {
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

// included reads what an include block names: a file, or the files of a directory.
func (a *app) included(path string) ([]hclspec.Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("there is no %s%s", a.display(path), a.nearFile(path))
	}
	files := []string{path}
	if info.IsDir() {
		main := filepath.Join(path, tasksFile)
		if info, err := os.Stat(main); err != nil || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("there is no %s in %s: name a file, or a directory with one", tasksFile, a.display(path))
		}
		files = append([]string{main}, beside(path, tasksSuffix)...)
	}
	return a.sources(files)
}

// orDefault gives the arguments of a command that wants a task, or, where there are none, what the files say of that.
func (a *app) orDefault(args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	ws, diags, err := a.read()
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, a.diagnose(ws.file.Files(), diags)
	}
	return ws.file.Default(), nil
}

package main

import (
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
		if err != nil {
			return nil, usageError("%s", err)
		}
		sources = append(sources, hclspec.Source{Name: a.display(p), Path: p, Bytes: bytes})
	}
	return sources, nil
}

// parser is what the files of a project are read with.
func (a *app) parser(root string) (hclspec.Parser, error) {
	p := hclspec.Parser{Version: version()}
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

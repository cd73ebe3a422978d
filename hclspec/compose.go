package hclspec

import (
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Compose evaluates the `compose` block, which is needed before the project can be loaded. Without a block it is empty.
func (f *File) Compose(in Inputs) (Compose, hcl.Diagnostics) {
	if f.diags.HasErrors() {
		return Compose{}, f.diags
	}
	if f.compose == nil {
		return Compose{}, nil
	}
	e := newEvaluation(f, in)
	s := e.scope("", nil, nil)
	c := Compose{Range: f.compose.header}
	for _, a := range f.compose.sorted() {
		v, ok := s.value(a.expression)
		if !ok || v.IsNull() {
			continue
		}
		if err := c.set(a, v); err != nil {
			e.report(wrongValue(a, err))
		}
	}
	diags := e.finish()
	if diags.HasErrors() {
		return Compose{}, diags
	}
	return c, diags
}

func (c *Compose) set(a *attr, v cty.Value) (err error) {
	switch a.name {
	case "files":
		c.Files, err = asPaths(v, a.dir)
	case "env_files":
		c.EnvFiles, err = asPaths(v, a.dir)
	case "profiles":
		c.Profiles, err = asList(v)
	case "project":
		c.Project, err = asName(v)
	case "project_directory":
		c.ProjectDirectory, err = asName(v)
		c.ProjectDirectory = absolute(c.ProjectDirectory, a.dir)
	}
	return err
}

// asPaths takes a list of paths that are relative to a directory.
func asPaths(v cty.Value, dir string) ([]string, error) {
	paths, err := asList(v)
	for i := range paths {
		paths[i] = absolute(paths[i], dir)
	}
	return paths, err
}

func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

package hclspec

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
)

// Scopes returns the compose projects of the file: "" for the project's own files, and the prefix of each included
// file with a compose block.
func (f *File) Scopes() []string {
	scopes := []string{""}
	for _, m := range f.config.Modules {
		if m.Include != nil && m.Compose != nil {
			scopes = append(scopes, m.Prefix)
		}
	}
	return scopes
}

// ScopeOf returns the scope of a declared task or of a run. For an unknown name the scope is empty.
func (f *File) ScopeOf(task string) string {
	if t := f.config.FindTask(config.DeclaredName(task)); t != nil {
		return t.Module.ComposeScope()
	}
	return ""
}

// Compose evaluates the `compose` block of the project's own files.
func (f *File) Compose(in Inputs) (Compose, hcl.Diagnostics) { return f.ComposeForScope(in, "") }

// ComposeForScope evaluates the `compose` block of a scope. The block is needed before the project can be loaded.
// Without a block, only the directory of the files is set. Unrelated errors of Parse do not matter.
func (f *File) ComposeForScope(in Inputs, scope string) (Compose, hcl.Diagnostics) {
	if _, ok := newErrorScope(f.config, f.config.Diags); !ok {
		return Compose{}, f.config.Diags
	}
	scope = FileScope(scope)
	i := slices.IndexFunc(f.config.Modules, func(m *config.Module) bool { return m.Prefix == scope })
	if i < 0 || f.config.Modules[i].Compose == nil {
		return Compose{Dir: in.Root}, nil
	}
	m := f.config.Modules[i]
	e := newEvaluation(f.config, in)
	s := e.scope("", nil, RunResults{})
	c := Compose{Range: m.Compose.HeaderRange, Dir: cmp.Or(m.Dir, in.Root)}
	for _, a := range m.Compose.SortedAttrs() {
		v, ok := s.attributeValue(a)
		if !ok || v.IsNull() {
			continue
		}
		if err := c.setAttribute(a, v); err != nil {
			s.reportWrongValue(a, err)
		}
	}
	diags := e.finalDiagnostics()
	if diags.HasErrors() {
		return Compose{}, diags
	}
	return c, diags
}

func (c *Compose) setAttribute(a *config.Attribute, v cty.Value) (err error) {
	switch a.Name {
	case "files":
		c.Files, err = ctyconv.AsPaths(v, a.Dir)
	case "env_files":
		c.EnvFiles, err = ctyconv.AsPaths(v, a.Dir)
	case "profiles":
		c.Profiles, err = ctyconv.AsList(v)
	case "project":
		c.Project, err = ctyconv.AsNonEmptyText(v)
	case "project_directory":
		c.ProjectDirectory, err = ctyconv.AsNonEmptyText(v)
		c.ProjectDirectory = ctyconv.AbsolutePath(c.ProjectDirectory, a.Dir)
	}
	return err
}

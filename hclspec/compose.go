package hclspec

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
)

// checkCompose checks what of a compose block can be checked without a value; nil: there is none.
func (c *checker) checkCompose(n *decodedBlock) {
	if n == nil {
		return
	}
	for _, a := range n.sortedAttrs() {
		a.refs = c.analyse(a.expression)
		c.checkAllowed(a.expression, "the compose block", refVar, refLocal, refPath, refPlatform)
	}
}

// Scopes are the compose projects of the file: "" for that of the project's own files, and the prefix of each included module
// with a compose block of its own.
func (f *File) Scopes() []string {
	scopes := []string{""}
	for _, m := range f.modules {
		if m.include != nil && m.compose != nil {
			scopes = append(scopes, m.prefix)
		}
	}
	return scopes
}

// ScopeOf is the scope of a declared task, also of one of its runs; empty for a name that nobody declares.
func (f *File) ScopeOf(task string) string {
	if t := f.findTask(declaredName(task)); t != nil {
		return t.mod.composeScope()
	}
	return ""
}

// Compose evaluates the `compose` block of the project's own files.
func (f *File) Compose(in Inputs) (Compose, hcl.Diagnostics) { return f.ComposeForScope(in, "") }

// ComposeForScope evaluates the `compose` block of a scope, which is needed before the project can be loaded. Without a block it is
// empty, but for the directory of the files. Mistakes of Parse that have nothing to do with it do not matter.
func (f *File) ComposeForScope(in Inputs, scope string) (Compose, hcl.Diagnostics) {
	if _, ok := f.errorScope(f.diags); !ok {
		return Compose{}, f.diags
	}
	i := slices.IndexFunc(f.modules, func(m *module) bool { return m.prefix == scope })
	if i < 0 || f.modules[i].compose == nil {
		return Compose{Dir: in.Root}, nil
	}
	m := f.modules[i]
	e := newEvaluation(f, in)
	s := e.scope("", nil, RunResults{})
	c := Compose{Range: m.compose.headerRange, Dir: cmp.Or(m.dir, in.Root)}
	for _, a := range m.compose.sortedAttrs() {
		v, ok := s.attributeValue(a)
		if !ok || v.IsNull() {
			continue
		}
		if err := c.setAttribute(a, v); err != nil {
			e.report(wrongValueError(a, err))
		}
	}
	diags := e.finalDiagnostics()
	if diags.HasErrors() {
		return Compose{}, diags
	}
	return c, diags
}

func (c *Compose) setAttribute(a *decodedAttribute, v cty.Value) (err error) {
	switch a.name {
	case "files":
		c.Files, err = ctyconv.AsPaths(v, a.dir)
	case "env_files":
		c.EnvFiles, err = ctyconv.AsPaths(v, a.dir)
	case "profiles":
		c.Profiles, err = ctyconv.AsList(v)
	case "project":
		c.Project, err = ctyconv.AsNonEmptyText(v)
	case "project_directory":
		c.ProjectDirectory, err = ctyconv.AsNonEmptyText(v)
		c.ProjectDirectory = ctyconv.AbsolutePath(c.ProjectDirectory, a.dir)
	}
	return err
}

package hclspec

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

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

// Engine is an `engine` block.
type Engine struct {
	Name string
	// Host is the address of the engine, Context a context of the docker command. One of the two is empty.
	Host, Context string
	// Binds are the absolute paths of the engine's machine that bind mounts may use.
	Binds []string
}

// EngineNames returns the names of the engine blocks, in order.
func (f *File) EngineNames() []string {
	var names []string
	for _, n := range f.config.EngineBlocks {
		names = append(names, n.EngineName())
	}
	return names
}

// Engine evaluates the engine block with a name. The name must be one of [File.EngineNames].
func (f *File) Engine(in Inputs, name string) (Engine, hcl.Diagnostics) {
	if _, ok := newErrorScope(f.config, f.config.Diags); !ok {
		return Engine{}, f.config.Diags
	}
	e := newEvaluation(f.config, in)
	engine := evaluateEngine(e, f.config.EngineBlock(name))
	return engine, e.finalDiagnostics()
}

func evaluateEngine(e *evaluation, n *config.Block) Engine {
	engine := Engine{Name: n.EngineName()}
	s := e.scope("", nil, RunResults{})
	for _, a := range n.SortedAttrs() {
		v, ok := s.attributeValue(a)
		if !ok || v.IsNull() && a.Name == "binds" {
			continue
		}
		if err := engine.setAttribute(a.Name, v); err != nil {
			s.reportWrongValue(a, err)
		}
	}
	return engine
}

func (e *Engine) setAttribute(name string, v cty.Value) (err error) {
	switch name {
	case "host":
		if e.Host, err = ctyconv.AsNonEmptyText(v); err == nil && !IsEngineAddress(e.Host) {
			err = errors.New("it must begin with ssh://, tcp:// or unix://")
		}
	case "context":
		e.Context, err = ctyconv.AsNonEmptyText(v)
	case "binds":
		e.Binds, err = ctyconv.AsList(v)
		for i, bind := range e.Binds {
			if !path.IsAbs(bind) {
				return fmt.Errorf("%q is not an absolute path of the engine's machine", bind)
			}
			e.Binds[i] = path.Clean(bind)
		}
	}
	return err
}

// IsEngineAddress reports whether a text is the address of an engine.
func IsEngineAddress(text string) bool {
	for _, scheme := range []string{"ssh://", "tcp://", "unix://"} {
		if rest, found := strings.CutPrefix(text, scheme); found && rest != "" {
			return true
		}
	}
	return false
}

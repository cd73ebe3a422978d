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
	// Host is the address of the engine, Context a context of the docker command, Swarm the address of a manager of a
	// Docker Swarm, Hosts the addresses of several engines. Exactly one of the four is set.
	Host, Context, Swarm string
	Hosts                []string
	// Binds are the absolute paths of the engine's machine that bind mounts may use.
	Binds []string
	// Connect is the address of the engine of a node of the swarm, with {address} or {hostname} in place of the
	// machine.
	Connect string
	// Nodes are the labels of the nodes of the swarm that are used; empty: all nodes.
	Nodes map[string]string
	// Slots is the number of one-offs of shards at once on a node; 0: the default.
	Slots int
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
		if !ok || v.IsNull() && !slices.Contains(config.EngineAddresses(), a.Name) {
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
		e.Host, err = asEngineAddress(v)
	case "context":
		e.Context, err = ctyconv.AsNonEmptyText(v)
	case "hosts":
		e.Hosts, err = asEngineAddresses(v)
	case "swarm":
		e.Swarm, err = asEngineAddress(v)
	case "connect":
		e.Connect, err = asNodeAddress(v)
	case "nodes":
		e.Nodes, err = asNodeLabels(v)
	case "slots":
		e.Slots, err = ctyconv.AsCount(v)
	case "images":
		err = acceptOnly(v, "load", "images come from the other nodes and from this engine's registries; write \"load\"")
	case "spread":
		err = acceptOnly(v, "stack", "services that share a network or a volume stay on one node; write \"stack\"")
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

func asEngineAddress(v cty.Value) (string, error) {
	address, err := ctyconv.AsNonEmptyText(v)
	if err == nil && !IsEngineAddress(address) {
		err = errors.New("it must begin with ssh://, tcp:// or unix://")
	}
	return address, err
}

// asEngineAddresses returns the addresses of several engines, all different.
func asEngineAddresses(v cty.Value) ([]string, error) {
	addresses, err := ctyconv.AsList(v)
	if err == nil && len(addresses) == 0 {
		err = errors.New("it names no engine")
	}
	for i, address := range addresses {
		switch {
		case !IsEngineAddress(address):
			return nil, fmt.Errorf("%q must begin with ssh://, tcp:// or unix://", address)
		case slices.Contains(addresses[:i], address):
			return nil, fmt.Errorf("%q is in the list twice", address)
		}
	}
	return addresses, err
}

// asNodeAddress returns the address of the engine of a node, with a placeholder for the node.
func asNodeAddress(v cty.Value) (string, error) {
	address, err := asEngineAddress(v)
	if err == nil && !strings.Contains(address, "{address}") && !strings.Contains(address, "{hostname}") {
		err = errors.New("it must contain {address} or {hostname}: the nodes have different addresses")
	}
	return address, err
}

func asNodeLabels(v cty.Value) (map[string]string, error) {
	labels, err := ctyconv.AsMap(v)
	if err != nil {
		return nil, err
	}
	known := make(map[string]string, len(labels))
	for name, value := range labels {
		if value == nil {
			return nil, fmt.Errorf("label %s needs a value", name)
		}
		known[name] = *value
	}
	return known, nil
}

// acceptOnly returns an error for another value than the only one. reason says why there is no other.
func acceptOnly(v cty.Value, only, reason string) error {
	text, err := ctyconv.AsNonEmptyText(v)
	if err == nil && text != only {
		err = fmt.Errorf("%q is not supported: %s", text, reason)
	}
	return err
}

// SwarmPrefix begins the address of a manager of a Docker Swarm in --engine: "swarm+ssh://USER@MANAGER".
const SwarmPrefix = "swarm+"

// IsEngineAddress reports whether a text is the address of an engine.
func IsEngineAddress(text string) bool {
	for _, scheme := range []string{"ssh://", "tcp://", "unix://"} {
		if rest, found := strings.CutPrefix(text, scheme); found && rest != "" {
			return true
		}
	}
	return false
}

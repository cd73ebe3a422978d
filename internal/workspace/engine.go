package workspace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tasks/hclspec"
	"tasks/planner"
)

// Engine is the container engine of a workspace. executor/docker implements the interface.
type Engine interface {
	SnapshotEngine
	// Address identifies the engine.
	Address() string
	// APIVersion agrees with the engine on a version of the API.
	APIVersion(ctx context.Context) (string, error)
	// Check returns an error for a plan beyond the features of the engine.
	Check(ctx context.Context, plan *planner.Plan) error
	// DetachKeys returns the key sequence of the docker command's configuration; empty, where none is set.
	DetachKeys() (string, error)
}

// EngineChoice chooses an engine. The zero value is the engine of the docker command.
type EngineChoice struct {
	// Name is the name of the engine in messages.
	Name string
	// Host is the address of the engine, Context a context of the docker command. At most one of the two is set.
	Host, Context string
	// Hosts are the addresses of several engines, Swarm is the address of a manager of a Docker Swarm. With either,
	// the engine has several nodes.
	Hosts []string
	Swarm string
	// Connect is the address of the engine of a node of the swarm, with placeholders; empty: like that of the manager.
	Connect string
	// Nodes are the labels of the nodes of the swarm that are used.
	Nodes map[string]string
	// Slots is the number of private projects at once on a node; 0: the default.
	Slots int
	// Binds are the absolute paths of the engine's machine that bind mounts may use.
	Binds []string
	// root is the directory of the project.
	root string
	// warn shows warnings to the user.
	warn func(string)
}

// EngineConnector connects to the container engine at the first need. An EngineConnector is safe for concurrent use.
type EngineConnector struct {
	connect func(EngineChoice) (Engine, error)
	mu      sync.Mutex
	// choose evaluates the choice of the command line; nil: the engine of the docker command.
	choose func() (EngineChoice, error)
	engine Engine
}

// NewEngineConnector returns a connector. connect must send nothing to the engine.
func NewEngineConnector(connect func(EngineChoice) (Engine, error)) *EngineConnector {
	return &EngineConnector{connect: connect}
}

// useChoice makes the connector connect to a chosen engine. An engine that is connected stays.
func (c *EngineConnector) useChoice(choose func() (EngineChoice, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.choose = choose
}

// isChosen reports whether the command line chooses the engine. The file system of a chosen engine is not the file
// system of this machine.
func (c *EngineConnector) isChosen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.choose != nil
}

// Connect returns the engine. After a failure, the next call tries again. The error is a [RunError], or
// [hcl.Diagnostics] of the engine block.
func (c *EngineConnector) Connect() (Engine, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.engine != nil {
		return c.engine, nil
	}
	var choice EngineChoice
	if c.choose != nil {
		var err error
		if choice, err = c.choose(); err != nil {
			return nil, err
		}
	}
	var engine Engine
	var err error
	if choice.Swarm != "" || len(choice.Hosts) > 0 {
		engine, err = connectNodes(c.connect, choice)
	} else if engine, err = c.connect(choice); err == nil && c.choose != nil {
		engine, err = newRemoteEngine(engine, choice, choice.root)
	}
	if err != nil {
		return nil, &RunError{err}
	}
	c.engine = engine
	return engine, nil
}

// engineChoice evaluates the flag for the engine: an address, or the name of an engine block.
func engineChoice(ws *Workspace) (EngineChoice, error) {
	flag := ws.config.Flags.Engine
	if hclspec.IsEngineAddress(flag) {
		return EngineChoice{Name: flag, Host: flag, root: ws.Root(), warn: ws.config.warn}, nil
	}
	if manager, isSwarm := strings.CutPrefix(flag, hclspec.SwarmPrefix); isSwarm && hclspec.IsEngineAddress(manager) {
		return EngineChoice{Name: flag, Swarm: manager, root: ws.Root(), warn: ws.config.warn}, nil
	}
	names := ws.File.EngineNames()
	if !slices.Contains(names, flag) {
		return EngineChoice{}, unknownEngineError(flag, names)
	}
	block, diags := ws.File.Engine(ws.blockInputs, flag)
	if diags.HasErrors() {
		return EngineChoice{}, diags
	}
	return EngineChoice{
		Name: block.Name, Host: block.Host, Context: block.Context, Binds: block.Binds,
		Hosts: block.Hosts, Swarm: block.Swarm, Connect: block.Connect, Nodes: block.Nodes, Slots: block.Slots,
		root: ws.Root(), warn: ws.config.warn,
	}, nil
}

// EngineNames returns the names of the engine blocks of a workspace. A missing workspace has none.
func EngineNames(ws *Workspace) []string {
	if ws == nil {
		return nil
	}
	return ws.File.EngineNames()
}

// Node is an engine of a chosen engine.
type Node struct {
	// Name is the name of the node in messages.
	Name   string
	Engine Engine
}

// ChosenNodes connects to the engines behind the flag for the engine. No request is sent.
func ChosenNodes(config Config) ([]Node, error) {
	ws, diags, err := OpenProject(config)
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, diags
	}
	choice, err := engineChoice(ws)
	if err != nil {
		return nil, err
	}
	return chosenNodes(config.Engine.connect, choice)
}

// chosenNodes connects to all engines of a choice. The manager of a swarm is the first node. Without its answer, the
// other nodes are not known.
func chosenNodes(connect func(EngineChoice) (Engine, error), choice EngineChoice) ([]Node, error) {
	members := membersOfHosts(choice.Hosts)
	if choice.Swarm != "" {
		members = []member{{name: "manager", host: choice.Swarm}}
		manager, err := connectManager(connect, choice)
		if err != nil {
			return nil, err
		}
		others, _ := manager.members(choice) // the check of the manager tells the reason
		members = append(members, others...)
	} else if len(members) == 0 {
		connected, err := connect(choice)
		return []Node{{Name: choice.Name, Engine: connected}}, err
	}
	var nodes []Node
	for _, m := range members {
		connected, err := connect(EngineChoice{Name: m.name, Host: m.host})
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", m.name, err)
		}
		nodes = append(nodes, Node{Name: m.name, Engine: connected})
	}
	return nodes, nil
}

func unknownEngineError(name string, names []string) error {
	const address = "an address begins with ssh://, tcp:// or unix://, that of a swarm with swarm+ssh://"
	near := hclspec.Nearest(name, names)
	switch {
	case strings.Contains(name, "://"):
		return fmt.Errorf("--engine %s: no address of an engine: %s", name, address)
	case near != "":
		return fmt.Errorf("--engine %s: there is no such engine block: did you mean %s?", name, near)
	}
	const format = "--engine %s: there is no such engine block: add engine %q { host = \"…\" }, or write an address; %s"
	return fmt.Errorf(format, name, name, address)
}

// address returns the address of the engine; empty, where the address is not known.
func (c *EngineConnector) address() string {
	engine, err := c.Connect()
	if err != nil {
		return ""
	}
	return engine.Address()
}

// negotiateAsync agrees on a version of the API in the background, while the compose files are loaded. The first
// call of the engine reports an error again.
func (c *EngineConnector) negotiateAsync() {
	if engine, err := c.Connect(); err == nil {
		go func() { _, _ = engine.APIVersion(context.Background()) }()
	}
}

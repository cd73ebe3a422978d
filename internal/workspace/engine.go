package workspace

import (
	"context"
	"sync"

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

// EngineConnector connects to the container engine at the first need. An EngineConnector is safe for concurrent use.
type EngineConnector struct {
	connect func() (Engine, error)
	mu      sync.Mutex
	engine  Engine
}

// NewEngineConnector returns a connector. connect must send nothing to the engine.
func NewEngineConnector(connect func() (Engine, error)) *EngineConnector {
	return &EngineConnector{connect: connect}
}

// Connect returns the engine. After a failure, the next call tries again. The error is a [RunError].
func (c *EngineConnector) Connect() (Engine, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.engine != nil {
		return c.engine, nil
	}
	engine, err := c.connect()
	if err != nil {
		return nil, &RunError{err}
	}
	c.engine = engine
	return engine, nil
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

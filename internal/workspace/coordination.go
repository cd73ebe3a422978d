package workspace

import (
	"context"
	"sync"

	"tasks/executor"
	"tasks/internal/coord"
	"tasks/planner"
)

// Coordination opens the store of a project and keeps the leases of the process. A process has one Coordination for
// all workspaces of a project. A Coordination is safe for concurrent use: a signal may end the program during a
// plan.
type Coordination struct {
	engine *EngineConnector
	mu     sync.Mutex
	leased *LeasedProjects
	// forcedCtx ends all removals at the end of sessions.
	forcedCtx context.Context
}

// Bound ends all removals at the end of sessions with ctx. It precedes the first use of a store.
func (c *Coordination) Bound(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forcedCtx = ctx
}

// NewCoordination returns a Coordination without a store. The engine gives the store the address of the shared
// directory.
func NewCoordination(engine *EngineConnector) *Coordination {
	return &Coordination{engine: engine}
}

// Leased returns the leased projects of the process. The first call opens the store of the project in root.
func (c *Coordination) Leased(root string) *LeasedProjects {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leased == nil {
		c.leased = NewLeasedProjects(coord.OpenStore(root, c.engine.address()))
		c.leased.forcedCtx = c.forcedCtx
	}
	return c.leased
}

// Store returns the store of the project in root.
func (c *Coordination) Store(root string) *coord.Store { return c.Leased(root).Store }

// RetainLeases keeps the leases that plan needs, and releases the rest. An earlier plan of the process may have taken
// leases. Without leases RetainLeases does nothing.
func (c *Coordination) RetainLeases(plan *planner.Plan) {
	c.mu.Lock()
	leased := c.leased
	c.mu.Unlock()
	if leased != nil {
		leased.Retain(plan)
	}
}

// ReleaseUnstarted releases the leases of a plan without a session. The end of stopCtx ends the grace period of
// stopping containers.
func (c *Coordination) ReleaseUnstarted(stopCtx context.Context, observer executor.Observer) {
	c.mu.Lock()
	leased := c.leased
	c.mu.Unlock()
	if leased != nil {
		leased.ReleaseAll(stopCtx, observer)
	}
}

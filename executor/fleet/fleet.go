// Package fleet makes one engine of several engines, the nodes. Each compose project is on one node as a whole; each
// call goes to the node of its object. So neither the planner nor the executor knows of nodes.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// NodeEngine is the engine of a node.
type NodeEngine interface {
	engine.Engine
	Snapshot(ctx context.Context, query observed.Query) (*observed.Snapshot, error)
	Address() string
	APIVersion(ctx context.Context) (string, error)
	Check(ctx context.Context, plan *planner.Plan) error
	DetachKeys() (string, error)
	// Ping asks for an answer.
	Ping(ctx context.Context) error
}

// Node is a member of the fleet.
type Node struct {
	// Name is the name of the node in messages. All names are different.
	Name   string
	Engine NodeEngine
	// IsClosed reports whether the node takes no new project, as a drained node of a swarm.
	IsClosed bool
	// Missing is the reason against the use of the node, as its directory tells; empty: none.
	Missing string
}

// Directory knows which nodes are ready, for example the manager of a swarm.
type Directory interface {
	IsReady(ctx context.Context, node string) (bool, error)
}

// Image is an image on its way from one node to another.
type Image struct {
	From, To      NodeEngine
	Ref, Platform string
	// Node is the name of the node that gets the image.
	Node string
}

// Config configures a fleet.
type Config struct {
	// Name is the name of the engine in messages.
	Name  string
	Nodes []Node
	// Slots is the number of private projects at once on a node.
	Slots int
	// Directory may be nil.
	Directory Directory
	// SendImage sends an image from one node to another. progress gets texts for the user.
	SendImage func(ctx context.Context, image Image, progress func(string)) error
	// Warn shows warnings to the user.
	Warn func(string)
}

// Fleet is an engine over several nodes. A Fleet is safe for concurrent use. Close ends its goroutines.
type Fleet struct {
	*router
	containerCalls
	networkCalls
	volumeCalls
	imageCalls
	streamCalls
}

var _ engine.Engine = (*Fleet)(nil)

// New returns a fleet. New sends nothing to the nodes.
func New(cfg Config) *Fleet {
	r := &router{cfg: cfg, projects: map[string]*placement{}, objects: map[objectKey]*object{}, pins: map[string]pins{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	for _, n := range cfg.Nodes {
		r.nodes = append(r.nodes, newNode(n, r.ctx))
	}
	images := imageCalls{r, &imageState{homes: map[string]*node{}, present: map[presence]bool{}}}
	return &Fleet{r, containerCalls{r, images}, networkCalls{r}, volumeCalls{r}, images, streamCalls{r}}
}

// router finds the node of each call.
type router struct {
	cfg    Config
	nodes  []*node
	ctx    context.Context
	cancel context.CancelFunc
	// watchers are the goroutines that ping nodes.
	watchers sync.WaitGroup

	// opening guards isOpen, which reports whether the nodes have been pinged.
	opening sync.Mutex
	isOpen  bool

	// mu guards the fields below.
	mu       sync.Mutex
	projects map[string]*placement
	objects  map[objectKey]*object
	pins     map[string]pins
}

// Close ends the pings of the nodes.
func (r *router) Close() {
	r.cancel()
	r.watchers.Wait()
}

// open pings all nodes at the first call. Nodes without an answer are lost from the start.
func (r *router) open(ctx context.Context) error {
	r.opening.Lock()
	defer r.opening.Unlock()
	if r.isOpen {
		return nil
	}
	errs := make([]error, len(r.nodes))
	var all sync.WaitGroup
	for i, n := range r.nodes {
		all.Go(func() {
			if errs[i] = missingError(n); errs[i] == nil {
				_, errs[i] = n.ping(ctx, openTimeout)
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !slices.Contains(errs, nil) {
		return fmt.Errorf("no node of the engine %s answers: %w", r.cfg.Name, errors.Join(errs...))
	}
	for i, n := range r.nodes {
		if errs[i] != nil {
			n.lose("gave no answer at the start")
			const format = "node %s gives no answer and gets nothing to do; its volumes and containers are not seen: %v"
			r.cfg.Warn(fmt.Sprintf(format, n.Name, errs[i]))
		}
		r.watchers.Go(func() { n.watch(r.ctx, r.cfg.Directory) })
	}
	r.isOpen = true
	return nil
}

func missingError(n *node) error {
	if n.Missing == "" {
		return nil
	}
	return errors.New(n.Missing)
}

// usable returns the nodes that are not lost.
func (r *router) usable() []*node {
	return slices.DeleteFunc(slices.Clone(r.nodes), func(n *node) bool { return !n.isUsable() })
}

// answering returns the nodes without a doubt: new work does not wait for a node that may be lost. Without such a node,
// all usable nodes are returned.
func (r *router) answering() []*node {
	nodes := slices.DeleteFunc(slices.Clone(r.nodes), func(n *node) bool { return !n.isAnswering() })
	if len(nodes) == 0 {
		return r.usable()
	}
	return nodes
}

// first returns the node for calls that belong to no project.
func (r *router) first(ctx context.Context) (*node, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	for _, isClosed := range []bool{false, true} {
		for _, n := range r.answering() {
			if n.IsClosed == isClosed {
				return n, nil
			}
		}
	}
	return nil, r.allLost()
}

// allLost is the error without a usable node.
func (r *router) allLost() error {
	return fmt.Errorf("no node of the engine %s is left: %w", r.cfg.Name, r.nodes[len(r.nodes)-1].lost())
}

// eachUsable performs a call on all usable nodes in parallel, and returns the results in the order of the nodes. A
// node that is lost during the call has no result. Any other error is the error of all.
func eachUsable[T any](
	ctx context.Context, r *router, do func(context.Context, *node) (T, error),
) (values map[*node]T, err error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	return onEach(ctx, r, r.usable(), do)
}

// onEach is eachUsable for some nodes.
func onEach[T any](
	ctx context.Context, r *router, nodes []*node, do func(context.Context, *node) (T, error),
) (values map[*node]T, err error) {
	results, errs := make([]T, len(nodes)), make([]error, len(nodes))
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() {
			results[i], errs[i] = onNode(ctx, n, func(ctx context.Context) (T, error) { return do(ctx, n) })
		})
	}
	all.Wait()
	values = map[*node]T{}
	for i, n := range nodes {
		switch {
		case errs[i] == nil:
			values[n] = results[i]
		case !engine.IsNodeLost(errs[i]):
			return nil, fmt.Errorf("node %s: %w", n.Name, errs[i])
		}
	}
	if len(values) == 0 {
		return nil, r.allLost()
	}
	return values, nil
}

// Address identifies the fleet by the addresses of its nodes.
func (f *Fleet) Address() string {
	var addresses []string
	for _, n := range f.nodes {
		addresses = append(addresses, n.Engine.Address())
	}
	slices.Sort(addresses)
	return "nodes:" + strings.Join(addresses, ",")
}

// APIVersion returns the lowest version of the nodes.
func (f *Fleet) APIVersion(ctx context.Context) (string, error) {
	versions, err := eachUsable(ctx, f.router, func(ctx context.Context, n *node) (string, error) {
		return n.Engine.APIVersion(ctx)
	})
	lowest := ""
	for _, version := range versions {
		if lowest == "" || isLower(version, lowest) {
			lowest = version
		}
	}
	return lowest, err
}

// isLower compares versions of the API, "1.41".
func isLower(a, b string) bool {
	return len(a) < len(b) || len(a) == len(b) && a < b
}

// Check returns an error for a plan beyond the features of a node.
func (f *Fleet) Check(ctx context.Context, plan *planner.Plan) error {
	_, err := eachUsable(ctx, f.router, func(ctx context.Context, n *node) (struct{}, error) {
		return struct{}{}, n.Engine.Check(ctx, plan)
	})
	return err
}

// DetachKeys returns the key sequence of the docker command's configuration; empty, where none is set.
func (f *Fleet) DetachKeys() (string, error) { return f.nodes[0].Engine.DetachKeys() }

// NodeStates returns the nodes in order, with their states: "ready", "closed" to new projects, or "lost".
func (f *Fleet) NodeStates(ctx context.Context) (names, states []string, err error) {
	if err := f.open(ctx); err != nil {
		return nil, nil, err
	}
	for _, n := range f.nodes {
		state := "ready"
		switch {
		case !n.isUsable():
			state = "lost"
		case n.IsClosed:
			state = "closed"
		}
		names, states = append(names, n.Name), append(states, state)
	}
	return names, states, nil
}

// IsUsable reports whether the node with a name is not lost.
func (f *Fleet) IsUsable(name string) bool {
	return slices.ContainsFunc(f.usable(), func(n *node) bool { return n.Name == name })
}

// Slots implements [engine.SlotCounter]: the room for private projects on the nodes that take new projects.
func (f *Fleet) Slots() int {
	slots := 0
	for _, n := range f.usable() {
		if !n.IsClosed {
			slots += f.cfg.Slots
		}
	}
	return slots
}

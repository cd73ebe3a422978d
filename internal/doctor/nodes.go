package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/internal/workspace"
	"tasks/planner/observed"
)

// NodeEngine is an engine of another machine. executor/docker implements the interface.
type NodeEngine interface {
	Engine
	// Usage returns the used space of the engine.
	Usage(ctx context.Context) (engine.Usage, error)
	// OwnedContainers lists the containers of all projects with an owner.
	OwnedContainers(ctx context.Context) ([]*observed.Container, error)
}

// Node is an engine to check.
type Node struct {
	// Name is the name of the engine in findings.
	Name   string
	Engine NodeEngine
}

// Describing returns a connection as a function for [Sources].
func Describing(connect func() (workspace.Engine, error)) func() (Engine, error) {
	return func() (Engine, error) {
		connected, err := connect()
		if err != nil {
			return nil, err
		}
		describing, ok := connected.(Engine)
		if !ok {
			return nil, fmt.Errorf("the engine at %s does not describe itself", connected.Address())
		}
		return describing, nil
	}
}

// CheckEngine checks the engine that the configuration chooses. The checks only read.
func CheckEngine(ctx context.Context, config workspace.Config) (Report, error) {
	chosen, err := workspace.ChosenNodes(config)
	if err != nil {
		return Report{}, err
	}
	var nodes []Node
	for _, n := range chosen {
		connected, ok := n.Engine.(NodeEngine)
		if !ok {
			return Report{}, fmt.Errorf("the engine at %s does not describe itself", n.Engine.Address())
		}
		nodes = append(nodes, Node{Name: n.Name, Engine: connected})
	}
	return CheckNodes(ctx, nodes, workspace.CurrentOwnership()), nil
}

// CheckNodes checks the engines of all nodes in parallel, and compares the engines. The findings have the order of the
// nodes.
func CheckNodes(ctx context.Context, nodes []Node, ownership observed.Ownership) Report {
	checks := make([]nodeCheck, len(nodes))
	var all sync.WaitGroup
	for i, n := range nodes {
		checks[i] = nodeCheck{node: n, ownership: ownership}
		all.Go(func() { checks[i].run(ctx) })
	}
	all.Wait()
	var r Report
	for _, c := range checks {
		for _, f := range c.report.Findings {
			if len(nodes) > 1 {
				f.Node = c.node.Name
			}
			r.Findings = append(r.Findings, f)
		}
	}
	if len(nodes) > 1 {
		compareNodes(&r, checks)
	}
	return r
}

// nodeCheck is the check of a node.
type nodeCheck struct {
	node        Node
	ownership   observed.Ownership
	report      Report
	description engine.Description
	isReachable bool
}

func (c *nodeCheck) run(ctx context.Context) {
	ctx, cancel := context.WithTimeoutCause(ctx, engineTimeout, fmt.Errorf("no answer within %s", engineTimeout))
	defer cancel()
	r := &c.report
	r.add("address", OK, c.node.Engine.Address(), "")
	s := Sources{
		Engine: func() (Engine, error) { return c.node.Engine, nil },
		remedy: "start the Docker Engine of this machine, or correct the address in the engine block",
	}
	if c.description, c.isReachable = s.checkEngine(ctx, r); !c.isReachable {
		return
	}
	d := c.description
	if d.ImageStore != "" {
		r.add("images", OK, imageStoreText(d), "")
	}
	checkClock(r, d)
	checkSubnets(r, d)
	checkDisk(r, d.RootDir, s.isLocal())
	c.checkUsage(ctx)
	checkSwarm(r, d.Swarm)
	c.checkLeftovers(ctx)
	checkEngineWarnings(r, d)
}

func imageStoreText(d engine.Description) string {
	if d.IsContainerd {
		return "the image store of containerd, with " + d.ImageStore
	}
	return "the engine's own image store, with " + d.ImageStore
}

// muchUnused is the unused space, in bytes, that a finding warns of.
const muchUnused = 20 * gib

// checkUsage tells the used space. Engines do not tell the free space of their disk.
func (c *nodeCheck) checkUsage(ctx context.Context) {
	u, err := c.node.Engine.Usage(ctx)
	if err != nil {
		c.report.add("usage", Warning, err.Error(), "docker system df shows the used space on the engine's machine")
		return
	}
	size := func(bytes int64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/gib) }
	fact := fmt.Sprintf("images %s, volumes %s, build cache %s; %s of these have no use now",
		size(u.Images), size(u.Volumes), size(u.BuildCache), size(u.Unused))
	if u.Unused > muchUnused {
		c.report.add("usage", Warning, fact, "docker image prune --all and docker builder prune free space")
		return
	}
	c.report.add("usage", OK, fact, "")
}

// checkSwarm checks the engine's part in a swarm, and what a manager knows of the nodes.
func checkSwarm(r *Report, s engine.Swarm) {
	switch {
	case s.State == "" || s.State == "inactive":
		return
	case s.State != "active" || s.Error != "":
		fact := "the state in the swarm is " + s.State
		if s.Error != "" {
			fact += ": " + s.Error
		}
		r.add("swarm", Problem, fact, "docker swarm unlock, or leave and join, on the engine's machine")
		return
	case !s.IsManager:
		r.add("swarm", OK, "the engine is a worker", "")
		return
	}
	r.add("swarm", OK, fmt.Sprintf("the engine is a manager of %d nodes", len(s.Nodes)), "")
	for _, n := range s.Nodes {
		fact := fmt.Sprintf("node %s is %s, availability %s%s", n.Name, n.State, n.Availability, labelText(n.Labels))
		if n.Message != "" {
			fact += ": " + n.Message
		}
		switch {
		case n.State != "ready":
			r.add("swarm", Problem, fact, "start the Docker Engine of "+n.Name+", or remove the node: docker node rm "+n.Name)
		case n.Availability != "active":
			r.add("swarm", Warning, fact, "the node gets no new work; docker node update --availability active "+n.Name)
		default:
			r.add("swarm", OK, fact, "")
		}
	}
}

// labelText lists labels, sorted: ", labels ci=true, disk=ssd".
func labelText(labels map[string]string) string {
	if len(labels) == 0 {
		return ""
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		texts = append(texts, name+"="+labels[name])
	}
	return ", labels " + strings.Join(texts, ", ")
}

// checkLeftovers looks for containers of killed runs of this machine, in all projects.
func (c *nodeCheck) checkLeftovers(ctx context.Context) {
	containers, err := c.node.Engine.OwnedContainers(ctx)
	if err != nil {
		c.report.add("leftovers", Warning, err.Error(), "run the check again")
		return
	}
	now := time.Now().Add(c.description.Skew)
	var names []string
	for _, container := range containers {
		if c.ownership.IsAbandoned(container, now) {
			names = append(names, container.Name)
		}
	}
	if len(names) == 0 {
		c.report.add("leftovers", OK, "no killed run of this machine has left a container", "")
		return
	}
	c.report.add("leftovers", Warning, "killed runs have left "+strings.Join(names, ", "),
		"tasks ps --engine removes them, in the directory of their project")
}

// compareNodes compares the engines that answer.
func compareNodes(r *Report, checks []nodeCheck) {
	platforms, stores := map[string][]string{}, map[string][]string{}
	for _, c := range checks {
		if c.isReachable {
			platform, store := c.description.OS+"/"+c.description.Arch, "own store"
			if c.description.IsContainerd {
				store = "containerd"
			}
			platforms[platform] = append(platforms[platform], c.node.Name)
			stores[store] = append(stores[store], c.node.Name)
		}
	}
	if len(platforms) > 1 {
		r.add("nodes", Problem, "the engines have different platforms: "+groupText(platforms),
			"an image of one platform does not run on the other: leave the engines of one platform in the engine block")
	}
	if len(stores) > 1 {
		r.add("nodes", Warning, "the engines have different image stores: "+groupText(stores),
			"an image has another id in each, and the first transfer may send it whole; use one kind of store")
	}
	if len(platforms) == 1 && len(stores) == 1 {
		r.add("nodes", OK, "all engines that answer have the same platform and kind of image store", "")
	}
}

// groupText lists groups of names: "linux/amd64 on a, b; linux/arm64 on c".
func groupText(groups map[string][]string) string {
	var texts []string
	for _, value := range slices.Sorted(maps.Keys(groups)) {
		texts = append(texts, value+" on "+strings.Join(groups[value], ", "))
	}
	return strings.Join(texts, "; ")
}

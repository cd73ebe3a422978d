package workspace

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tasks/executor/engine"
	"tasks/executor/fleet"
	"tasks/executor/imagesend"
	"tasks/executor/sources"
)

const (
	// defaultSlots is the number of private projects at once on a node.
	defaultSlots = 4
	// membersTimeout bounds the question for the nodes of a swarm: calls hang during an election.
	membersTimeout = 20 * time.Second
)

// fleetEngine is a chosen engine with several nodes.
type fleetEngine struct {
	*fleet.Fleet
	choice  EngineChoice
	members []*remoteEngine
	names   []string
}

// connectNodes connects to the nodes of a chosen engine. Only the manager of a swarm gets a request.
func connectNodes(connect func(EngineChoice) (Engine, error), choice EngineChoice) (Engine, error) {
	members := membersOfHosts(choice.Hosts)
	cfg := fleet.Config{Name: choice.Name, Slots: choice.Slots, SendImage: sendImage, Warn: choice.warn}
	if cfg.Slots == 0 {
		cfg.Slots = defaultSlots
	}
	if choice.Swarm != "" {
		manager, err := connectManager(connect, choice)
		if err != nil {
			return nil, err
		}
		if members, err = manager.members(choice); err != nil {
			return nil, err
		}
		cfg.Directory = manager
	}
	e := &fleetEngine{choice: choice}
	for _, m := range members {
		connected, err := connect(EngineChoice{Name: m.name, Host: m.host})
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", m.name, err)
		}
		remote, err := newRemoteEngine(connected, choice, choice.root)
		if err != nil {
			return nil, err
		}
		e.members, e.names = append(e.members, remote), append(e.names, m.name)
		cfg.Nodes = append(cfg.Nodes, fleet.Node{Name: m.name, Engine: remote, IsClosed: m.isClosed, Missing: m.missing})
	}
	e.Fleet = fleet.New(cfg)
	return e, nil
}

// member is a node before the connection.
type member struct {
	name, host string
	isClosed   bool
	missing    string
}

// membersOfHosts names the engines of a list by their machines, or by their addresses if a machine has several.
func membersOfHosts(hosts []string) []member {
	count := map[string]int{}
	for _, host := range hosts {
		count[machineOf(host)]++
	}
	var members []member
	for _, host := range hosts {
		m := member{name: machineOf(host), host: host}
		if count[m.name] > 1 || m.name == "" {
			m.name = host
		}
		members = append(members, m)
	}
	return members
}

// machineOf returns the machine in the address of an engine; empty: this machine.
func machineOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}

// manager is the manager of a Docker Swarm: the directory of its nodes.
type manager struct {
	SwarmManager
	address string
}

// SwarmManager is an engine that knows the nodes of a swarm. executor/docker implements the interface.
type SwarmManager interface {
	SwarmNodes(ctx context.Context) ([]engine.SwarmMember, error)
}

func connectManager(connect func(EngineChoice) (Engine, error), choice EngineChoice) (manager, error) {
	connected, err := connect(EngineChoice{Name: choice.Name, Host: choice.Swarm})
	if err != nil {
		return manager{}, err
	}
	known, ok := connected.(SwarmManager)
	if !ok {
		return manager{}, fmt.Errorf("the engine at %s knows no swarm", connected.Address())
	}
	return manager{known, choice.Swarm}, nil
}

// IsReady implements [fleet.Directory].
func (m manager) IsReady(ctx context.Context, node string) (bool, error) {
	members, err := m.SwarmNodes(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(members, func(n engine.SwarmMember) bool {
		return n.Name == node && n.State == "ready"
	}), nil
}

// members returns the nodes of the swarm with the chosen labels, by name.
func (m manager) members(choice EngineChoice) (members []member, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), membersTimeout)
	defer cancel()
	all, err := m.SwarmNodes(ctx)
	if err != nil {
		return nil, fmt.Errorf("the nodes of the swarm at %s are not known: %w", m.address, err)
	}
	connect, err := nodeAddress(choice)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b engine.SwarmMember) int { return strings.Compare(a.Name, b.Name) })
	for i, n := range all {
		if !hasLabels(n.Labels, choice.Nodes) {
			continue
		}
		if i > 0 && all[i-1].Name == n.Name {
			return nil, fmt.Errorf("the swarm at %s has two nodes called %s: remove the old one with `docker node rm`",
				m.address, n.Name)
		}
		one := member{
			name: n.Name, host: strings.NewReplacer("{address}", n.Address, "{hostname}", n.Name).Replace(connect),
			isClosed: n.Availability != "active",
		}
		if n.State != "ready" {
			one.missing = strings.TrimSuffix(fmt.Sprintf("the manager of the swarm says %s: %s", n.State, n.Message), ": ")
		}
		members = append(members, one)
	}
	if len(members) == 0 {
		const format = "the swarm at %s has %d nodes, and none with the labels of nodes = { … }"
		return nil, fmt.Errorf(format, m.address, len(all))
	}
	return members, nil
}

func hasLabels(labels, wanted map[string]string) bool {
	for name, value := range wanted {
		if labels[name] != value {
			return false
		}
	}
	return true
}

// nodeAddress returns the address of the engines of the nodes, with placeholders. Without the attribute, the nodes are
// reached as the manager is.
func nodeAddress(choice EngineChoice) (string, error) {
	if choice.Connect != "" {
		return choice.Connect, nil
	}
	machine := machineOf(choice.Swarm)
	if machine == "" {
		return "", fmt.Errorf("the manager at %s does not tell how its nodes are reached: write an engine block with "+
			"connect = \"ssh://USER@{address}\"", choice.Swarm)
	}
	scheme, rest, _ := strings.Cut(choice.Swarm, "://")
	user, at := "", rest
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		user, at = rest[:i+1], rest[i+1:]
	}
	return scheme + "://" + user + strings.Replace(at, machine, "{address}", 1), nil
}

// sendImage sends an image from one node to another.
func sendImage(ctx context.Context, image fleet.Image, progress func(string)) error {
	transfer, err := transferOf(image)
	if err == nil {
		_, err = transfer.Send(ctx, progress)
	}
	return err
}

func transferOf(image fleet.Image) (imagesend.Transfer, error) {
	from, isFrom := image.From.(*remoteEngine)
	to, isTo := image.To.(*remoteEngine)
	if !isFrom || !isTo {
		return imagesend.Transfer{}, errors.New("workspace: a node without a store of images")
	}
	source, canSend := from.Engine.(imagesend.Store)
	target, canTake := to.Engine.(imagesend.Store)
	if !canSend || !canTake {
		return imagesend.Transfer{}, fmt.Errorf("image %s is not on the node, and the engines cannot send images", image.Ref)
	}
	return imagesend.Transfer{
		From: source, To: target, Address: image.To.Address(), Ref: image.Ref, Platform: image.Platform,
	}, nil
}

// eachRemote performs a call for each node with an answer.
func (e *fleetEngine) eachRemote(do func(node string, remote *sources.Remote) error) error {
	var errs []error
	for i, m := range e.members {
		if e.IsUsable(e.names[i]) {
			errs = append(errs, do(e.names[i], m.sources))
		}
	}
	return errors.Join(errs...)
}

// closePorts ends the forwarding of ports. A lost node gets no more calls.
func (e *fleetEngine) closePorts() {
	for i, m := range e.members {
		if e.IsUsable(e.names[i]) {
			m.ports.Close()
		}
	}
}

// closeNodes ends the pings of the nodes.
func (c *EngineConnector) closeNodes() {
	c.mu.Lock()
	connected, ok := c.engine.(*fleetEngine)
	c.mu.Unlock()
	if ok {
		connected.Close()
	}
}

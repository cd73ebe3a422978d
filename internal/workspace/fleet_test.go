package workspace

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"tasks/executor/engine"
)

// swarm is a manager with a fixed answer.
type swarm struct {
	nodes []engine.SwarmMember
	err   error
}

func (s swarm) SwarmNodes(context.Context) ([]engine.SwarmMember, error) { return s.nodes, s.err }

func threeNodes() []engine.SwarmMember {
	ci := map[string]string{"ci": "true"}
	return []engine.SwarmMember{
		{Name: "tsw2", Address: "10.0.0.2", State: "ready", Availability: "drain", Labels: ci},
		{Name: "tsw1", Address: "10.0.0.1", State: "ready", Availability: "active", Labels: ci},
		{Name: "tsw3", Address: "10.0.0.3", State: "down", Message: "heartbeat failure", Availability: "active"},
	}
}

// TestMembersOfASwarm: the nodes come from the manager, in the order of their names, and are reached as the block says.
func TestMembersOfASwarm(t *testing.T) {
	const manual = "ssh://deploy@{hostname}.lab"
	for name, test := range map[string]struct {
		choice EngineChoice
		nodes  []engine.SwarmMember
		err    error
		want   []member
		text   string
	}{
		"all": {
			choice: EngineChoice{Swarm: "ssh://deploy@manager1:2222"}, nodes: threeNodes(),
			want: []member{
				{name: "tsw1", host: "ssh://deploy@10.0.0.1:2222"},
				{name: "tsw2", host: "ssh://deploy@10.0.0.2:2222", isClosed: true},
				{name: "tsw3", host: "ssh://deploy@10.0.0.3:2222", missing: "the manager of the swarm says down: heartbeat failure"},
			},
		},
		"with labels": {
			choice: EngineChoice{Swarm: "tcp://manager1:2375", Connect: manual, Nodes: map[string]string{"ci": "true"}},
			nodes:  threeNodes(),
			want: []member{
				{name: "tsw1", host: "ssh://deploy@tsw1.lab"}, {name: "tsw2", host: "ssh://deploy@tsw2.lab", isClosed: true},
			},
		},
		"no such label": {
			choice: EngineChoice{Swarm: "tcp://m:2375", Nodes: map[string]string{"gpu": "yes"}}, nodes: threeNodes(),
			text: "has 3 nodes, and none with the labels",
		},
		"no way to the nodes": {
			choice: EngineChoice{Swarm: "unix:///run/docker.sock"}, nodes: threeNodes(), text: `connect = "ssh://USER@{address}"`,
		},
		"two of a name": {
			choice: EngineChoice{Swarm: "tcp://m:2375"}, nodes: append(threeNodes(), threeNodes()[0]),
			text: "two nodes called tsw2",
		},
		"no manager": {
			choice: EngineChoice{Swarm: "tcp://m:2375"}, err: errors.New("This node is not a swarm manager"),
			text: "the nodes of the swarm at tcp://m:2375 are not known: This node is not a swarm manager",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := manager{swarm{test.nodes, test.err}, test.choice.Swarm}.members(test.choice)
			if !slices.Equal(got, test.want) {
				t.Errorf("members %+v; want %+v", got, test.want)
			}
			if err != nil != (test.text != "") || err != nil && !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v; want %q", err, test.text)
			}
		})
	}
}

func TestManagerKnowsReadyNodes(t *testing.T) {
	m := manager{swarm{nodes: threeNodes()}, ""}
	for name, want := range map[string]bool{"tsw1": true, "tsw2": true, "tsw3": false, "tsw4": false} {
		if got, err := m.IsReady(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: %t, %v", name, got, err)
		}
	}
	if _, err := (manager{swarm{err: errors.New("no leader")}, ""}).IsReady(t.Context(), "tsw1"); err == nil {
		t.Error("no error of a manager without an answer")
	}
}

// TestNamesOfHosts: a machine names its engine. Several engines of a machine have their addresses as names.
func TestNamesOfHosts(t *testing.T) {
	hosts := []string{"ssh://deploy@a", "tcp://b:2375", "tcp://c:1", "tcp://c:2", "unix:///run/docker.sock"}
	var names []string
	for _, m := range membersOfHosts(hosts) {
		names = append(names, m.name)
	}
	if want := []string{"a", "b", "tcp://c:1", "tcp://c:2", "unix:///run/docker.sock"}; !slices.Equal(names, want) {
		t.Errorf("names %q; want %q", names, want)
	}
}

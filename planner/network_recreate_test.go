package planner

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// networkRecreatePlan plans a task of app after a change of some networks.
func networkRecreatePlan(t *testing.T, change func(*observed.Snapshot)) *Plan {
	t.Helper()
	p := load(t, `
services:
  app: {image: app, depends_on: {web: {condition: service_healthy}, far: {condition: service_started}}, networks: [other]}
  web:
    image: web
    healthcheck: {test: [CMD, "true"]}
    mac_address: "02:42:ac:11:00:02"
    networks: {front: {priority: 5}, back: {mac_address: "02:42:ac:11:00:03"}}
    depends_on: {side: {condition: service_started}, old: {condition: service_started}}
  side: {image: side, network_mode: "service:db"}
  db: {image: db, networks: [back]}
  old: {image: old, networks: [back]}
  far: {image: far, networks: [other]}
networks: {front: , back: , other: }
`, "app")
	o := upToDate(t, p)
	change(o)
	return mustBuild(t, Input{Spec: spec(serviceTask("test", "app")), Project: p, Snapshot: o, RemoveOrphans: true})
}

// changeNetwork changes the configuration of a network on the engine.
func changeNetwork(o *observed.Snapshot, name string) {
	for _, n := range o.Networks {
		if n.Name == name {
			n.Labels[composeproject.LabelConfigHash] = "other"
		}
	}
}

func TestNetworkIsRecreated(t *testing.T) {
	plan := networkRecreatePlan(t, func(o *observed.Snapshot) {
		changeNetwork(o, "app_back")
		container(t, o, "old").State = "exited"
	})
	for id, want := range map[StepID]string{
		"network/front":            "reuse: it exists",
		"network/back":             "recreate: its configuration has changed",
		"container/web":            "reuse: its configuration and image are unchanged",
		"container/old":            "reuse: its configuration and image are unchanged",
		"start/db":                 "start: it is stopped while network app_back is recreated",
		"start/side":               "start: it is stopped while network app_back is recreated",
		"start/web":                "start: it is stopped while network app_back is recreated",
		"start/old":                "start: for service web",
		"start/far":                "reuse: it runs already",
		"wait/web/service_healthy": "wait: until it is healthy again",
	} {
		s := step(t, plan, id)
		if got := string(s.Verb) + ": " + s.Reason.String(); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	for _, id := range []StepID{"container/side", "container/db", "container/old"} {
		comesBefore(t, plan, "network/back", id)
	}
	action := step(t, plan, "network/back").Action.(*Network)
	if diff := cmp.Diff(map[string]string{"web": "02:42:ac:11:00:03"}, action.MACs); diff != "" || !action.IsChanged {
		t.Errorf("changed: %t, MACs:\n%s", action.IsChanged, diff)
	}
}

func TestNetworksAreRecreatedInSequence(t *testing.T) {
	plan := networkRecreatePlan(t, func(o *observed.Snapshot) {
		changeNetwork(o, "app_back")
		changeNetwork(o, "app_front")
		p := load(t, "services: {gone: {image: gone}}", "gone")
		gone := current(p, p.Model().Services["gone"])
		gone.Networks = map[string]string{"app_back": "id-back"}
		o.Containers = append(o.Containers, gone)
	})
	comesBefore(t, plan, "network/front", "network/back", "orphan/app-gone-1")
	action := step(t, plan, "network/front").Action.(*Network)
	if diff := cmp.Diff(map[string]string{"web": "02:42:ac:11:00:02"}, action.MACs); diff != "" {
		t.Errorf("the service's own address is for its main network:\n%s", diff)
	}
}

// A network of another creator is used as it is, like by Compose.
func TestNetworkOfAnotherProjectIsNotChanged(t *testing.T) {
	plan := networkRecreatePlan(t, func(o *observed.Snapshot) {
		changeNetwork(o, "app_back")
		for _, n := range o.Networks {
			n.Labels[composeproject.LabelProject] = "other"
		}
	})
	if s := step(t, plan, "network/back"); s.Verb != Reuse || s.Action.(*Network).IsChanged {
		t.Errorf("%s: %s", s.Verb, s.Reason.String())
	}
}

package executor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

const onTwoNetworks = `
services:
  all: {image: all, depends_on: [proxy, side, stopped]}
  app: {image: app, depends_on: {web: {condition: service_healthy}}}
  web:
    image: web
    environment: {HEALTHY_AFTER: 1s}
    networks: {default: {aliases: [site]}, back: }
    depends_on: {db: {condition: service_started}}
  db: {image: db, networks: {back: {ipv4_address: 10.9.9.9}}}
  proxy: {image: proxy, depends_on: {web: {condition: service_started}}}
  side: {image: side, network_mode: "service:db"}
  stopped: {image: stopped, networks: [back]}
networks: {default: , back: {ipam: {config: [{subnet: 10.9.9.0/24}]}}}
`

// recreatingNetwork brings all services of onTwoNetworks up, changes the file, and leaves it to the test to run app, which needs web
// and db alone.
func recreatingNetwork(t *testing.T, from, to string, test func(r *rig, before map[string]string)) {
	t.Helper()
	after := load(t, strings.Replace(onTwoNetworks, from, to, 1), []string{"app"})
	inVirtualTime(t, onTwoNetworks, []string{"all", "app"}, func(r *rig) {
		r.assertCode(r.run(oneOff("up", "all")), 0)
		r.engine.Exit("app-stopped-1", 0)
		r.project = after
		test(r, r.networks())
	})
}

// networks are the ids by name.
func (r *rig) networks() map[string]string {
	r.t.Helper()
	o, err := r.engine.Snapshot(r.t.Context(), observed.Query{Project: "app"})
	if err != nil {
		r.t.Fatal(err)
	}
	ids := map[string]string{}
	for _, n := range o.Networks {
		ids[n.Name] = n.ID
	}
	return ids
}

// allUp are the things of renewing.
func allUp(others ...string) []string {
	return append([]string{
		"container app-db-1 (running)", "container app-proxy-1 (running)", "container app-side-1 (running)",
		"container app-stopped-1 (exited)", "container app-web-1 (running)", "network app_back", "network app_default",
	}, others...)
}

// changes are the calls that change containers and networks, from the nth call on.
func (r *rig) changes(from int) (calls []string) {
	for _, c := range r.engine.Calls()[from:] {
		switch c.Op {
		case "StopContainer", "StartContainer", "Disconnect", "Connect", "RenameContainer":
			calls = append(calls, c.Op+" "+c.Arg)
		case "RemoveNetwork", "CreateNetwork":
			calls = append(calls, c.Op)
		}
	}
	return calls
}

// assertNetworks checks that the containers are on the networks that there are now, with what the file says of them.
func (r *rig) assertNetworks(networks map[string]string, more ...string) {
	r.t.Helper()
	state, err := r.engine.InspectNetwork(r.t.Context(), networks["app_back"])
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, c := range state.Members {
		names = append(names, c.Name)
	}
	if want := append([]string{"app-db-1", "app-stopped-1", "app-web-1"}, more...); !slices.Equal(names, want) {
		r.t.Errorf("on the network are %q, want %q", names, want)
	}
}

const otherOption = "10.9.9.0/24}]}, driver_opts: {a: b}}"

func TestNetworkIsRecreatedUnderItsContainers(t *testing.T) {
	recreatingNetwork(t, "10.9.9.0/24}]}}", otherOption, func(r *rig, before map[string]string) {
		from, began := len(r.engine.Calls()), time.Now()
		r.assertCode(r.run(oneOff("test", "app")), 0)
		calls := r.changes(from)
		slices.Sort(calls[:2]) // two dependents at the same time
		want := []string{
			"StopContainer app-side-1", "StopContainer app-web-1", "StopContainer app-db-1",
			"Disconnect app-db-1", "Disconnect app-stopped-1", "Disconnect app-web-1", "RemoveNetwork", "CreateNetwork",
			"Connect app-db-1", "Connect app-stopped-1", "Connect app-web-1",
			"StartContainer app-db-1", "StartContainer app-side-1", // side is not in the plan, and needs db
			"StartContainer app-db-1", "StartContainer app-web-1", "StartContainer app-app-run-000000000002",
		}
		if !slices.Equal(calls, want) {
			t.Errorf("calls %q\nwant %q", calls, want)
		}
		if took := time.Since(began); took < time.Second {
			t.Errorf("it took %s: what is started again has to get healthy again", took)
		}
		if !r.observer.has("done network/back recreate") || !r.observer.has("done start/web start") || !r.observer.has("done container/web reuse") {
			t.Errorf("told %q", r.observer.lines())
		}
		after := r.networks()
		if after["app_back"] == before["app_back"] || after["app_default"] != before["app_default"] {
			t.Errorf("networks %v, before %v", after, before)
		}
		r.assertRemaining(allUp()...)
		r.assertNetworks(after)
		from = len(r.engine.Calls())
		r.assertCode(r.run(oneOff("test", "app")), 0)
		if calls := r.changes(from); len(calls) != 1 {
			t.Errorf("the next run has something to do: %q", calls)
		}
	})
}

// A fixed address that the new network does not have is no longer what the file says either: the container is made anew.
func TestFixedAddressThatDoesNotFit(t *testing.T) {
	moved := load(t, strings.ReplaceAll(onTwoNetworks, "10.9.9.", "10.8.8."), []string{"app"})
	recreatingNetwork(t, "", "", func(r *rig, _ map[string]string) {
		r.project = moved
		from := len(r.engine.Calls())
		r.assertCode(r.run(oneOff("test", "app")), 0)
		calls := r.changes(from)
		if slices.Contains(calls, "Connect app-db-1") || !slices.Contains(calls, "Connect app-web-1") {
			t.Errorf("calls %q", calls)
		}
		if !r.observer.has("done container/db recreate") || !r.observer.has("done container/web reuse") {
			t.Errorf("told %q", r.observer.lines())
		}
		r.assertNetworks(r.networks())
	})
}

func TestNetworkThatOthersUseIsNotChanged(t *testing.T) {
	for name, test := range map[string]struct {
		state, project string
		want           string
	}{
		"a one-off that runs":          {"running", "app", "a one-off uses it: other: wait for its end"},
		"one that is about to run":     {"created", "app", "a one-off uses it: other: wait for its end"},
		"one that has ended":           {"exited", "app", ""},
		"a container of somebody else": {"running", "another", "containers of others are on it: other: take them off"},
	} {
		t.Run(name, func(t *testing.T) {
			recreatingNetwork(t, "10.9.9.0/24}]}}", otherOption, func(r *rig, before map[string]string) {
				r.addOther(test.project, test.state)
				from := len(r.engine.Calls())
				result := r.run(oneOff("test", "app"))
				if test.want == "" {
					r.assertCode(result, 0)
					r.assertNetworks(r.networks(), "other")
					return
				}
				if r.assertCode(result, 125); result.Err == nil || !strings.Contains(result.Err.Error(), "network app_back: ") || !strings.Contains(result.Err.Error(), test.want) {
					t.Errorf("error %v", result.Err)
				}
				if calls := r.changes(from); len(calls) > 0 || r.networks()["app_back"] != before["app_back"] {
					t.Errorf("changed all the same: %q", calls)
				}
			})
		})
	}
}

// addOther puts a one-off on the network that changes.
func (r *rig) addOther(project, state string) {
	r.t.Helper()
	id, err := r.engine.CreateContainer(r.t.Context(), planner.ContainerSpec{
		Name: "other", Image: "db", Networks: []planner.Endpoint{{Network: "app_back"}},
		Labels: map[string]string{composeproject.LabelProject: project, composeproject.LabelOneOff: composeproject.OneOffTrue},
	})
	if err == nil && state != "created" {
		err = r.engine.StartContainer(r.t.Context(), id)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if state == "exited" {
		r.engine.Exit("other", 0)
	}
}

// An interrupt, or a failure, in the middle leaves nothing half done.
func TestNetworkChangeIsFinishedOrTakenBack(t *testing.T) {
	for name, test := range map[string]struct {
		op          string
		fail        error
		code        int
		renewed     bool
		disconnects int
	}{
		"interrupted at the stop":       {"StopContainer", nil, 130, true, 3},
		"interrupted at the creation":   {"CreateNetwork", nil, 130, true, 3},
		"interrupted at the connecting": {"Connect", nil, 130, true, 3},
		"a stop fails":                  {"StopContainer", errors.New("no"), 125, false, 0},
		"a container stays":             {"Disconnect", errors.New("no"), 125, false, 1},
		"the network stays":             {"RemoveNetwork", errors.New("no"), 125, false, 3},
		"the new one cannot be made":    {"CreateNetwork", errors.New("no"), 125, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			recreatingNetwork(t, "10.9.9.0/24}]}}", otherOption, func(r *rig, before map[string]string) {
				if test.fail == nil {
					interrupt := &interrupting{Memory: r.engine, op: test.op, do: func() { r.signals <- syscall.SIGINT; time.Sleep(time.Second) }}
					r.assertCode(r.sessionOn(interrupt).Run(r.t.Context(), r.plan(oneOff("test", "app")), r.signals), test.code)
				} else {
					r.engine.FailOn(test.op, 1, test.fail)
					r.assertCode(r.run(oneOff("test", "app")), test.code)
				}
				r.assertRemaining(allUp()...)
				r.assertNetworks(r.networks())
				plan := r.plan(oneOff("test", "app")).String()
				if done := !strings.Contains(plan, "recreate  network  app_back"); done != test.renewed {
					t.Errorf("made anew: %t, want %t\n%s", done, test.renewed, plan)
				}
				if strings.Contains(plan, "recreate  service") {
					t.Errorf("a container is to be made anew:\n%s", plan)
				}
			})
		})
	}
}

// interrupting does something in the middle of the first call of a method.
type interrupting struct {
	*enginetest.Memory
	op   string
	do   func()
	done atomic.Bool // a lock would keep the virtual clock from going on
}

func (e *interrupting) at(op string) {
	if op == e.op && e.done.CompareAndSwap(false, true) {
		e.do()
	}
}

func (e *interrupting) StopContainer(ctx context.Context, id string, grace *time.Duration) error {
	e.at("StopContainer")
	return e.Memory.StopContainer(ctx, id, grace)
}

func (e *interrupting) CreateNetwork(ctx context.Context, n *planner.Network) (string, bool, error) {
	e.at("CreateNetwork")
	return e.Memory.CreateNetwork(ctx, n)
}

func (e *interrupting) Connect(ctx context.Context, networkID, id string, seat engine.EndpointSettings) error {
	e.at("Connect")
	return e.Memory.Connect(ctx, networkID, id, seat)
}

// connectRecorder notes the hardware addresses that containers get.
type connectRecorder struct {
	*enginetest.Memory
	macs map[string]string
}

func (e *connectRecorder) Connect(ctx context.Context, networkID, id string, seat engine.EndpointSettings) error {
	state, err := e.InspectContainer(ctx, id)
	if err != nil {
		return err
	}
	if seat.Config != nil {
		e.macs[state.Name] = seat.Config.MacAddress
	}
	return e.Memory.Connect(ctx, networkID, id, seat)
}

// The engine does not tell a hardware address that was asked for from one that it made up: the file does.
func TestHardwareAddressInANewNetwork(t *testing.T) {
	const address = "02:42:ac:11:00:02"
	text := strings.Replace(onTwoNetworks, "ipv4_address: 10.9.9.9", `ipv4_address: 10.9.9.9, mac_address: "`+address+`"`, 1)
	after := load(t, strings.Replace(text, "10.9.9.0/24}]}}", otherOption, 1), []string{"app"})
	recreatingNetwork(t, "", "", func(r *rig, _ map[string]string) {
		engine := &connectRecorder{Memory: r.engine, macs: map[string]string{}}
		r.project = after
		r.assertCode(r.sessionOn(engine).Run(r.t.Context(), r.plan(oneOff("test", "app")), nil), 0)
		if engine.macs["app-db-1"] != address || engine.macs["app-web-1"] != "" {
			t.Errorf("addresses %v", engine.macs)
		}
	})
}

// Two runs that see the old network make the new one once, and both wait for what was stopped.
func TestNetworkRecreatedByAnotherRun(t *testing.T) {
	recreatingNetwork(t, "10.9.9.0/24}]}}", otherOption, func(r *rig, _ map[string]string) {
		first, second := r.plan(oneOff("test", "app")), r.plan(oneOff("test", "app"))
		from, locks := len(r.engine.Calls()), &memoryLocks{}
		var both sync.WaitGroup
		for slug, plan := range map[string]*planner.Plan{"00000000000a": first, "00000000000b": second} {
			session := executor.NewSession(executor.Config{
				Engine: r.engine, Host: r.host, Locks: locks, Observer: r.observer,
				NewSlug: func() string { return slug + strings.Repeat("0", 52) },
			})
			both.Go(func() { r.assertCode(session.Run(r.t.Context(), plan, nil), 0) })
		}
		both.Wait()
		removed := slices.DeleteFunc(r.changes(from), func(call string) bool { return call != "RemoveNetwork" })
		if len(removed) != 1 {
			t.Errorf("removed %d times", len(removed))
		}
		r.assertRemaining(allUp()...)
		r.assertNetworks(r.networks())
	})
}

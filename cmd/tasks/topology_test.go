package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// Engines before API 1.44 take one network at create; the others must be there before the start.
func TestServiceInTwoNetworks(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    image: @image
    networks: { front: {}, back: { aliases: [web-in-back] } }
    depends_on: [db, edge]
  edge:
    image: @image
    command: ["serve", "-tcp", ":80"]
    networks: { front: { aliases: [border] } }
    healthcheck: &probe { test: ["CMD", "probe", "tcp", "127.0.0.1:80"], interval: 30s }
  db:
    image: @image
    command: ["serve", "-tcp", ":80"]
    networks: { back: { aliases: [store] }, front: {} }
    healthcheck: *probe
networks:
  front: {}
  back: { internal: true }
`, `
		task "reach" {
			service    = "web"
			depends_on = [service.db.healthy, service.edge.healthy]
			script     = "for n in db edge store border; do probe tcp $n:80; done"
		}
		task "stay" {
			service = "web"
			no_deps = true
			command = ["signals"]
		}
	`)
	expectEqual(t, "answers", a.ok("run", "reach"), "ok\nok\nok\nok\n")
	both := []string{a.project + "_back", a.project + "_front"}
	db := a.service("db")
	expectEqual(t, "networks of the service", slices.Sorted(maps.Keys(db.NetworkSettings.Networks)), both)
	if aliases := db.NetworkSettings.Networks[both[0]].Aliases; !slices.Contains(aliases, "store") || !slices.Contains(aliases, "db") {
		t.Errorf("aliases in back: %v", aliases)
	}
	if aliases := db.NetworkSettings.Networks[both[1]].Aliases; slices.Contains(aliases, "store") || !slices.Contains(aliases, "db") {
		t.Errorf("aliases in front: %v", aliases)
	}
	oneOff := a.containerDuringRun("stay")
	expectEqual(t, "networks of the one-off", slices.Sorted(maps.Keys(oneOff.NetworkSettings.Networks)), both)
	if aliases := oneOff.NetworkSettings.Networks[both[0]].Aliases; slices.Contains(aliases, "web-in-back") || slices.Contains(aliases, "web") {
		t.Errorf("the one-off took the service's aliases: %v", aliases)
	}
	back, err := a.engine.NetworkInspect(t.Context(), both[0], client.NetworkInspectOptions{})
	if err != nil || !back.Network.Internal {
		t.Errorf("network back is internal: %v, %v", back.Network.Internal, err)
	}
}

func TestReplicasAreAllStarted(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    image: @image
    depends_on: [worker]
  worker:
    image: @image
    command: ["sleep", "infinity"]
    scale: 3
`, reusedTasks)
	a.ok("run", "hi")
	ids := map[string]string{}
	for _, c := range a.services("worker") {
		expectEqual(t, c.Name, string(c.State.Status), "running")
		ids[c.Name+" "+c.Config.Labels["com.docker.compose.container-number"]] = c.ID
	}
	prefix := "/" + a.project + "-worker-"
	expectEqual(t, "replicas", slices.Sorted(maps.Keys(ids)), []string{prefix + "1 1", prefix + "2 2", prefix + "3 3"})
	a.ok("run", "hi")
	for _, c := range a.services("worker") {
		expectEqual(t, c.Name, c.ID, ids[c.Name+" "+c.Config.Labels["com.docker.compose.container-number"]])
	}
}

func TestReferencesBetweenServices(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  linked:
    image: @image
    links: ["db:store"]
  inside:
    image: @image
    network_mode: service:db
  shares:
    image: @image
    volumes_from: ["db:ro"]
  db:
    image: @image
    command: ["serve", "-tcp", ":80"]
    volumes: ["/kept"]
`, `
		task "linked" {
			service    = "linked"
			depends_on = [service.db]
			command    = ["probe", "tcp", "store:80"]
		}
		task "inside" {
			service = "inside"
			command = ["signals"]
		}
		task "shares" {
			service = "shares"
			command = ["signals"]
		}
	`)
	inside := a.containerDuringRun("inside")
	db := a.service("db")
	expectEqual(t, "state of the dependency", string(db.State.Status), "running")
	expectEqual(t, "network mode", string(inside.HostConfig.NetworkMode), "container:"+db.ID)
	shares := a.containerDuringRun("shares")
	expectEqual(t, "the volume is shared", mountsOf(shares)["/kept"], mountsOf(db)["/kept"])
	for _, m := range shares.Mounts {
		if m.Destination == "/kept" && m.RW {
			t.Error("a volume of volumes_from db:ro can be written")
		}
	}
	a.containerDuringRun("inside")
	expectEqual(t, "the service, after three runs", a.service("db").ID, db.ID)
	r := a.tasks("run", "linked")
	if r.code != 0 || !strings.Contains(r.stdout, "ok") {
		t.Errorf("%+v", r)
	}
}

// A service that shares another's network must follow it when that one is recreated.
func TestRecreatingCascades(t *testing.T) {
	t.Parallel()
	compose := `
services:
  web:
    image: @image
    depends_on: [side]
  side:
    image: @image
    command: ["sleep", "infinity"]
    network_mode: service:db
  db:
    image: @image
    command: ["sleep", "infinity"]
    environment: { SETTING: "one" }
`
	a := newApp(t, compose, reusedTasks)
	a.ok("run", "hi")
	side, db := a.service("side"), a.service("db")
	expectEqual(t, "network mode", string(side.HostConfig.NetworkMode), "container:"+db.ID)
	a.write("compose.yaml", strings.Replace(compose, "one", "two", 1)+"name: @project\n")
	a.ok("run", "hi")
	newSide, newDB := a.service("side"), a.service("db")
	if newDB.ID == db.ID || newSide.ID == side.ID {
		t.Errorf("recreated: db %v, side %v, want both", newDB.ID != db.ID, newSide.ID != side.ID)
	}
	expectEqual(t, "network mode", string(newSide.HostConfig.NetworkMode), "container:"+newDB.ID)
	a.ok("run", "hi")
	expectEqual(t, "then reused", []string{a.service("side").ID, a.service("db").ID}, []string{newSide.ID, newDB.ID})
}

// A task without dependencies shares with what is there, and says so where nothing is.
func TestNoDepsNeedsTheContainerItSharesWith(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  inside:
    image: @image
    network_mode: service:db
  db:
    image: @image
    command: ["serve", "-tcp", ":80"]
    healthcheck: { test: ["CMD", "probe", "tcp", "127.0.0.1:80"], interval: 30s }
`, `
		task "alone" {
			service = "inside"
			no_deps = true
			command = ["probe", "tcp", "127.0.0.1:80"]
		}
		task "up" { depends_on = [service.db] }
	`)
	r := a.tasks("run", "alone")
	if r.code != 2 || !strings.Contains(r.stderr, "Tasks.hcl:4:14: error: container missing") || len(a.containers()) > 0 {
		t.Errorf("%+v", r)
	}
	a.ok("run", "up")
	expectEqual(t, "with the container", a.ok("run", "alone"), "ok\n")
}

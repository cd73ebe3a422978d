//go:build unix

package services_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// Engines before API 1.44 take one network at create; the others must be there before the start.
func TestServiceInTwoNetworks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
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
	apptest.ExpectEqual(t, "answers", a.Ok("run", "reach"), "ok\nok\nok\nok\n")
	both := []string{a.Project + "_back", a.Project + "_front"}
	db := a.Service("db")
	apptest.ExpectEqual(t, "networks of the service", slices.Sorted(maps.Keys(db.NetworkSettings.Networks)), both)
	if aliases := db.NetworkSettings.Networks[both[0]].Aliases; !slices.Contains(aliases, "store") || !slices.Contains(aliases, "db") {
		t.Errorf("aliases in back: %v", aliases)
	}
	if aliases := db.NetworkSettings.Networks[both[1]].Aliases; slices.Contains(aliases, "store") || !slices.Contains(aliases, "db") {
		t.Errorf("aliases in front: %v", aliases)
	}
	oneOff := a.ContainerDuringRun("stay")
	apptest.ExpectEqual(t, "networks of the one-off", slices.Sorted(maps.Keys(oneOff.NetworkSettings.Networks)), both)
	if aliases := oneOff.NetworkSettings.Networks[both[0]].Aliases; slices.Contains(aliases, "web-in-back") || slices.Contains(aliases, "web") {
		t.Errorf("the one-off took the service's aliases: %v", aliases)
	}
	back, err := a.Engine.NetworkInspect(t.Context(), both[0], client.NetworkInspectOptions{})
	if err != nil || !back.Network.Internal {
		t.Errorf("network back is internal: %v, %v", back.Network.Internal, err)
	}
}

func TestReplicasAreAllStarted(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    image: @image
    depends_on: [worker]
  worker:
    image: @image
    command: ["sleep", "infinity"]
    scale: 3
`, reusedTasks)
	a.Ok("run", "hi")
	ids := map[string]string{}
	for _, c := range a.Services("worker") {
		apptest.ExpectEqual(t, c.Name, string(c.State.Status), "running")
		ids[c.Name+" "+c.Config.Labels["com.docker.compose.container-number"]] = c.ID
	}
	prefix := "/" + a.Project + "-worker-"
	apptest.ExpectEqual(t, "replicas", slices.Sorted(maps.Keys(ids)), []string{prefix + "1 1", prefix + "2 2", prefix + "3 3"})
	a.Ok("run", "hi")
	for _, c := range a.Services("worker") {
		apptest.ExpectEqual(t, c.Name, c.ID, ids[c.Name+" "+c.Config.Labels["com.docker.compose.container-number"]])
	}
}

func TestReferencesBetweenServices(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
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
	inside := a.ContainerDuringRun("inside")
	db := a.Service("db")
	apptest.ExpectEqual(t, "state of the dependency", string(db.State.Status), "running")
	apptest.ExpectEqual(t, "network mode", string(inside.HostConfig.NetworkMode), "container:"+db.ID)
	shares := a.ContainerDuringRun("shares")
	apptest.ExpectEqual(t, "the volume is shared", apptest.MountsOf(shares)["/kept"], apptest.MountsOf(db)["/kept"])
	for _, m := range shares.Mounts {
		if m.Destination == "/kept" && m.RW {
			t.Error("a volume of volumes_from db:ro can be written")
		}
	}
	a.ContainerDuringRun("inside")
	apptest.ExpectEqual(t, "the service, after three runs", a.Service("db").ID, db.ID)
	r := a.Tasks("run", "linked")
	if r.Code != 0 || !strings.Contains(r.Stdout, "ok") {
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
	a := apptest.NewApp(t, compose, reusedTasks)
	a.Ok("run", "hi")
	side, db := a.Service("side"), a.Service("db")
	apptest.ExpectEqual(t, "network mode", string(side.HostConfig.NetworkMode), "container:"+db.ID)
	a.Write("compose.yaml", strings.Replace(compose, "one", "two", 1)+"name: @project\n")
	a.Ok("run", "hi")
	newSide, newDB := a.Service("side"), a.Service("db")
	if newDB.ID == db.ID || newSide.ID == side.ID {
		t.Errorf("recreated: db %v, side %v, want both", newDB.ID != db.ID, newSide.ID != side.ID)
	}
	apptest.ExpectEqual(t, "network mode", string(newSide.HostConfig.NetworkMode), "container:"+newDB.ID)
	a.Ok("run", "hi")
	apptest.ExpectEqual(t, "then reused", []string{a.Service("side").ID, a.Service("db").ID}, []string{newSide.ID, newDB.ID})
}

// A task without dependencies shares with what is there, and says so where nothing is.
func TestNoDepsNeedsTheContainerItSharesWith(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
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
	r := a.Tasks("run", "alone")
	if r.Code != 2 || !strings.Contains(r.Stderr, "Tasks.hcl:4:14: error: container missing") || len(a.Containers()) > 0 {
		t.Errorf("%+v", r)
	}
	a.Ok("run", "up")
	apptest.ExpectEqual(t, "with the container", a.Ok("run", "alone"), "ok\n")
}

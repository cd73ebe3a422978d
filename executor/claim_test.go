package executor_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"

	"tasks/executor"
	"tasks/executor/engine"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// namesakes are the containers of others that may have the name of the container of service db.
var namesakes = map[string]struct {
	labels map[string]string
	owner  string
}{
	"of no project":        {nil, "no compose project"},
	"of another project":   {labelled("app-db", "c", "False"), "compose project app-db, service c"},
	"of a renamed service": {labelled("app", "database", "False"), "compose project app, service database"},
	"of a one-off":         {labelled("app", "db", "True"), "compose project app, as a one-off of service db"},
	"with no kind":         {labelled("app", "db", ""), "compose project app, but not as a container of service db"},
}

// labelled are the labels by which Compose knows a container.
func labelled(project, service, oneOff string) map[string]string {
	return map[string]string{
		composeproject.LabelProject: project, composeproject.LabelService: service,
		composeproject.LabelOneOff: oneOff, composeproject.LabelContainerNumber: "1",
	}
}

// namesake starts a container of others with an anonymous volume.
func (r *rig) namesake(name string, labels map[string]string) (id string) {
	r.t.Helper()
	r.engine.AddImage("theirs", observed.Image{Volumes: []string{"/data"}})
	id, err := r.engine.CreateContainer(r.t.Context(), planner.ContainerSpec{
		Name: name, Image: "theirs", Labels: labels,
		Service: types.ServiceConfig{ContainerSpec: types.ContainerSpec{Environment: types.MappingWithEquals{"SLEEP": new("10h")}}},
	})
	if err == nil {
		err = r.engine.StartContainer(r.t.Context(), id)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// untouched fails the test unless a container runs as before, with the volume.
func (r *rig) untouched(id, name string) {
	r.t.Helper()
	state, err := r.engine.InspectContainer(r.t.Context(), id)
	if err != nil || state.Name != name || state.State != "running" {
		r.t.Fatalf("the namesake was touched: %v %+v", err, state.Container)
	}
	if !slices.Contains(r.engine.Remaining(), "volume "+state.Mounts[0].Name) {
		r.t.Error("the volume of the namesake is gone")
	}
	if err := r.engine.RemoveContainer(context.WithoutCancel(r.t.Context()), id, engine.RemoveVolumes); err != nil {
		r.t.Error(err)
	}
}

// conflicts fails the test unless a run has ended because of a name.
func (r *rig) conflicts(got executor.Result, name, owner string) {
	r.t.Helper()
	r.assertCode(got, 125)
	want := "the name " + name + " is taken: container " + name + " belongs to " + owner + ": remove or rename"
	if got.Err == nil || !strings.Contains(got.Err.Error(), want) {
		r.t.Errorf("error %v; want %q in it", got.Err, want)
	}
}

// tells fails the test unless the reason of a step of a plan has a text.
func (r *rig) tells(plan *planner.Plan, id planner.StepID, text string) {
	r.t.Helper()
	for _, s := range plan.Steps {
		if s.ID == id && strings.Contains(s.Reason.String(), text) {
			return
		}
	}
	r.t.Errorf("step %s does not tell %q:\n%s", id, text, plan)
}

// named is webAndDB with a container_name of db.
func named(name string) string {
	return strings.Replace(webAndDB, "    image: db\n", "    image: db\n    container_name: "+name+"\n", 1)
}

// takenBy is what a plan says of the name of db.
func takenBy(owner string) string {
	return "but the name app-db-1 is taken by a container that belongs to " + owner + ": the run will fail"
}

func TestNamesakeStaysAsItIs(t *testing.T) {
	for name, other := range namesakes {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
				id := r.namesake("app-db-1", other.labels)
				plan := r.plan(oneOff("migrate", "web"))
				r.tells(plan, "container/db", takenBy(other.owner))
				r.conflicts(r.session().Run(r.t.Context(), plan, r.signals), "app-db-1", other.owner)
				r.untouched(id, "app-db-1")
				r.assertRemaining("network app_default")
			})
		})
	}
}

// The namesake may come after the plan was made.
func TestNamesakeThatThePlanHasNotSeen(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		plan := r.plan(oneOff("migrate", "web"))
		id := r.namesake("app-db-1", nil)
		r.conflicts(r.session().Run(r.t.Context(), plan, r.signals), "app-db-1", "no compose project")
		r.untouched(id, "app-db-1")
	})
}

// An external service is not looked for in a container of others.
func TestNamesakeOfAnExternalService(t *testing.T) {
	for name, other := range namesakes {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
				id := r.namesake("app-db-1", other.labels)
				plan := r.planWithPolicy(hclspec.PolicyExternal, oneOff("t", "web"))
				r.tells(plan, "external/container/db", takenBy(other.owner))
				r.conflicts(r.session().Run(r.t.Context(), plan, nil), "app-db-1", other.owner)
				r.untouched(id, "app-db-1")
				r.assertRemaining()
			})
		})
	}
}

// A container is not replaced, nor stopped, where others have the name that the new one is to get.
func TestNamesakeOfAReplacement(t *testing.T) {
	after := load(t, named("pg"), []string{"web"})
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.project = after
		id := r.namesake("pg", nil)
		plan := r.plan(oneOff("test", "web"))
		r.tells(plan, "container/db", "but the name pg is taken")
		r.conflicts(r.session().Run(r.t.Context(), plan, r.signals), "pg", "no compose project")
		r.untouched(id, "pg")
		r.assertRemaining(up...)
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.assertRemaining("container pg (running)", "network app_default")
	})
}

// A container of a service that is no more gives its name free where orphans are removed.
func TestOrphanGivesItsNameFree(t *testing.T) {
	const renamed = "services:\n  database: {image: db, container_name: pg, environment: {SLEEP: 10h}}\n"
	before := load(t, renamed, []string{"database"})
	inVirtualTime(t, named("pg"), []string{"web"}, func(r *rig) {
		now := r.project
		r.project = before
		database := hclspec.Dependency{Service: "database", Condition: hclspec.Started}
		r.assertCode(r.run(host("h", "print x", database)), 0)
		r.project = now
		plan := r.plan(oneOff("test", "web"))
		r.conflicts(r.session().Run(r.t.Context(), plan, r.signals), "pg", "compose project app, service database")
		r.removeOrphans = true
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.assertRemaining("container pg (running)", "network app_default")
	})
}

// The teardown of a project leaves containers of others alone, whatever the plan says.
func TestDownLeavesOthersAlone(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		id := r.namesake("app-db-1", map[string]string{composeproject.LabelProject: "app-db"})
		state, err := r.engine.InspectContainer(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		seen := &observed.Snapshot{Containers: []*observed.Container{&state.Container}}
		err = executor.Teardown(r.t.Context(), r.engine, planner.PlanTeardown(seen, "app", false), executor.TeardownOptions{
			OnRemoved: func(kind, name string) { r.t.Errorf("removed %s %s", kind, name) },
		})
		if err == nil || !strings.Contains(err.Error(), "container app-db-1 belongs to compose project app-db") {
			r.t.Errorf("error %v", err)
		}
		r.untouched(id, "app-db-1")
	})
}

// abbreviating is an engine that, as a real one, finds a container also by the beginning of its id.
type abbreviating struct {
	engine.Engine
	short, id string
}

func (e abbreviating) InspectContainer(ctx context.Context, idOrName string) (engine.ContainerState, error) {
	state, err := e.Engine.InspectContainer(ctx, idOrName)
	if idOrName == e.short && errdefs.IsNotFound(err) {
		return e.Engine.InspectContainer(ctx, e.id)
	}
	return state, err
}

// A name that is the beginning of the id of another container is free.
func TestNameLikeAnID(t *testing.T) {
	inVirtualTime(t, named("abc"), []string{"web"}, func(r *rig) {
		id := r.namesake("theirs", nil)
		plan := r.plan(oneOff("test", "web"))
		r.assertCode(r.sessionOn(abbreviating{r.engine, "abc", id}).Run(r.t.Context(), plan, r.signals), 0)
		r.untouched(id, "theirs")
		r.assertRemaining("container abc (running)", "network app_default")
	})
}

// unchecked are the functions with an act on a container without a claim: the run has made the container itself, and
// knows the id. Images with sources are removed by the names that package sources gives them. Package imagesend removes the
// image of its own failed transfer, and no image that had the name before.
var unchecked = []string{
	"command/oneoff_attach.go:kill", "command/oneoff_attach.go:stop", "forward/forward.go:startHelper", "imagesend/imagesend.go:removeBroken", "removal/remover.go:RemoveOwn", "replace.go:swap",
	"sources/remote.go:RemoveImages", "sources/send.go:load", "sources/send.go:removeOld",
	"standby/maker.go:release", "standby/maker.go:release",
}

// Every act against a container of the snapshot is in a single file, behind the check of the labels.
func TestContainersAreTakenAwayInOnePlace(t *testing.T) {
	taking := []string{"StopContainer", "KillContainer", "RemoveContainer", "RenameContainer", "Disconnect", "RemoveImage"}
	ofEngine := []string{"RemoveVolume", "RemoveNetwork"} // the remover has the same names
	if found := placesOf(t, taking, ofEngine); !slices.Equal(found, unchecked) {
		t.Errorf("calls without a claim in %q\nwant %q", found, unchecked)
	}
}

// entering are the functions that start, enter or connect a container. Their ids are from the facts, behind the check
// of the labels, or of containers of the run's own making.
var entering = []string{
	"command/exec_run.go:start", "command/oneoff_attach.go:attachAndStart", "command/oneoff_detach.go:detach",
	"forward/forward.go:startHelper", "forward/forward.go:tunnel", "helper/container.go:RunToEnd", "hook/hook.go:Run",
	"network_recreate.go:connectMembers", "readiness/healthcheck_loop.go:runOnce", "removal/remover.go:Restart",
	"standby/maker.go:connect", "standby/maker.go:makeStarted", "start_service.go:startOrUnpause",
}

func TestContainersAreEnteredInFewPlaces(t *testing.T) {
	methods := []string{"StartContainer", "UnpauseContainer", "StartExec", "Attach", "Exec", "Connect"}
	if found := slices.Compact(placesOf(t, nil, methods)); !slices.Equal(found, entering) {
		t.Errorf("containers are entered in %q\nwant %q", found, entering)
	}
}

// placesOf are the functions of the steps with calls of methods: of methods of any receiver, and of methods of the
// engine. A function occurs once for each call.
func placesOf(t *testing.T, methods, ofEngine []string) (found []string) {
	t.Helper()
	for _, path := range sourceFiles(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok {
				for range callsOf(f, methods, ofEngine) {
					found = append(found, filepath.ToSlash(path)+":"+f.Name.Name)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// sourceFiles are the files of the steps, but for the file of the claims. Engines are no steps.
func sourceFiles(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"docker", "enginetest", "fleet", "host", "watch"}, path):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && entry.Name() != "claim.go":
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// callsOf are the calls in a function.
func callsOf(f *ast.FuncDecl, methods, ofEngine []string) (calls []ast.Node) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if ok && (slices.Contains(methods, method.Sel.Name) || slices.Contains(ofEngine, method.Sel.Name) && isEngine(method.X)) {
			calls = append(calls, call)
		}
		return true
	})
	return calls
}

// isEngine reports whether a receiver is the engine: e, engine, x.Engine or x.engine.
func isEngine(receiver ast.Expr) bool {
	switch r := receiver.(type) {
	case *ast.SelectorExpr:
		return strings.EqualFold(r.Sel.Name, "engine")
	case *ast.Ident:
		return r.Name == "e" || r.Name == "engine"
	}
	return false
}

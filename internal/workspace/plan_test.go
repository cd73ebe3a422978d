package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
)

func projectFiles() map[string]string {
	return map[string]string{"Tasks.hcl": serviceTask, "compose.yaml": appCompose}
}

// stepNames returns the names of a plan's steps.
func stepNames(plan *planner.Plan) []string {
	var names []string
	for _, step := range plan.Steps {
		names = append(names, string(step.ID))
	}
	return names
}

func TestPlanOfAServiceTask(t *testing.T) {
	config := testConfig(t, writeFiles(t, projectFiles())).withEngine(newMemoryEngine(t))
	run := mustPlan(t, mustOpen(t, config), "t")
	steps := strings.Join(stepNames(run.Plan), "\n")
	for _, want := range []string{"db", "task/t"} {
		if !strings.Contains(steps, want) {
			t.Errorf("no step for %s in\n%s", want, steps)
		}
	}
	if run.Projects[""].Name() != "demo" {
		t.Errorf("projects %v", run.Projects)
	}
}

// A task with an image uses the default network, also if no service of the compose file uses this network.
func TestPlanOfAnImageTaskBesideServicesWithoutNetwork(t *testing.T) {
	for declared, want := range map[string]string{"": "demo_default", "networks: {default: {name: other}}\n": "other"} {
		for _, dependency := range []string{"", "depends_on = [service.db]"} {
			config := testConfig(t, writeFiles(t, map[string]string{
				"Tasks.hcl":    "task \"t\" {\n  image = \"box\"\n  command = [\"true\"]\n  " + dependency + "\n}\n",
				"compose.yaml": "name: demo\nservices: {db: {image: box, network_mode: none}}\n" + declared,
			})).withEngine(newMemoryEngine(t))
			run := mustPlan(t, mustOpen(t, config), "t")
			var got []string
			for _, step := range run.Plan.Steps {
				if network, ok := step.Action.(*planner.Network); ok {
					got = append(got, network.Name)
				}
			}
			if !slices.Equal(got, []string{want}) {
				t.Errorf("%s%s: networks %q, want %q", declared, dependency, got, want)
			}
		}
	}
}

func TestPlanWritesStateForWritingCommandsOnly(t *testing.T) {
	for _, isWriting := range []bool{false, true} {
		dir := writeFiles(t, projectFiles())
		config := testConfig(t, dir).withEngine(newMemoryEngine(t))
		config.WritesState = isWriting
		run := mustPlan(t, mustOpen(t, config), "t")
		_, err := os.Stat(filepath.Join(dir, ".tasks"))
		if exists := err == nil; exists != isWriting {
			t.Errorf("writes state: %t, state directory exists: %t", isWriting, exists)
		}
		if hasLeases := len(config.Coordination.Leased(dir).Leases().Locations()) > 0; hasLeases != isWriting {
			t.Errorf("writes state: %t, has leases: %t", isWriting, hasLeases)
		}
		if len(run.Plan.Leases()) == 0 {
			t.Error("the plan uses no lease")
		}
	}
}

func TestReleaseUnstartedObservesTheProjectAgain(t *testing.T) {
	engine := newMemoryEngine(t)
	config := testConfig(t, writeFiles(t, projectFiles())).withEngine(engine).Writing()
	config.Coordination.ReleaseUnstarted(t.Context(), silentObserver{}) // no plan: no leases
	mustPlan(t, mustOpen(t, config), "t")
	config.Coordination.ReleaseUnstarted(t.Context(), silentObserver{})
	if snapshots := engine.CallsOf("Snapshot"); len(snapshots) != 2 {
		t.Errorf("snapshots of %v", snapshots)
	}
}

func TestLeasesOfAPlanAreInUse(t *testing.T) {
	dir := writeFiles(t, projectFiles())
	config := testConfig(t, dir).withEngine(newMemoryEngine(t)).Writing()
	run := mustPlan(t, mustOpen(t, config), "t")
	other := NewCoordination(config.Engine) // as another process
	for _, lease := range run.Plan.Leases() {
		if !other.Leased(dir).Leases().IsInUse(lease, lease) {
			t.Errorf("no lease on %s", lease)
		}
	}
}

func TestPlanWithoutAnEngine(t *testing.T) {
	ws := openFiles(t, projectFiles())
	_, err := mustEvaluate(t, ws, "t").MakePlan(t.Context(), PlanOptions{})
	if _, ok := errors.AsType[*RunError](err); !ok {
		t.Errorf("%#v is no RunError", err)
	}
	wantError(t, err, "no engine in this test")
}

func TestPlanBeyondTheEngine(t *testing.T) {
	engine := newMemoryEngine(t)
	engine.checkErr = errors.New("too old")
	ws := mustOpen(t, testConfig(t, writeFiles(t, projectFiles())).withEngine(engine))
	_, err := mustEvaluate(t, ws, "t").MakePlan(t.Context(), PlanOptions{})
	wantError(t, err, "too old")
}

func TestPlanOfTwoProjectsWithOneName(t *testing.T) {
	files := map[string]string{
		"Tasks.hcl":          serviceTask + "include \"inner\" {\n  source = \"./inner\"\n}\n",
		"compose.yaml":       appCompose,
		"inner/Tasks.hcl":    serviceTask + "compose {\n  project = \"demo\"\n}\n",
		"inner/compose.yaml": appCompose,
	}
	ws := mustOpen(t, testConfig(t, writeFiles(t, files)).withEngine(newMemoryEngine(t)))
	diags, err := mustEvaluate(t, ws, "t", "inner:t").MakePlan(t.Context(), PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantDiagnostic(t, diags, `two compose projects called "demo"`)
}

func TestPlanSelectsReachedServices(t *testing.T) {
	files := projectFiles()
	files["compose.yaml"] += "  unused:\n    image: missing\n"
	ws := mustOpen(t, testConfig(t, writeFiles(t, files)).withEngine(newMemoryEngine(t)))
	run := mustPlan(t, ws, "t")
	if _, isSelected := run.Projects[""].Model().Services["unused"]; isSelected {
		t.Error("the plan reaches an unused service")
	}
}

func TestPrivateProjectsHaveRandomNames(t *testing.T) {
	files := projectFiles()
	files["Tasks.hcl"] = strings.Replace(serviceTask, "command", "dependency_policy = \"ephemeral\"\n  command", 1)
	dir := writeFiles(t, files)
	config := testConfig(t, dir).withEngine(newMemoryEngine(t)).Writing()
	run := mustPlan(t, mustOpen(t, config), "t")
	for _, project := range run.Projects {
		if !project.IsPrivate() || !strings.HasPrefix(project.Name(), "demo-") {
			t.Errorf("project %s", project.Name())
		}
	}
	if mark, err := coord.OpenProjectDir(dir).ReadIfExists(privateMarkFile); err != nil || mark == nil {
		t.Errorf("no mark of a private project: %v", err)
	}
}

func TestEvaluateOnce(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": appCompose, ".env": "FILE=dotenv\n"})
	ws := mustOpen(t, testConfig(t, dir).withEngine(newMemoryEngine(t)))
	run := ws.NewRun()
	diags, err := run.EvaluateOnce("app", []string{"ls"}, hclspec.Options{PassEnv: []string{"FILE"}})
	if err != nil || diags.HasErrors() {
		t.Fatalf("%v, %v", err, diags)
	}
	task := run.Spec.Tasks["app"]
	if !slices.Equal(task.Command, []string{"ls"}) || task.Env["FILE"] == nil || *task.Env["FILE"] != "dotenv" {
		t.Errorf("command %v, environment %v", task.Command, task.Env)
	}
	if _, err := run.MakePlan(t.Context(), PlanOptions{}); err != nil {
		t.Error(err)
	}
	diags, _ = ws.NewRun().EvaluateOnce("wrong", nil, hclspec.Options{})
	wantDiagnostic(t, diags, `unknown service "wrong"`)
}

func TestEvaluateAnswersARequestForHelp(t *testing.T) {
	ws := openFiles(t, map[string]string{
		"Tasks.hcl": "task \"t\" {\n  description = \"Does it.\"\n" +
			"  arg \"x\" {\n    default = \"\"\n  }\n  command = [arg.x]\n}\n",
	})
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--help"}, "Does it."},
		{[]string{"x"}, ""},
	} {
		run := ws.NewRun()
		diags, err := run.EvaluateTargets([]hclspec.Target{{Name: "t", Args: test.args}})
		if err != nil || diags.HasErrors() {
			t.Fatalf("%v, %v", err, diags)
		}
		if !strings.HasPrefix(run.Spec.Help, test.want) || (run.Spec.Help == "") != (test.want == "") {
			t.Errorf("help %q for %v", run.Spec.Help, test.args)
		}
	}
}

func TestUpToDateOptionsWriteNothing(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"Tasks.hcl": "task \"t\" {\n  command = [\"true\"]\n  inputs = [\"in\"]\n  outputs = [\"out\"]\n}\n", "in": "1",
	})
	mustPlan(t, mustOpen(t, testConfig(t, dir)), "t")
	if _, err := os.Stat(filepath.Join(dir, ".tasks")); err == nil {
		t.Error("a plan has created the state directory")
	}
}

// TestHostPlanReleasesLeases plans a host task after an attempt with leases, as a watch does.
func TestHostPlanReleasesLeases(t *testing.T) {
	config := testConfig(t, writeFiles(t, map[string]string{
		"Tasks.hcl": "task \"check\" {\n  command = [\"true\"]\n}\n",
	})).withEngine(newMemoryEngine(t)).Writing()
	ws := mustOpen(t, config)
	leases := config.Coordination.Leased(ws.Root()).Leases()
	if err := leases.Acquire(t.Context(), []string{"p/service db"}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	mustPlan(t, ws, "check")
	other := coord.OpenStore(ws.Root(), "memory").Leases()
	if other.IsInUse("p/service db", "service db") {
		t.Error("the lease of the earlier attempt is still held")
	}
}

// TestOrphanChoice: the flag has priority over Compose's variables of the shell or of .env.
func TestOrphanChoice(t *testing.T) {
	for name, test := range map[string]struct {
		environ, dotenv string
		choice          OrphanChoice
		removes, warns  bool
		err             string
	}{
		"nothing":                  {warns: true},
		"the flag":                 {choice: RemoveOrphans, removes: true},
		"remove":                   {environ: "COMPOSE_REMOVE_ORPHANS=true", removes: true},
		"remove, in .env":          {dotenv: "COMPOSE_REMOVE_ORPHANS=1\n", removes: true},
		"remove, but not the flag": {environ: "COMPOSE_REMOVE_ORPHANS=true", choice: KeepOrphans, warns: true},
		"do not remove":            {environ: "COMPOSE_REMOVE_ORPHANS=false", warns: true},
		"ignore":                   {environ: "COMPOSE_IGNORE_ORPHANS=true"},
		"ignore, in .env":          {dotenv: "COMPOSE_IGNORE_ORPHANS=1\n"},
		"do not ignore":            {environ: "COMPOSE_IGNORE_ORPHANS=0", warns: true},
		"ignore and the flag":      {environ: "COMPOSE_IGNORE_ORPHANS=1", choice: RemoveOrphans, err: "exclude each other"},
	} {
		t.Run(name, func(t *testing.T) {
			files := projectFiles()
			files[".env"] = test.dotenv
			engine := newMemoryEngine(t)
			_, err := engine.CreateContainer(t.Context(), planner.ContainerSpec{Name: "demo-old-1", Image: "tool", Labels: map[string]string{
				composeproject.LabelProject: "demo", composeproject.LabelService: "old", composeproject.LabelOneOff: "False",
			}})
			if err != nil {
				t.Fatal(err)
			}
			config := testConfig(t, writeFiles(t, files), strings.Fields(test.environ)...).withEngine(engine)
			run := mustEvaluate(t, mustOpen(t, config), "t")
			diags, err := run.MakePlan(t.Context(), PlanOptions{Orphans: test.choice})
			if test.err != "" {
				wantError(t, err, test.err)
				return
			}
			if err != nil || diags.HasErrors() {
				t.Fatal(err, diags)
			}
			removes := slices.ContainsFunc(run.Plan.Steps, func(s *planner.Step) bool { return s.Verb == planner.Remove })
			if removes != test.removes || len(diags) > 0 != test.warns {
				t.Errorf("removes %t, %v", removes, diags)
			}
		})
	}
}

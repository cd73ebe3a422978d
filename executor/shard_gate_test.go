package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
)

// shardsOf are the shards of a task of service web, each under the ephemeral policy.
func shardsOf(name string, count int) (tasks []*hclspec.Task) {
	for i := range count {
		t := oneOff(fmt.Sprintf("%s %d/%d", name, i+1, count), "web")
		t.Shard, t.Policy, t.PrivateProjectRun = hclspec.Shard{Index: i + 1, Count: count}, hclspec.PolicyEphemeral, t.Name
		tasks = append(tasks, t)
	}
	return tasks
}

// shardPlan plans tasks in private projects of their own. The targets come first.
func (r *rig) shardPlan(targets, others []*hclspec.Task) *planner.Plan {
	r.t.Helper()
	return r.shardPlanOn(r.engine, targets, others)
}

// snapshotter takes snapshots of projects.
type snapshotter interface {
	Snapshot(ctx context.Context, q observed.Query) (*observed.Snapshot, error)
}

func (r *rig) shardPlanOn(e snapshotter, targets, others []*hclspec.Task) *planner.Plan {
	r.t.Helper()
	spec := &hclspec.Spec{Tasks: map[string]*hclspec.Task{}}
	states := map[string]planner.ProjectState{}
	for _, t := range targets {
		spec.Targets = append(spec.Targets, t.Name)
	}
	for _, t := range slices.Concat(targets, others) {
		spec.Tasks[t.Name] = t
		name := "app-" + strings.NewReplacer(" ", "", "/", "").Replace(t.Name)
		project := r.project.PrivateCopy(name, planner.PrivateLabels(r.project, observed.Ownership{}))
		snapshot, err := e.Snapshot(r.t.Context(), planner.QueryFor(spec, project))
		if err != nil {
			r.t.Fatal(err)
		}
		states[planner.ScopeOf(t)] = planner.ProjectState{Project: project, Snapshot: snapshot}
	}
	in := planner.Input{Spec: spec, ProjectDir: "/src"}
	in.SetScopes(states)
	plan, diags := planner.Build(in)
	if diags.HasErrors() {
		r.t.Fatal(diags)
	}
	return plan
}

// mostNetworks is the largest number of networks at a time.
func (r *rig) mostNetworks() int {
	now, most := 0, 0
	for _, c := range r.engine.Calls() {
		switch c.Op {
		case "CreateNetwork":
			now++
		case "RemoveNetwork":
			now--
		}
		most = max(most, now)
	}
	return most
}

// TestShardsTakeTurns: no more private projects of shards exist at a time than commands may run, and each goes when its
// shard has ended well. A failed shard keeps its project to the end, for the report, but not its place.
func TestShardsTakeTurns(t *testing.T) {
	tests := map[string]struct {
		failing, interruptAfter int
		code, done, most        int
	}{
		"all end well":  {code: 0, done: 5, most: 2},
		"one fails":     {failing: 2, code: 3, done: 4, most: 3},
		"an interrupt":  {interruptAfter: 8, code: 130, done: 2, most: 2},
		"no place left": {interruptAfter: 3, code: 130, done: 0, most: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, privateYAML, []string{"web"}, func(r *rig) {
				r.jobs, r.keepGoing = 2, true
				all := shardsOf("test", 5)
				if test.failing > 0 {
					all[test.failing-1].Env = map[string]*string{"EXIT_CODE": new("3")}
				}
				if test.interruptAfter > 0 {
					r.after(time.Duration(test.interruptAfter)*time.Second, func() { r.signals <- syscall.SIGINT })
				}
				r.assertCode(r.session().Run(r.t.Context(), r.shardPlan(all, nil), r.signals), test.code)
				done := 0
				for _, s := range all {
					if r.observer.has("done task/" + s.Name + " run") {
						done++
					}
				}
				if done != test.done {
					t.Errorf("%d shards ended well; want %d\n%s", done, test.done, strings.Join(r.observer.lines(), "\n"))
				}
				if most := r.mostNetworks(); most != test.most {
					t.Errorf("%d private projects at a time; want %d", most, test.most)
				}
				r.assertRemaining()
			})
		})
	}
}

// TestShardsOfADependency: shards that wait for the shards of another task leave those their places.
func TestShardsOfADependency(t *testing.T) {
	inVirtualTime(t, privateYAML, []string{"web"}, func(r *rig) {
		r.jobs = 1
		for _, s := range r.project.Model().Services { // else each project waits for an image that a task may make
			r.engine.AddImage(r.project.ImageName(s), observed.Image{ID: "sha256:" + s.Name})
		}
		before, after := shardsOf("build", 3), shardsOf("test", 3)
		for _, t := range after {
			for _, b := range before {
				t.DependsOn = append(t.DependsOn, hclspec.Dependency{Task: b.Name})
			}
		}
		r.assertCode(r.session().Run(r.t.Context(), r.shardPlan(after, before), nil), 0)
		if most := r.mostNetworks(); most != 1 {
			t.Errorf("%d private projects at a time; want 1", most)
		}
		for _, s := range slices.Concat(before, after) {
			if !r.observer.has("done task/" + s.Name + " run") {
				t.Errorf("%s has not run", s.Name)
			}
		}
		r.assertRemaining()
	})
}

// TestShardProjectThatCannotGo: a failed removal is tried again at the end, and holds no place.
func TestShardProjectThatCannotGo(t *testing.T) {
	inVirtualTime(t, privateYAML, []string{"web"}, func(r *rig) {
		r.jobs = 1
		r.engine.FailOn("RemoveVolume", 1, errors.New("it is busy"))
		r.assertCode(r.session().Run(r.t.Context(), r.shardPlan(shardsOf("test", 3), nil), nil), 0)
		for _, line := range r.observer.lines() {
			if strings.HasPrefix(line, "warned") {
				t.Errorf("the second attempt succeeded: %s", line)
			}
		}
		r.assertRemaining()
	})
}

// TestIdleShard: a shard whose items are known to be none only in the run does not run its command, and says why.
func TestIdleShard(t *testing.T) {
	file, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: "/src/Tasks.hcl", Bytes: []byte(`
task "list" { command = ["print", "one"] }
task "test" {
  command     = flatten(["print", shard.items])
  shards      = 2
  shard_items = task.list.stdout
}`)}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	inVirtualTime(t, privateYAML, []string{"web"}, func(r *rig) {
		spec, diags := file.Evaluate(hclspec.Inputs{
			Env: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil }, Root: "/src", Cwd: "/src",
		}, []hclspec.Target{{Name: "test"}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		plan, diags := planner.Build(planner.Input{Spec: spec, ProjectDir: "/src"})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		r.assertCode(r.session().Run(r.t.Context(), plan, nil), 0)
		if got, want := r.host.commands(), []string{"print one", "print one"}; !slices.Equal(got, want) {
			t.Errorf("commands %q; want %q", got, want)
		}
		if !r.observer.has("done task/test 2/2 skip shard_items has no item for shard 2/2 (Tasks.hcl:6:17)") {
			t.Errorf("notices\n%s", strings.Join(r.observer.lines(), "\n"))
		}
	})
}

package planner

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const withHooks = `services:
  web:
    image: web
    command: [serve]
    user: "5"
    environment: {A: a, B: b}
    volumes: ["data:/data"]
    ports: ["80"]
    networks: {default: {aliases: [www]}}
    healthcheck: {test: [CMD, x]}
    restart: always
    labels: {mine: x}
    pre_start:
      - {command: [prepare]}
      - {command: [fill], image: "other:1", user: "7", working_dir: /w, environment: {B: mine}, privileged: true}
    post_start: [{command: [up]}]
    pre_stop: [{command: [down]}]
volumes: {data: {}}
`

// dependentSpec is a host task with a need of the started service web.
func dependentSpec() *hclspec.Spec {
	t := &hclspec.Task{Name: "t", Kind: hclspec.HostTask, DependsOn: []hclspec.Dependency{{Service: "web", Condition: hclspec.Started}}}
	return &hclspec.Spec{Targets: []string{"t"}, Tasks: map[string]*hclspec.Task{"t": t}}
}

func planned(t *testing.T, yaml string, o *observed.Snapshot) (*Plan, string) {
	t.Helper()
	plan, diags := Build(Input{Spec: dependentSpec(), Project: load(t, yaml, "web"), Snapshot: o})
	if diags.HasErrors() {
		return nil, diags.Error()
	}
	return plan, ""
}

func TestPlanTellsOfHooks(t *testing.T) {
	plan, _ := planned(t, withHooks, &observed.Snapshot{})
	const want = "for task t; its pre_start hooks run first, unless another replica runs; its post_start hooks run after it"
	if s := step(t, plan, "start/web"); s.Reason.String() != want {
		t.Errorf("reason %q", s.Reason.String())
	}
	if s := step(t, plan, "image/other:1"); s.Verb != PullImage {
		t.Errorf("the hook's image: %s, %s", s.Verb, s.Reason.String())
	}
	// The error for a missing image names the service.
	if asker := step(t, plan, "image/other:1").Action.(*Image).RequestedBy(); asker != "service web (compose.yaml:2)" {
		t.Errorf("asked for by %s", asker)
	}
	p := load(t, withHooks, "web")
	plan, _ = planned(t, withHooks, &observed.Snapshot{Containers: []*observed.Container{current(p, p.Model().Services["web"])}, Networks: nil})
	if s := step(t, plan, "container/web"); s.Verb != Recreate || !strings.HasSuffix(s.Reason.String(), "; its pre_stop hooks run first") {
		t.Errorf("%s: %s", s.Verb, s.Reason.String())
	}
}

func TestSnapshotLooksForHookImages(t *testing.T) {
	q := QueryFor(dependentSpec(), load(t, withHooks, "web"))
	if want := []observed.ImageQuery{{Ref: "web"}, {Ref: "other:1"}}; !slices.Equal(q.Images, want) {
		t.Errorf("%v", q.Images)
	}
}

func TestHookContainers(t *testing.T) {
	p := load(t, withHooks, "web")
	d := &decider{project: p, service: p.Model().Services["web"]}
	all := d.preStartContainers(Facts{Containers: map[string]string{"web": "id-web"}})
	if len(all) != 2 {
		t.Fatalf("%d containers", len(all))
	}
	first, second := all[0], all[1]
	for _, s := range all {
		if len(s.Service.Ports)+len(s.Service.Volumes) > 0 || s.Service.Restart != "" || s.Service.HealthCheck != nil {
			t.Errorf("%s has what belongs to the service's own container: %+v", s.Name, s.Service)
		}
		if !slices.Equal(s.Service.VolumesFrom, []string{"id-web"}) {
			t.Errorf("%s has the volumes of %q", s.Name, s.Service.VolumesFrom)
		}
		if e := s.Networks; len(e) != 1 || !slices.Equal(e[0].Aliases, []string{s.Name, "web", "www"}) {
			t.Errorf("%s: networks %+v", s.Name, e)
		}
	}
	labels := map[string]string{
		"mine": "x", composeproject.LabelProject: p.Name(), composeproject.LabelService: "web", composeproject.LabelVersion: composeproject.Version,
		composeproject.LabelHook: "pre_start", composeproject.LabelHookIndex: "1", composeproject.LabelDependsOn: "",
	}
	if diff := cmp.Diff(labels, second.Labels); diff != "" {
		t.Errorf("labels: -want +got:\n%s", diff)
	}
	said := func(s ContainerSpec) []string {
		return []string{
			s.Name, s.Image, s.Service.Command[0], s.Service.User, s.Service.WorkingDir,
			*s.Service.Environment["A"], *s.Service.Environment["B"], map[bool]string{true: "privileged"}[s.Service.Privileged],
		}
	}
	if diff := cmp.Diff([]string{p.Name() + "-web-pre_start-0", "web", "prepare", "5", "", "a", "b", ""}, said(first)); diff != "" {
		t.Errorf("the first: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{p.Name() + "-web-pre_start-1", "other:1", "fill", "7", "/w", "a", "mine", "privileged"}, said(second)); diff != "" {
		t.Errorf("the second: -want +got:\n%s", diff)
	}
	if *d.service.Environment["B"] != "b" {
		t.Error("the service's own environment was changed")
	}
}

// A hook is a container with all attributes: its own ones complete or replace those of the service.
func TestHookIsAWholeContainer(t *testing.T) {
	p := load(t, `services:
  web:
    image: web
    cap_add: [NET_ADMIN]
    mem_limit: 64m
    ulimits: {nofile: 100}
    secrets: [key]
    volumes: ["data:/data"]
    networks: [front]
    pre_start:
      - command: [fill]
        cap_add: [SYS_TIME]
        mem_limit: 32m
        entrypoint: [sh, -c]
        read_only: true
        tmpfs: [/t]
        volumes: ["own:/own"]
        networks: {back: {aliases: [filler]}}
volumes: {data: {}, own: {}}
networks: {front: {}, back: {}}
secrets: {key: {environment: KEY}}
`, "web")
	d := &decider{project: p, service: p.Model().Services["web"]}
	hook := d.preStartContainers(Facts{Containers: map[string]string{"web": "id-web"}})[0]
	s := hook.Service
	if !slices.Equal(s.CapAdd, []string{"NET_ADMIN", "SYS_TIME"}) || s.MemLimit != 32<<20 || s.Ulimits["nofile"].Single != 100 ||
		!slices.Equal(s.Entrypoint, []string{"sh", "-c"}) || !s.ReadOnly || len(s.Tmpfs) != 1 || s.Secrets[0].Source != "key" {
		t.Errorf("%+v", s.ContainerSpec)
	}
	if len(s.Volumes) != 1 || hook.Volumes[s.Volumes[0].Source] != "app_own" || !slices.Equal(s.VolumesFrom, []string{"id-web"}) {
		t.Errorf("volumes %+v %v, from %v", s.Volumes, hook.Volumes, s.VolumesFrom)
	}
	aliases := map[string][]string{}
	for _, e := range hook.Networks {
		aliases[e.Network] = e.Aliases
	}
	want := map[string][]string{"app_back": {hook.Name, "web", "filler"}, "app_front": {hook.Name, "web"}}
	if diff := cmp.Diff(want, aliases); diff != "" {
		t.Errorf("networks: -want +got:\n%s", diff)
	}
	whole := mustBuild(t, Input{Spec: dependentSpec(), Project: p, Snapshot: &observed.Snapshot{}})
	for _, id := range []StepID{"network/back", "volume/own"} {
		if !slices.ContainsFunc(step(t, whole, "start/web").Needs, func(n Need) bool { return n.Step == id }) {
			t.Errorf("the start does not need %s: %+v", id, step(t, whole, "start/web").Needs)
		}
	}
}

func TestPerReplicaIsRefused(t *testing.T) {
	yaml := "services:\n  web:\n    image: web\n    pre_start:\n      - command: [a]\n      - command: [b]\n        per_replica: true\n"
	_, said := planned(t, yaml, &observed.Snapshot{})
	if !strings.Contains(said, "compose.yaml:7,9") || !strings.Contains(said, "pre_start[1] says per_replica: true") {
		t.Errorf("said %q", said)
	}
	// The target of a one-off has no pre_start.
	task := &hclspec.Task{Name: "t", Kind: hclspec.ServiceTask, Service: "web"}
	spec := &hclspec.Spec{Targets: []string{"t"}, Tasks: map[string]*hclspec.Task{"t": task}}
	if _, diags := Build(Input{Spec: spec, Project: load(t, yaml, "web"), Snapshot: &observed.Snapshot{}}); diags.HasErrors() {
		t.Error(diags)
	}
}

func TestNoHooksBeforeTheStopOfOneOffs(t *testing.T) {
	p := load(t, withHooks, "web")
	labels := func(more ...string) map[string]string {
		all := map[string]string{composeproject.LabelService: "web"}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for name, test := range map[string]struct {
		have observed.Container
		want int
	}{
		"service":         {observed.Container{State: "running", Labels: labels()}, 1},
		"stopped":         {observed.Container{State: "exited", Labels: labels()}, 0},
		"one-off":         {observed.Container{State: "running", Labels: labels(composeproject.LabelOneOff, "True")}, 0},
		"hook":            {observed.Container{State: "running", Labels: labels(composeproject.LabelHook, "pre_start")}, 0},
		"no such service": {observed.Container{State: "running", Labels: labels(composeproject.LabelService, "gone")}, 0},
	} {
		if got := PreStopHooks(p, &test.have); len(got) != test.want {
			t.Errorf("%s: %d hooks", name, len(got))
		}
	}
}

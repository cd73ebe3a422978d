package planner

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const full = `
services:
  web:
    image: web
    container_name: fixed
    restart: always
    ports: ["8080:80"]
    command: [serve]
    user: app
    cap_add: [CAP_NET_ADMIN]
    cap_drop: [MKNOD, SYS_TIME]
    working_dir: /app
    environment: {A: "1", B: "2"}
    labels: {team: x}
    healthcheck: {test: [CMD, "true"]}
    volumes: ["data:/data", "./src:/src"]
    deploy: {replicas: 1, restart_policy: {condition: any}}
volumes: {data: {}}
`

const slug = "0123456789abcdef"

// oneOffOf plans a task and completes its container.
func oneOffOf(t *testing.T, p *composeproject.Project, task *hclspec.Task, terminal bool) ContainerSpec {
	t.Helper()
	plan := mustBuild(t, Input{Spec: spec(task), Project: p, Snapshot: &observed.Snapshot{}})
	got, diags := step(t, plan, StepID("create/"+task.Name)).Action.(*CreateOneOff).Spec(Facts{Images: map[string]string{"web": "sha256:1"}}, terminal, slug)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return got
}

func TestOneOffTakesItsServiceOver(t *testing.T) {
	got := oneOffOf(t, load(t, full, "web"), serviceTask("test", "web"), false)
	s := got.Service
	if got.Name != "app-web-run-0123456789ab" || !got.OneOff {
		t.Errorf("name %q, one-off %t", got.Name, got.OneOff)
	}
	if s.ContainerName != "" || s.Restart != "" || s.Deploy.RestartPolicy != nil || s.Deploy.Replicas != nil || len(s.Ports) != 0 {
		t.Errorf("kept what a one-off must not have: %+v", s)
	}
	if s.User != "app" || s.WorkingDir != "/app" || s.Command[0] != "serve" || *s.Environment["A"] != "1" || s.HealthCheck == nil {
		t.Errorf("lost what a one-off keeps: %+v", s)
	}
	if l := got.Labels; l[composeproject.LabelOneOff] != "True" || l[composeproject.LabelSlug] != slug || l[observed.LabelTask] != "test" ||
		l["team"] != "x" || l[composeproject.LabelImage] != "sha256:1" || l[composeproject.LabelConfigHash] == "" {
		t.Errorf("labels %v", l)
	}
	if len(got.Networks) != 1 || len(got.Networks[0].Aliases) != 1 || got.Networks[0].Aliases[0] != got.Name {
		t.Errorf("networks %+v; want no alias but its own name", got.Networks)
	}
	if !got.StdinOpen || got.TTY {
		t.Errorf("stdin %t, tty %t", got.StdinOpen, got.TTY)
	}
}

// The label lists the dependencies of a container. A container without started dependencies has an empty list.
func TestNoDepsIsSeenInTheLabel(t *testing.T) {
	p := load(t, "services: {web: {image: web, depends_on: [db]}, db: {image: db}}", "web")
	for noDeps, want := range map[bool]string{false: "db:service_started:false", true: ""} {
		task := serviceTask("test", "web")
		task.NoDeps = noDeps
		if got, there := oneOffOf(t, p, task, false).Labels[composeproject.LabelDependsOn]; got != want || !there {
			t.Errorf("no_deps = %t: the label is %q (there: %t), want %q", noDeps, got, there, want)
		}
	}
}

func TestTaskIsLaidOverItsService(t *testing.T) {
	p := load(t, full, "web")
	task := serviceTask("test", "web")
	task.Command = []string{"pytest"}
	task.Entrypoint = []string{}
	task.User, task.Workdir = "root", "/tmp"
	task.Env = map[string]*string{"A": new("9"), "B": nil, "C": new("")}
	task.Labels = map[string]string{"team": "y", "more": "z"}
	task.Ports = []string{"127.0.0.1:9000:90/udp"}
	task.Volumes = []hclspec.Volume{{Text: "./here:/src:ro", Dir: "/tasks"}, {Text: "cache:/cache", Dir: "/tasks"}, {Text: "data:/again", Dir: "/tasks"}}
	p = p.WithVolumes(NamedVolumes(task))
	task.CapAdd, task.CapDrop = []string{"mknod"}, []string{"NET_ADMIN"}
	task.ContainerName, task.UseAliases = "one", true
	got := oneOffOf(t, p, task, false)
	s := got.Service
	if s.Command[0] != "pytest" || s.Entrypoint == nil || len(s.Entrypoint) != 0 || s.User != "root" || s.WorkingDir != "/tmp" {
		t.Errorf("process %+v", s)
	}
	if b, set := s.Environment["B"]; *s.Environment["A"] != "9" || !set || b != nil || *s.Environment["C"] != "" {
		t.Errorf("environment %v", s.Environment)
	}
	if got.Name != "one" || len(got.Networks) != 1 || strings.Join(got.Networks[0].Aliases, " ") != "one web" {
		t.Errorf("name %q, networks %+v", got.Name, got.Networks)
	}
	if strings.Join(s.CapAdd, " ") != "mknod" || strings.Join(s.CapDrop, " ") != "NET_ADMIN SYS_TIME" && strings.Join(s.CapDrop, " ") != "SYS_TIME NET_ADMIN" {
		t.Errorf("capabilities +%v -%v", s.CapAdd, s.CapDrop)
	}
	if got.Labels["team"] != "y" || got.Labels["more"] != "z" {
		t.Errorf("labels %v", got.Labels)
	}
	if len(s.Ports) != 1 || s.Ports[0].HostIP != "127.0.0.1" || s.Ports[0].Target != 90 || s.Ports[0].Protocol != "udp" {
		t.Errorf("ports %+v", s.Ports)
	}
	sources := map[string]string{}
	for _, v := range s.Volumes {
		sources[v.Target] = v.Source
	}
	if sources["/src"] != "/tasks/here" || sources["/cache"] != "cache" || got.Volumes["cache"] != "app_cache" || sources["/again"] != "data" || sources["/data"] != "data" {
		t.Errorf("volumes %v", sources)
	}
	if original := p.Model().Services["web"]; *original.Environment["A"] != "1" || len(original.Ports) != 1 || original.Labels["team"] != "x" {
		t.Errorf("the project itself was changed: %+v", original)
	}
}

func TestTerminal(t *testing.T) {
	for _, test := range []struct {
		mode     hclspec.TTYMode
		terminal bool
		want     bool
	}{
		{hclspec.TTYAuto, true, true}, {hclspec.TTYAuto, false, false},
		{hclspec.TTYAlways, false, true}, {hclspec.TTYNever, true, false},
	} {
		task := serviceTask("test", "web")
		task.TTY = test.mode
		if got := oneOffOf(t, load(t, full, "web"), task, test.terminal); got.TTY != test.want {
			t.Errorf("mode %d, terminal %t: tty %t", test.mode, test.terminal, got.TTY)
		}
	}
}

func TestImageTask(t *testing.T) {
	p, err := composeproject.Empty("app", t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	task := &hclspec.Task{Name: "check", Kind: hclspec.ImageTask, Image: "web", RM: true}
	got := oneOffOf(t, p, task, false)
	if got.Image != "web" || got.Name != "app-check-run-0123456789ab" || len(got.Networks) != 1 || got.Networks[0].Network != "app_default" {
		t.Errorf("image %q, name %q, networks %+v", got.Image, got.Name, got.Networks)
	}
}

func TestMistakesOfATask(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*hclspec.Task)
		want   string
	}{
		"label of Compose": {func(t *hclspec.Task) { t.Labels = map[string]string{"com.docker.compose.service": "x"} }, "belongs to Compose"},
		"label of ours":    {func(t *hclspec.Task) { t.Labels = map[string]string{observed.LabelTask: "x"} }, "belongs to Compose or to tasks"},
		"port":             {func(t *hclspec.Task) { t.Ports = []string{"http:80"} }, `port "http:80"`},
		"volume":           {func(t *hclspec.Task) { t.Volumes = []hclspec.Volume{{Text: "a:relative"}} }, "not absolute"},
	} {
		t.Run(name, func(t *testing.T) {
			task := serviceTask("test", "web")
			test.change(task)
			_, diags := Build(Input{Spec: spec(task), Project: load(t, full, "web"), Snapshot: &observed.Snapshot{}})
			if !diags.HasErrors() || !strings.Contains(diags.Error(), test.want) {
				t.Errorf("diagnostics %v; want %q", diags, test.want)
			}
		})
	}
}

func TestNoDepsUsesWhatIsThere(t *testing.T) {
	p := load(t, "services: {side: {image: side, network_mode: \"service:db\"}, db: {image: db}}", "side")
	task := serviceTask("debug", "side")
	task.NoDeps = true
	_, diags := Build(Input{Spec: spec(task), Project: p, Snapshot: &observed.Snapshot{}})
	if !diags.HasErrors() || !strings.Contains(diags.Error(), "no container") {
		t.Errorf("diagnostics %v; want one about the missing container", diags)
	}
	plan := mustBuild(t, Input{Spec: spec(task), Project: p, Snapshot: upToDate(t, p)})
	got, diags := step(t, plan, "create/debug").Action.(*CreateOneOff).Spec(Facts{}, false, slug)
	if diags.HasErrors() || got.Service.NetworkMode != types.ContainerPrefix+"id-db" {
		t.Errorf("network mode %q, %v", got.Service.NetworkMode, diags)
	}
}

// TestMistakesOfFlagsHaveNoPlace: an error of the command line has no place in a file.
func TestMistakesOfFlagsHaveNoPlace(t *testing.T) {
	task := &hclspec.Task{Name: "a", Ports: []string{"80:x"}, DeclRange: hcl.Range{Filename: "Tasks.hcl"}}
	if _, diags := addedPorts(task); len(diags) != 1 || diags[0].Subject != nil {
		t.Errorf("%v", diags)
	}
	task.Ranges = map[string]hcl.Range{"ports": {Filename: "Tasks.hcl"}}
	if _, diags := addedPorts(task); len(diags) != 1 || diags[0].Subject == nil {
		t.Errorf("%v", diags)
	}
}

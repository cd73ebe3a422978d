package executor_test

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// foreignProject has names that collide with names of project app-b with service c, and of project app_b.
const foreignProject = `
services:
  web: {image: web, environment: {SLEEP: 2s}, depends_on: {b-c: {condition: service_healthy}}, networks: [b_c], volumes: [b_c:/data]}
  b-c:
    build: .
    environment: {PROBE_OK_AFTER: 1s}
    healthcheck: {test: [CMD, probe]}
    networks: [b_c]
    volumes: [b_c:/data]
networks: {b_c: }
volumes: {b_c: }
`

// strangers are resources of others with names of the project.
type strangers struct {
	*rig
	containers map[string]string // name by id
	network    string
	volume     observed.Volume
	image      observed.Image
	imageName  string
	calls      int
	// changed is the project with another configuration.
	changed *composeproject.Project
	// methods are the called methods of the engine, of all tests.
	methods map[string]bool
}

// changedProject loads foreignProject with a change.
func changedProject(t *testing.T, from, to string) *composeproject.Project {
	t.Helper()
	return load(t, strings.Replace(foreignProject, from, to, 1), []string{"web"})
}

// Whatever a run does, resources of others stay. The runs call each method of the engine that may take something away.
func TestResourcesOfOthers(t *testing.T) {
	methods := map[string]bool{}
	t.Run("networks, volumes and images", func(t *testing.T) { resourcesAreOnlyUsed(t, methods) })
	t.Run("containers", func(t *testing.T) { containersStay(t, methods) })
	for method, class := range engineMethods {
		if class != reading && !methods[method] {
			t.Errorf("no run has called %s", method)
		}
	}
}

// foreignResources are a network, a volume and an image of others.
func (r *rig) foreignResources(labels map[string]string) *strangers {
	s := &strangers{rig: r, containers: map[string]string{}, imageName: "app-b-c"}
	s.network = r.engine.AddNetwork("app_b_c", labels)
	r.engine.AddVolume("app_b_c", labels)
	s.image = r.engine.AddImage("app-b-c", observed.Image{Labels: labels})
	s.volume, _ = r.engine.InspectVolume(r.t.Context(), "app_b_c")
	return s
}

// container adds a running container of others with an anonymous volume. image are the labels of its image.
func (s *strangers) container(name string, labels, image map[string]string) {
	s.t.Helper()
	ref := "theirs-" + name
	s.engine.AddImage(ref, observed.Image{Volumes: []string{"/data"}, Labels: image})
	var service types.ServiceConfig
	service.Environment = types.MappingWithEquals{"SLEEP": new("1000h")}
	id, err := s.engine.CreateContainer(s.t.Context(), planner.ContainerSpec{Name: name, Image: ref, Labels: labels, Service: service})
	if err == nil {
		err = s.engine.StartContainer(s.t.Context(), id)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.containers[id] = name
}

// begin lets the check count the calls from now on.
func (s *strangers) begin() { s.calls = len(s.engine.Calls()) }

// check fails the test unless everything of others is as it was, and no call was made against it. Then check removes it.
func (s *strangers) check() {
	s.t.Helper()
	calls := s.engine.Calls()[s.calls:]
	for _, c := range calls {
		if s.methods != nil {
			s.methods[c.Op] = true
		}
		class := engineMethods[c.Op]
		if class == reading || slices.Contains(joining, c.Op) {
			continue
		}
		names := []string{}
		switch class {
		case "container":
			for id, name := range s.containers {
				names = append(names, id, name)
			}
		case "network":
			names = []string{s.network}
		case "volume":
			names = []string{s.volume.Name}
		case "image":
			names = []string{s.imageName}
		}
		if slices.Contains(names, c.Arg) {
			s.t.Errorf("a call against a resource of others: %s", c)
		}
	}
	ctx := context.WithoutCancel(s.t.Context())
	for id, name := range s.containers {
		s.untouched(id, name)
	}
	if n, err := s.engine.InspectNetwork(ctx, s.network); s.network != "" && (err != nil || n.Name != "app_b_c") {
		s.t.Errorf("the network of others: %+v, %v", n, err)
	}
	if v, err := s.engine.InspectVolume(ctx, s.volume.Name); s.network != "" && (err != nil || v.CreatedAt != s.volume.CreatedAt) {
		s.t.Errorf("the volume of others: %+v, %v", v, err)
	}
	if i, err := s.engine.InspectImage(ctx, "app-b-c", ""); s.network != "" && (err != nil || i.ID != s.image.ID) {
		s.t.Errorf("the image of others: %+v, %v", i, err)
	}
}

// resourceOwners are the labels of networks and volumes of others.
var resourceOwners = map[string]struct {
	labels map[string]string
	owner  string
}{
	"nobody": {nil, "no compose project"},
	"a project with a colliding name": {map[string]string{
		composeproject.LabelProject: "app_b", composeproject.LabelNetwork: "c", composeproject.LabelVolume: "c",
		composeproject.LabelConfigHash: "another",
	}, "compose project app_b, as c"},
	"another project, transient": {map[string]string{
		composeproject.LabelProject: "other", composeproject.LabelNetwork: "b_c", composeproject.LabelVolume: "b_c",
		observed.LabelPolicy: observed.PolicyTransient, observed.LabelOwner: "dead",
	}, "compose project other, as b_c"},
	"a private project": {map[string]string{
		composeproject.LabelProject: "app-0123abcd", composeproject.LabelNetwork: "b_c", composeproject.LabelVolume: "b_c",
		observed.LabelOriginal: "other", observed.LabelOwner: "dead",
	}, "compose project app-0123abcd, as b_c"},
}

// resourcesAreOnlyUsed: networks, volumes and images of others are used with a warning, and stay.
func resourcesAreOnlyUsed(t *testing.T, methods map[string]bool) {
	runs := map[string]func(s *strangers){
		"a run, then down": func(s *strangers) {
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.downVolumes()
		},
		"a transient run": func(s *strangers) {
			session := s.sessionWithLeases(newLeases())
			s.assertCode(session.Run(s.t.Context(), s.plan(transient(oneOff("t", "web"))), s.signals), 0)
			session.Close(s.t.Context())
		},
		"an interrupted run": func(s *strangers) {
			s.after(500*time.Millisecond, func() { s.signals <- syscall.SIGINT })
			s.assertCode(s.run(oneOff("t", "web")), 130)
		},
		"a changed definition": func(s *strangers) {
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.project = s.changed
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.downVolumes()
		},
		"after a crash": func(s *strangers) {
			s.ownership.IsDead = func(owner string, _ time.Duration) bool { return owner == "dead" }
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.downVolumes()
		},
	}
	other := changedProject(t, "networks: {b_c: }", "networks: {b_c: {internal: true}}")
	for owner, of := range resourceOwners {
		for name, run := range runs {
			t.Run(owner+", "+name, func(t *testing.T) {
				inVirtualTime(t, foreignProject, []string{"web"}, func(r *rig) {
					s := r.foreignResources(of.labels)
					s.methods, s.changed = methods, other
					s.begin()
					s.warns(of.owner)
					run(s)
					s.check()
				})
			})
		}
	}
}

// downVolumes removes the project with its volumes, and fails the test where a resource is left that is no stranger's.
func (s *strangers) downVolumes() {
	s.t.Helper()
	seen, err := s.engine.Snapshot(s.t.Context(), observed.Query{Project: "app", Original: "app", WithRunResources: true, AnonymousVolumes: true})
	if err != nil {
		s.t.Fatal(err)
	}
	err = executor.Teardown(s.t.Context(), s.engine, planner.PlanTeardown(seen, "app", true), executor.TeardownOptions{
		OnRemoved: func(string, string) {}, OnWarning: func(text string) { s.t.Error(text) },
	})
	if err != nil {
		s.t.Error(err)
	}
	for _, left := range s.engine.Remaining() {
		if strings.Contains(left, "app-web") || strings.Contains(left, "app-b-c-1 ") && len(s.containers) == 0 {
			s.t.Errorf("down has left %s", left)
		}
	}
}

// warns fails the test unless a plan warns about the network and the volume.
func (s *strangers) warns(owner string) {
	s.t.Helper()
	var got []string
	plan := s.plan(oneOff("t", "web"))
	for _, d := range plan.Diagnostics {
		if d.Severity == hcl.DiagWarning && d.Subject != nil && d.Subject.Filename == "compose.yaml" {
			got = append(got, d.Summary)
		}
	}
	want := []string{"network app_b_c belongs to " + owner, "volume app_b_c belongs to " + owner}
	if slices.Sort(got); !slices.Equal(got, want) {
		s.t.Errorf("warnings %q, want %q", got, want)
	}
	s.tells(plan, "network/b_c", "it exists; it belongs to "+owner+", and stays as it is")
	s.tells(plan, "volume/b_c", "it exists; it belongs to "+owner+", and stays as it is")
}

// foreignLabels are the labels of containers of others, and of their images.
var foreignLabels = map[string]struct{ own, image map[string]string }{
	"of nobody":                    {},
	"of a colliding project":       {own: labelled("app-b", "c", "False")},
	"of an image of the project":   {image: map[string]string{composeproject.LabelProject: "app", composeproject.LabelService: "b-c"}},
	"of a committed one-off":       {image: deadOneOff(strings.Repeat("ab", 32))},
	"of a committed replica":       {image: labelled("app", "b-c", "False")},
	"of a dead owner of others":    {own: map[string]string{composeproject.LabelProject: "app-b", composeproject.LabelOneOff: "True", observed.LabelOwner: "dead"}},
	"of a program with its labels": {own: map[string]string{composeproject.LabelProject: "app", composeproject.LabelService: "b-c", observed.LabelOwner: "dead"}},
}

// deadOneOff are the labels of a one-off of service b-c whose run was killed.
func deadOneOff(slug string) map[string]string {
	labels := labelled("app", "b-c", composeproject.OneOffTrue)
	labels[composeproject.LabelSlug], labels[observed.LabelOwner] = slug, "dead"
	delete(labels, composeproject.LabelContainerNumber)
	return labels
}

// containersStay: containers of others with any name stay, whatever the run removes, replaces, enters or cleans up.
func containersStay(t *testing.T, methods map[string]bool) {
	named := oneOff("named", "web")
	named.ContainerName = "mine"
	runs := map[string]struct {
		names []string
		run   func(s *strangers)
	}{
		"a run, then down": {[]string{"mine"}, func(s *strangers) {
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.downVolumes()
		}},
		"a recreate": {[]string{"mine"}, func(s *strangers) {
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.project = s.changed
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.downVolumes()
		}},
		"a changed network": {[]string{"mine"}, func(s *strangers) {
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.project = s.changed
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.downVolumes()
		}},
		"a paused service": {[]string{"mine"}, func(s *strangers) {
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.engine.Pause("app-b-c-1")
			s.assertCode(s.run(inService("t", "b-c", "echo x")), 0)
		}},
		"an interrupted command": {[]string{"mine"}, func(s *strangers) {
			s.after(2*time.Second, func() { s.signals <- syscall.SIGINT })
			s.assertCode(s.run(oneOff("t", "web")), 130)
		}},
		"orphans are removed": {[]string{"mine", "app-old-1"}, func(s *strangers) {
			s.removeOrphans = true
			s.assertCode(s.run(oneOff("t", "web")), 0)
			s.downVolumes()
		}},
		"a one-off wants the name": {[]string{"mine"}, func(s *strangers) {
			s.assertCode(s.run(named), 125)
			s.downVolumes()
		}},
		"a command in the service": {[]string{"app-b-c-1"}, func(s *strangers) {
			s.assertCode(s.run(inService("t", "b-c", "echo x")), 125)
		}},
		"a transient run": {[]string{"mine"}, func(s *strangers) {
			session := s.sessionWithLeases(newLeases())
			s.assertCode(session.Run(s.t.Context(), s.plan(transient(oneOff("t", "web"))), s.signals), 0)
			session.Close(s.t.Context())
		}},
		"an external policy": {[]string{"app-b-c-1"}, func(s *strangers) {
			s.assertCode(s.session().Run(s.t.Context(), s.planWithPolicy(hclspec.PolicyExternal, oneOff("t", "web")), nil), 125)
		}},
		"a private project": {[]string{"app-t-b-c-1"}, func(s *strangers) {
			s.assertCode(s.session().Run(s.t.Context(), s.planWithPolicy(hclspec.PolicyEphemeral, oneOff("t", "web")), s.signals), 125)
		}},
	}
	others := map[string]*composeproject.Project{
		"a recreate":        changedProject(t, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 2s"),
		"a changed network": changedProject(t, "networks: {b_c: }", "networks: {b_c: {internal: true}}"),
	}
	for owner, of := range foreignLabels {
		for name, run := range runs {
			if strings.Contains(owner, "committed replica") && slices.Contains(run.names, "app-b-c-1") {
				continue // the labels and the name are those of the service's container: it is one
			}
			t.Run(owner+", "+name, func(t *testing.T) {
				inVirtualTime(t, foreignProject, []string{"web"}, func(r *rig) {
					s := &strangers{rig: r, containers: map[string]string{}, methods: methods, changed: others[name]}
					for _, name := range run.names {
						s.container(name, of.own, of.image)
					}
					r.ownership.IsDead = func(owner string, _ time.Duration) bool { return owner == "dead" }
					s.begin()
					run.run(s)
					s.check()
				})
			})
		}
	}
}

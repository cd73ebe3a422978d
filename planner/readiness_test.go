package planner

import (
	"slices"
	"strings"
	"testing"

	"tasks/hclspec"
	"tasks/planner/observed"
)

func tcpReady() *hclspec.Readiness { return &hclspec.Readiness{Probe: hclspec.TCPProbe, Port: 5432} }

const plain = `
services:
  web:
    image: web
    depends_on: {db: {condition: service_healthy}}
  db: {image: db}
`

// withReady plans a task that waits for db with a `ready` block.
func withReady(t *testing.T, yaml string, ready *hclspec.Readiness, change func(*observed.Snapshot)) *Plan {
	t.Helper()
	p := load(t, yaml, "web", "db")
	o := upToDate(t, p)
	change(o)
	s := spec(serviceTask("test", "web", onService("db", hclspec.Ready)))
	s.Readiness = map[string]*hclspec.Readiness{"db": ready}
	return mustBuild(t, Input{Spec: s, Project: p, Snapshot: o})
}

func TestReadyProbeIsWaitedFor(t *testing.T) {
	nothing := func(*observed.Snapshot) {}
	own := `{test: [CMD, "true"]}`
	for name, test := range map[string]struct {
		yaml   string
		change func(*observed.Snapshot)
		want   string
	}{
		"alone":                      {plain, nothing, "until port 5432 accepts connections, for task test"},
		"beside that of the image":   {plain, func(o *observed.Snapshot) { o.Images["db"] = observed.Image{ID: "sha256:db", HasHealthcheck: true} }, "until it is healthy and port 5432 accepts connections, for task test"},
		"of the image, but disabled": {"services: {web: {image: web, depends_on: [db]}, db: {image: db, healthcheck: {disable: true}}}", func(o *observed.Snapshot) { o.Images["db"] = observed.Image{ID: "sha256:db", HasHealthcheck: true} }, "until port 5432 accepts connections, for task test"},
		"beside a healthcheck":       {"services: {web: {image: web, depends_on: [db]}, db: {image: db, healthcheck: " + own + "}}", nothing, "until it is healthy and port 5432 accepts connections, for task test"},
	} {
		t.Run(name, func(t *testing.T) {
			plan := withReady(t, test.yaml, tcpReady(), test.change)
			got := step(t, plan, "wait/db/service_healthy")
			if got.Verb != Wait || got.Reason.String() != test.want {
				t.Errorf("%s, %q; want %q", got.Verb, got.Reason.String(), test.want)
			}
			if action := got.Action.(*WaitService); action.IsMet || action.Readiness.Port != 5432 {
				t.Errorf("%+v", action)
			}
			waits := slices.DeleteFunc(slices.Clone(plan.Steps), func(s *Step) bool { _, ok := s.Action.(*WaitService); return !ok })
			if len(waits) != 1 {
				t.Errorf("%d steps wait for the same", len(waits))
			}
		})
	}
}

// A block without a probe does not change the conditions.
func TestEngineOnlyIsNoProbe(t *testing.T) {
	plan := withReady(t, "services: {web: {image: web, depends_on: [db]}, db: {image: db, healthcheck: {test: [CMD, x]}}}",
		&hclspec.Readiness{EngineOnly: true}, func(*observed.Snapshot) {})
	if got := step(t, plan, "wait/db/ready"); got.Verb != Reuse || !got.Action.(*WaitService).Readiness.EngineOnly {
		t.Errorf("%s, %s", got.Verb, got.Reason.String())
	}
}

func TestStartedAndCompletedDoNotProbe(t *testing.T) {
	p := load(t, plain, "db")
	s := spec(hostTask("test", onService("db", hclspec.Started), onService("db", hclspec.Completed)))
	s.Readiness = map[string]*hclspec.Readiness{"db": tcpReady()}
	plan := mustBuild(t, Input{Spec: s, Project: p, Snapshot: &observed.Snapshot{}})
	for _, s := range plan.Steps {
		if action, ok := s.Action.(*WaitService); ok && (action.Condition != hclspec.Completed || action.Readiness != nil) {
			t.Errorf("%s waits for %+v", s.ID, action)
		}
	}
}

func TestProber(t *testing.T) {
	target := &observed.Container{ID: "4711", ImageID: "sha256:db", Mounts: []observed.Mount{{Type: "volume", Destination: "/data"}, {Type: "bind", Destination: "/src"}}}
	got := ProbeContainer("app", "db", slug, target, Program{Path: "/p", Content: []byte("x"), Environ: map[string]string{"A": "1", "B": "2"}})
	if got.Name != "app-db-probe-0123456789ab" || got.Image != "sha256:db" || got.Service.NetworkMode != "container:4711" || !got.AutoRemove {
		t.Errorf("%+v", got)
	}
	if len(got.Labels) != 2 || got.Labels[observed.LabelProbe] != "db" {
		t.Errorf("labels %v: whoever looks for services must not find it", got.Labels)
	}
	if env := got.Service.Environment; *env["A"] != "1" || *env["B"] != "2" {
		t.Errorf("environment %v", env)
	}
	if !slices.Equal(got.Service.Tmpfs, []string{"/data"}) || !got.Service.HealthCheck.Disable {
		t.Errorf("%+v", got.Service)
	}
}

// The helper container of another run is no orphan.
func TestProberIsNoOrphan(t *testing.T) {
	p := load(t, plain, "web")
	o := upToDate(t, p)
	o.Containers = append(o.Containers, &observed.Container{Name: "app-db-probe-0", State: "running", Labels: map[string]string{observed.LabelProbe: "db"}})
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: o, RemoveOrphans: true})
	for _, s := range plan.Steps {
		if s.Verb == Remove {
			t.Errorf("%s: %s", s.ID, s.Reason.String())
		}
	}
}

// A service without a healthcheck that others wait for is reported before a start.
func TestNoHealthcheckToWaitFor(t *testing.T) {
	db := func(image observed.Image) func(*observed.Snapshot) {
		return func(o *observed.Snapshot) { o.Containers, o.Images["db"] = nil, image }
	}
	nothing := db(observed.Image{ID: "sha256:db"})
	of := func(image observed.Image) func(*observed.Snapshot) {
		return func(o *observed.Snapshot) {
			o.Images["db"] = image
			for _, c := range o.Containers {
				c.HasHealthcheck = c.HasHealthcheck || image.HasHealthcheck
			}
		}
	}
	withDB := func(rest string) string {
		return "services:\n  web: {image: web, depends_on: {db: {condition: service_healthy}}}\n  db: {image: db" + rest + "}\n"
	}
	const disabled = ", healthcheck: {disable: true}"
	for name, test := range map[string]struct {
		yaml               string
		change             func(*observed.Snapshot)
		ready              *hclspec.Readiness
		never, isLeftToRun bool
	}{
		"none":                  {withDB(""), nothing, nil, true, false},
		"none, and it runs":     {withDB(""), of(observed.Image{ID: "sha256:db"}), nil, true, false},
		"disabled":              {withDB(disabled), db(observed.Image{ID: "sha256:db", HasHealthcheck: true}), nil, true, false},
		"disabled, not here":    {withDB(disabled), func(o *observed.Snapshot) { o.Containers = nil; delete(o.Images, "db") }, nil, true, false},
		"none as a test":        {withDB(", healthcheck: {test: [NONE]}"), nothing, nil, true, false},
		"of the service":        {withDB(`, healthcheck: {test: [CMD, "true"]}`), nothing, nil, false, false},
		"of the image":          {withDB(""), db(observed.Image{ID: "sha256:db", HasHealthcheck: true}), nil, false, false},
		"a ready block":         {withDB(""), nothing, tcpReady(), false, false},
		"the image is not here": {withDB(""), func(o *observed.Snapshot) { o.Containers = nil; delete(o.Images, "db") }, nil, false, true},
		"the image is built":    {withDB(", build: ., pull_policy: build"), nothing, nil, false, true},
		"two replicas":          {withDB(", scale: 2"), nothing, nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			plan := withReady(t, test.yaml, test.ready, test.change)
			wait, start := step(t, plan, "wait/db/service_healthy").Action.(*WaitService), step(t, plan, "start/db").Action.(*StartService)
			const want = "compose.yaml:3:3: dependency service db has no healthcheck and no `ready` probe"
			if got := strings.HasPrefix(wait.NeverMetError, want); got != test.never || !got && wait.NeverMetError != "" {
				t.Errorf("the wait tells %q", wait.NeverMetError)
			}
			if got := strings.HasPrefix(start.NoHealthcheckError, want); got != test.isLeftToRun {
				t.Errorf("the start checks %q", start.NoHealthcheckError)
			}
		})
	}
}

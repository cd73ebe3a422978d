package doctor

import (
	"context"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor/engine"
	"tasks/internal/testing/schema"
)

var update = flag.Bool("update", false, "rewrite the schema")

func TestSchema(t *testing.T) {
	schema.Check(t, *update, "doctor", "tasks doctor --json", Document{})
}

// fakeEngine is an engine with a fixed description.
type fakeEngine struct {
	address     string
	description engine.Description
	err         error
}

func (e fakeEngine) Address() string { return e.address }

func (e fakeEngine) Describe(context.Context) (engine.Description, error) {
	return e.description, e.err
}

// adviceError is an error with advice, as of an engine without an answer.
type adviceError struct{}

func (adviceError) Error() string  { return "no answer; start it" }
func (adviceError) Fact() string   { return "no answer" }
func (adviceError) Advice() string { return "start it" }

func healthy() engine.Description {
	return engine.Description{
		Name: "Docker Engine", Version: "29.0.0", APIVersion: "1.52", OS: "linux", Arch: "arm64", System: "Debian",
		SubnetCount: 31, UsedSubnets: 3,
	}
}

// sources are without a fault, but for the changes of edit.
func sources(t *testing.T, edit func(s *Sources, e *fakeEngine, p *ProjectState)) Sources {
	connected, project := &fakeEngine{address: "unix:///engine.sock", description: healthy()}, &ProjectState{Services: 2, HasEngine: true}
	s := Sources{
		ClientConfig: func() (engine.ClientConfig, error) {
			return engine.ClientConfig{File: "config.json", Address: "unix:///engine.sock", Origin: "DOCKER_HOST"}, nil
		},
		LookPath: func(name string) (string, error) { return name, nil }, Dir: t.TempDir(),
		Project: func(context.Context, bool) ProjectState { return *project },
	}
	edit(&s, connected, project)
	s.Engine = func() (Engine, error) { return connected, nil }
	return s
}

func TestFindings(t *testing.T) {
	config := func(c engine.ClientConfig, err error) func() (engine.ClientConfig, error) {
		return func() (engine.ClientConfig, error) { return c, err }
	}
	for _, c := range []struct {
		name   string
		edit   func(s *Sources, e *fakeEngine, p *ProjectState)
		check  string
		status Status
		fact   string
		remedy string
	}{
		{"unreachable", func(_ *Sources, e *fakeEngine, _ *ProjectState) { e.err = adviceError{} }, "engine", Problem, "no answer", "start it"},
		{"other error", func(_ *Sources, e *fakeEngine, _ *ProjectState) { e.err = errors.New("boom") }, "engine", Problem, "boom", "DOCKER_HOST"},
		{"windows", func(_ *Sources, e *fakeEngine, _ *ProjectState) { e.description.OS = "windows" }, "containers", Problem, "windows", "Linux containers"},
		{"podman", func(_ *Sources, e *fakeEngine, _ *ProjectState) { e.description.Name = "Podman Engine" }, "builds", Warning, "no BuildKit", "before the run"},
		{"late clock", func(_ *Sources, e *fakeEngine, _ *ProjectState) { e.description.Skew = -time.Minute }, "clock", Warning, "1m0s behind", "NTP"},
		{"early clock", func(_ *Sources, e *fakeEngine, _ *ProjectState) { e.description.Skew = 5 * time.Second }, "clock", Warning, "5s ahead", "NTP"},
		{"few subnets", func(_ *Sources, e *fakeEngine, _ *ProjectState) { e.description.UsedSubnets = 29 }, "networks", Warning, "29 of 31", "docker network prune"},
		{"warning of the engine", func(_ *Sources, e *fakeEngine, _ *ProjectState) {
			e.description.Warnings = []string{"WARNING: No swap limit support"}
		}, "engine", Warning, "No swap limit support", "dockerd"},
		{"broken configuration", func(s *Sources, _ *fakeEngine, _ *ProjectState) {
			s.ClientConfig = config(engine.ClientConfig{File: "config.json"}, errors.New("unexpected EOF"))
		}, "context", Problem, "unexpected EOF", "correct config.json"},
		{"missing credential helper", func(s *Sources, _ *fakeEngine, _ *ProjectState) {
			s.ClientConfig = config(engine.ClientConfig{File: "config.json", CredentialHelpers: []string{"docker-credential-x"}}, nil)
			s.LookPath = func(string) (string, error) { return "", os.ErrNotExist }
		}, "credentials", Problem, "docker-credential-x", "credsStore"},
		{"errors of the project", func(_ *Sources, _ *fakeEngine, p *ProjectState) { p.Errors = []string{"compose.yaml:3:1: no"} }, "project", Problem, "compose.yaml:3:1", "validate"},
		{"remote engine", func(_ *Sources, e *fakeEngine, p *ProjectState) {
			e.address, p.BindMounts = "ssh://far", []string{"web"}
		}, "files", Warning, "web", "images"},
		{"leftovers", func(_ *Sources, _ *fakeEngine, p *ProjectState) { p.Leftovers = []string{"container x"} }, "leftovers", Warning, "container x", "tasks ps"},
		{"no files", func(s *Sources, _ *fakeEngine, _ *ProjectState) { s.Project = nil }, "project", OK, "not checked", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Run(t.Context(), sources(t, c.edit))
			found := slices.ContainsFunc(r.Findings, func(f Finding) bool {
				return f.Check == c.check && f.Status == c.status && strings.Contains(f.Fact, c.fact) && strings.Contains(f.Remedy, c.remedy)
			})
			if !found || r.HasProblem() != (c.status == Problem) {
				t.Errorf("problem: %t\n%s", r.HasProblem(), r.text(0))
			}
			for _, f := range r.Findings {
				if (f.Remedy == "") != (f.Status == OK) {
					t.Errorf("%+v: each warning and each problem has a remedy", f)
				}
			}
		})
	}
}

func TestHealthy(t *testing.T) {
	r := Run(t.Context(), sources(t, func(*Sources, *fakeEngine, *ProjectState) {}))
	for _, f := range r.Findings {
		if f.Status != OK && f.Check != "watch" && f.Check != "disk" { // of the machine of the test
			t.Errorf("%+v", f)
		}
	}
	text := r.text(60)
	for line := range strings.Lines(text) {
		if len([]rune(line)) > 61 {
			t.Errorf("too wide: %q", line)
		}
	}
	if !strings.HasSuffix(text, "problem found\n") || !strings.Contains(text, "✓ engine       Docker Engine 29.0.0, API 1.52") {
		t.Error(text)
	}
}

// TestHostileText: text of others cannot look like a finding.
func TestHostileText(t *testing.T) {
	r := Report{}
	r.add("project", Problem, "a\n✓ engine\x1b[2J", "x\ry")
	if text := r.text(80); strings.Contains(text, "\n✓") || strings.ContainsAny(text, "\x1b\r") {
		t.Errorf("%q", text)
	}
}

// TestWatchRemedy: the remedy raises a limit, also a limit that was raised before.
func TestWatchRemedy(t *testing.T) {
	for limit, want := range map[int]string{8192: "max_user_watches=524288,", 600000: "max_user_watches=1200000,"} {
		r := Report{}
		addWatches(&r, limit+1, limit)
		addWatches(&r, limit/2+1, limit)
		addWatches(&r, 1, limit)
		for i, status := range []Status{Problem, Warning, OK} {
			f := r.Findings[i]
			if f.Status != status || strings.Contains(f.Remedy, want) != (status != OK) {
				t.Errorf("limit %d: %+v", limit, f)
			}
		}
	}
}

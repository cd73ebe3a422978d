package hclspec

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// readyOf evaluates a ready block of service db.
func readyOf(t *testing.T, attributes string) *Readiness {
	t.Helper()
	in := testInputs(t)
	text := fmt.Sprintf("service \"db\" {\n  ready {\n%s\n}\n}\n\ntask \"t\" {\n  service = \"web\"\n}\n", attributes)
	f := parseFile(t, in, text)
	spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	return spec.Readiness["db"]
}

func TestReadyBlock(t *testing.T) {
	loopback := netip.MustParseAddr("127.0.0.1")
	for attributes, want := range map[string]Readiness{
		"tcp = 5432":                         {Probe: TCPProbe, Port: 5432},
		`tcp = ":5432"`:                      {Probe: TCPProbe, Port: 5432},
		`tcp = "localhost:5432"`:             {Probe: TCPProbe, Port: 5432, Address: loopback},
		`tcp = "[fd00::1]:5432"`:             {Probe: TCPProbe, Port: 5432, Address: netip.MustParseAddr("fd00::1")},
		"http = 8080":                        {Probe: HTTPProbe, Port: 8080, Host: "db:8080", Path: "/"},
		`http = "/up"`:                       {Probe: HTTPProbe, Port: 80, Host: "db", Path: "/up"},
		`http = ":8080/healthz?a=b"`:         {Probe: HTTPProbe, Port: 8080, Host: "db:8080", Path: "/healthz?a=b"},
		`http = "http://shop.example/x"`:     {Probe: HTTPProbe, Port: 80, Host: "shop.example", Path: "/x"},
		`http = "shop.example:81"`:           {Probe: HTTPProbe, Port: 81, Host: "shop.example:81", Path: "/"},
		`http = "127.0.0.1:8080/"`:           {Probe: HTTPProbe, Port: 8080, Host: "127.0.0.1:8080", Path: "/", Address: loopback},
		`http = "[::1]:80/"`:                 {Probe: HTTPProbe, Port: 80, Host: "[::1]", Path: "/", Address: netip.IPv6Loopback()},
		`exec = ["a b", 1, null]`:            {Probe: ExecProbe, Exec: []string{"a b", "1"}},
		`exec = "pg_isready -U 'a b'"`:       {Probe: ExecProbe, Exec: []string{"pg_isready", "-U", "a b"}},
		"tcp = 1\ntimeout = \"1.5s\"":        {Probe: TCPProbe, Port: 1, Timeout: 1500 * time.Millisecond},
		"tcp = 1\ninterval = \"2s\"":         {Probe: TCPProbe, Port: 1, Interval: 2 * time.Second},
		"tcp = 1\nengine_only = true":        {Probe: TCPProbe, Port: 1, EngineOnly: true},
		"engine_only = true":                 {EngineOnly: true},
		"engine_only = true\ntcp = null":     {EngineOnly: true},
		"engine_only = true\ntimeout=\"5s\"": {EngineOnly: true, Timeout: 5 * time.Second},
	} {
		t.Run(attributes, func(t *testing.T) {
			if want.Interval == 0 {
				want.Interval = 100 * time.Millisecond
			}
			if want.HasProbe() && want.Timeout == 0 {
				want.Timeout = time.Minute
			}
			got := readyOf(t, attributes)
			if got.Range.Start.Line != 2 {
				t.Errorf("the block is at %s", got.Range)
			}
			want.Range = got.Range
			if diff := cmp.Diff(&want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestReadyLog(t *testing.T) {
	r := readyOf(t, `log = "(?i)ready to accept"`)
	if r.Probe != LogProbe || !r.LogPattern.MatchString("LOG: Ready to accept connections") || r.LogPattern.MatchString("ready") {
		t.Errorf("%+v", r)
	}
}

func TestConditionText(t *testing.T) {
	for attributes, want := range map[string]string{
		"tcp = 5432":                  "port 5432 accepts connections",
		`tcp = "localhost:5432"`:      "127.0.0.1:5432 accepts connections",
		`http = ":8080/healthz"`:      "http on port 8080 answers /healthz with success",
		`log = "ready"`:               `its log matches "ready"`,
		`exec = ["pg_isready", "-q"]`: "`pg_isready -q` ends with 0",
		"engine_only = true":          "it is healthy",
	} {
		if got := readyOf(t, attributes).ConditionText(); got != want {
			t.Errorf("%s: %q, want %q", attributes, got, want)
		}
	}
}

// Who reaches no service loads no compose project, so that a service block is not looked at.
func TestServiceBlocksNeedAReachedService(t *testing.T) {
	in := testInputs(t)
	in.Project = func() (Project, error) { return nil, errors.New("no compose file") }
	f := parseFile(t, in, "service \"dbb\" {\n  ready {\n    tcp = 1\n  }\n}\n\ntask \"lint\" {\n  command = [\"x\"]\n}\n")
	spec, diags := f.Evaluate(in, []Target{{Name: "lint"}})
	if len(diags) > 0 || spec.Readiness != nil {
		t.Errorf("%v, %v", diags, spec)
	}
}

func TestNilReadinessHasNoProbe(t *testing.T) {
	var none *Readiness
	if none.HasProbe() {
		t.Error("a service without a block has a probe")
	}
}

// TestSecretsOfReadiness: `tasks once` masks what a probe is made of.
func TestSecretsOfReadiness(t *testing.T) {
	in := testInputs(t)
	in.Vars = map[string]string{"password": "open-sesame"}
	f := parseFile(t, in, "variable \"password\" {\n  sensitive = true\n}\n\nservice \"db\" {\n  ready {\n    exec = [\"check\", var.password]\n  }\n}\n")
	spec, diags := OnceSpec(in, "db", nil, Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	known, diags := f.EvaluateReadiness(in, spec)
	if diags.HasErrors() || known["db"].Exec[1] != "open-sesame" || len(spec.Secrets) != 1 || spec.Secrets[0] != "open-sesame" {
		t.Errorf("%+v, secrets %q, %v", known["db"], spec.Secrets, diags)
	}
}

package docker

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tasks/planner"
)

func TestProcess(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"nothing":                {"pull_policy: always", `{}`},
		"command":                {"command: [echo, a b]", `{"Cmd": ["echo", "a b"]}`},
		"command as a string":    {`command: echo "a b"`, `{"Cmd": ["echo", "a b"]}`},
		"entrypoint that resets": {`entrypoint: [""]`, `{"Entrypoint": [""]}`},
		"environment, sorted, one of it unset": {
			"environment: {B: '2', A: '', TOKEN: , MISSING: }",
			`{"Env": ["A=", "B=2", "MISSING", "TOKEN=s3cret"]}`,
		},
		"who and where": {
			"user: '1:2'\nworking_dir: /w\nhostname: h\ndomainname: d.test",
			`{"User": "1:2", "WorkingDir": "/w", "Hostname": "h", "Domainname": "d.test"}`,
		},
		"stop":                 {"stop_signal: SIGINT\nstop_grace_period: 1m30s", `{"StopSignal": "SIGINT", "StopTimeout": 90}`},
		"half a second":        {"stop_grace_period: 500ms", `{"StopTimeout": 1}`},
		"no grace":             {"stop_grace_period: 0s", `{"StopTimeout": 0}`},
		"init":                 {"init: true", `{"Init": true}`},
		"no init":              {"init: false", `{"Init": false}`},
		"annotations":          {"annotations: {a: b}", `{"Annotations": {"a": "b"}}`},
		"restart":              {"restart: unless-stopped", `{"RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}}`},
		"restart with a limit": {"restart: on-failure:3", `{"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}}`},
		"no restart":           {"restart: 'no'", `{"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}`},
		"a healthcheck": {
			"healthcheck: {test: curl x, interval: 1s, timeout: 2s, retries: 3, start_period: 4s, start_interval: 5s}",
			`{"Healthcheck": {"Test": ["CMD-SHELL", "curl x"], "Interval": 1000000000, "Timeout": 2000000000, "Retries": 3,
				"StartPeriod": 4000000000, "StartInterval": 5000000000}}`,
		},
		"no healthcheck":           {"healthcheck: {disable: true}", `{"Healthcheck": {"Test": ["NONE"]}}`},
		"the image's healthcheck":  {"healthcheck: {interval: 1s}", `{"Healthcheck": {"Interval": 1000000000}}`},
		"client only":              {"attach: false\nbuild: .\npull_policy: never\nscale: 1\nprofiles: []\ndevelop: {watch: []}", `{}`},
		"logging":                  {"logging: {driver: json-file, options: {max-size: 1m}}", `{"LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}}}`},
		"logging of the engine":    {"logging: {options: {max-size: 1m}}", `{"LogConfig": {"Type": "", "Config": {"max-size": "1m"}}}`},
		"deploy's restart":         {"deploy: {restart_policy: {condition: any}}", `{"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}`},
		"deploy wins over restart": {"restart: always\ndeploy: {restart_policy: {condition: on-failure, max_attempts: 2}}", `{"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2}}`},
	})
}

func TestProcessRefusals(t *testing.T) {
	checkRefusals(t, map[string]refusal{
		"restart":        {"restart: sometimes", "", `service web: restart: "sometimes" is none of no, always, on-failure and unless-stopped`},
		"attempts":       {"restart: on-failure:x", "", `service web: restart: "x" is no number of attempts`},
		"deploy":         {"deploy: {restart_policy: {condition: x}}", "", `service web: deploy: restart_policy: "x" is none of`},
		"platform":       {"platform: a/b/c/d/e", "", "service web: platform: "},
		"start_interval": {"healthcheck: {start_interval: 1s}", "", "service web: healthcheck: start_interval does nothing without start_period"},
	})
}

func TestIdentity(t *testing.T) {
	spec := specOf(t, "container_name: mine\nlabels: {a: b}\nplatform: linux/arm/v7")
	spec.Name, spec.Image, spec.Labels = "the-name", "repo@sha256:1", map[string]string{"all": "labels"}
	made := created(t, spec, newest)
	if made.options.Name != "the-name" || made.options.Config.Image != "repo@sha256:1" {
		t.Errorf("name %q, image %q", made.options.Name, made.options.Config.Image)
	}
	if diff := cmp.Diff(spec.Labels, made.options.Config.Labels); diff != "" {
		t.Error(diff)
	}
	if p := made.options.Platform; p == nil || p.OS != "linux" || p.Architecture != "arm" || p.Variant != "v7" {
		t.Errorf("platform %+v", p)
	}
	spec.Image = ""
	if _, err := createOptions(spec, newest); err == nil || err.Error() != "service web: image: none is given" {
		t.Errorf("without an image: %v", err)
	}
}

// TestLabelsOfComposeAreItsOwn: a label of Compose in the file causes a warning.
func TestLabelsOfComposeAreItsOwn(t *testing.T) {
	spec := specOf(t, "labels: {a: b, com.docker.compose.project: mine}")
	spec.Labels = map[string]string{"a": "b", "com.docker.compose.project": "p"}
	want := []string{"service web: labels: com.docker.compose.project belongs to Compose or to tasks, and stays p"}
	if diff := cmp.Diff(want, created(t, spec, newest).warnings); diff != "" {
		t.Error(diff)
	}
}

func TestStreams(t *testing.T) {
	type streams struct{ in, once, open, tty bool }
	tests := map[string]struct {
		oneOff, stdin, tty bool
		want               streams
	}{
		"service":                 {false, false, false, streams{}},
		"service with open stdin": {false, true, false, streams{open: true}},
		"one-off":                 {true, true, false, streams{in: true, once: true, open: true}},
		"one-off with a terminal": {true, true, true, streams{in: true, once: true, open: true, tty: true}},
		"one-off without stdin":   {true, false, false, streams{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			// The spec decides about tty and stdin_open, and not the service.
			spec := specOf(t, "tty: true\nstdin_open: true")
			spec.OneOff, spec.StdinOpen, spec.TTY = test.oneOff, test.stdin, test.tty
			c := created(t, spec, newest).options.Config
			if got := (streams{c.AttachStdin, c.StdinOnce, c.OpenStdin, c.Tty}); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if !c.AttachStdout || !c.AttachStderr {
				t.Error("output is not attached")
			}
		})
	}
}

func TestStartIntervalOfOldEngines(t *testing.T) {
	made := created(t, specOf(t, "healthcheck: {test: x, start_period: 9s, start_interval: 5s}"), "1.43")
	health := made.options.Config.Healthcheck
	if health.StartInterval != 0 || health.StartPeriod != 9*time.Second {
		t.Errorf("got %+v", health)
	}
	want := "service web: healthcheck: start_interval is ignored: it needs Docker Engine 25.0 (API 1.44), and this one speaks API 1.43"
	if diff := cmp.Diff([]string{want}, made.warnings); diff != "" {
		t.Error(diff)
	}
}

func TestWithProxies(t *testing.T) {
	spec := specOf(t, "environment: {HTTP_PROXY: own, A: b}")
	before := len(spec.Service.Environment)
	proxied := withProxies(spec, map[string]*string{"HTTP_PROXY": new("docker's"), "NO_PROXY": new("x")})
	want := []string{"A=b", "HTTP_PROXY=own", "NO_PROXY=x"}
	if diff := cmp.Diff(want, created(t, proxied, newest).options.Config.Env); diff != "" {
		t.Error(diff)
	}
	if len(spec.Service.Environment) != before {
		t.Error("the environment of the service was changed")
	}
	if got := withProxies(planner.ContainerSpec{}, nil); got.Service.Environment != nil {
		t.Errorf("without proxies: %v", got.Service.Environment)
	}
}

func TestSwarmOnlyWarnings(t *testing.T) {
	made := created(t, specOf(t, `
deploy:
  mode: global
  resources: {reservations: {cpus: "1", memory: 1m}}
  restart_policy: {condition: none, delay: 1s}
`), newest)
	all := strings.Join(made.warnings, "\n")
	for _, part := range []string{"reservations of cpus", "delay and window", "placement and endpoint_mode are ignored"} {
		if !strings.Contains(all, "service web: deploy: ") || !strings.Contains(all, part) {
			t.Errorf("%q is missing in:\n%s", part, all)
		}
	}
	for part, deploy := range map[string]string{
		"reservations of cpus":                           "resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: k, value: 1}}]}}",
		"delay and window":                               "restart_policy: {window: 1s}",
		"mode, labels, update_config":                    "labels: {a: b}",
		"update_config, rollback_config":                 "update_config: {parallelism: 1}",
		"rollback_config, placement":                     "rollback_config: {parallelism: 1}",
		"placement and endpoint_mode are ignored":        "placement: {constraints: [a==b]}",
		"and endpoint_mode are ignored: they are for Sw": "endpoint_mode: vip",
	} {
		if warnings := created(t, specOf(t, "deploy: {"+deploy+"}"), newest).warnings; len(warnings) != 1 || !strings.Contains(warnings[0], part) {
			t.Errorf("%s: %q, want %q in it", deploy, warnings, part)
		}
	}
	if quiet := created(t, specOf(t, "deploy: {replicas: 1, resources: {limits: {memory: 1m}}}"), newest); len(quiet.warnings) > 0 {
		t.Errorf("warns of what is mapped: %v", quiet.warnings)
	}
}

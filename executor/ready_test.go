package executor_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor/readiness"
	"tasks/hclspec"
)

// probedDB is a service that nobody would ever call healthy without its ready block. SETTINGS stands for its environment.
const probedDB = `
services:
  web:
    image: web
    depends_on: {db: {condition: service_healthy}}
  db:
    image: db
    environment: {SETTINGS}
`

func tcp() *hclspec.Readiness {
	return &hclspec.Readiness{Probe: hclspec.TCPProbe, Port: 5432, Interval: 100 * time.Millisecond, Timeout: 30 * time.Second}
}

// probed runs a test with a service db that has a ready block.
func probed(t *testing.T, settings string, ready *hclspec.Readiness, test func(*rig)) {
	t.Helper()
	inVirtualTime(t, strings.Replace(probedDB, "SETTINGS", settings, 1), []string{"web"}, func(r *rig) {
		r.ready = map[string]*hclspec.Readiness{"db": ready}
		test(r)
	})
}

// assertSeconds runs and returns how long that took, in virtual time.
func (r *rig) assertSeconds(want int) time.Duration {
	r.t.Helper()
	began := time.Now()
	r.assertCode(r.run(oneOff("migrate", "web")), want)
	return time.Since(began)
}

func TestReadyProbes(t *testing.T) {
	log := &hclspec.Readiness{Probe: hclspec.LogProbe, LogPattern: regexp.MustCompile("^ready$"), Interval: 100 * time.Millisecond, Timeout: 30 * time.Second}
	exec := &hclspec.Readiness{Probe: hclspec.ExecProbe, Exec: []string{"true"}, Interval: 100 * time.Millisecond, Timeout: 30 * time.Second}
	http := tcp()
	http.Probe, http.Host, http.Path = hclspec.HTTPProbe, "db", "/"
	for name, test := range map[string]struct {
		settings string
		ready    *hclspec.Readiness
		after    time.Duration
	}{
		"tcp":                   {"PORT_OPEN_AFTER: 1s", tcp(), time.Second},
		"tcp, from inside":      {"PORT_OPEN_AFTER: 1s, NO_ROUTE: '1'", tcp(), time.Second},
		"tcp, open at once":     {"PORT_OPEN_AFTER: 0s", tcp(), 0},
		"tcp, slow":             {"PORT_OPEN_AFTER: 20s", tcp(), 20 * time.Second},
		"http":                  {"PORT_OPEN_AFTER: 1s", http, time.Second},
		"http, from inside":     {"PORT_OPEN_AFTER: 1s, NO_ROUTE: '1'", http, time.Second},
		"http, redirected":      {"PORT_OPEN_AFTER: 1s, PORT_ANSWER: '302 Found'", http, time.Second},
		"log":                   {`STDOUT: "starting\nready\n", STDOUT_AFTER: 1s`, log, time.Second},
		"log, printed at once":  {`STDOUT: "starting\nready\n"`, log, 0},
		"exec":                  {"EXEC_DELAY: 50ms", exec, 50 * time.Millisecond},
		"beside a healthcheck":  {"PORT_OPEN_AFTER: 1s, HEALTHY_AFTER: 3s", tcp(), 3 * time.Second},
		"healthcheck is faster": {"PORT_OPEN_AFTER: 3s, HEALTHY_AFTER: 1s", tcp(), 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			probed(t, test.settings, test.ready, func(r *rig) {
				if took := r.assertSeconds(0); took < test.after || took > test.after+500*time.Millisecond {
					t.Errorf("it took %s; the service is ready after %s", took, test.after)
				}
				r.assertRemaining(up...)
			})
		})
	}
}

func TestProberIsUsedOnlyWhereItMustBe(t *testing.T) {
	for name, test := range map[string]struct {
		settings string
		want     int
	}{
		"not where the port can be reached from here": {"PORT_OPEN_AFTER: 4s", 0},
		"once, where it cannot":                       {"PORT_OPEN_AFTER: 4s, NO_ROUTE: '1'", 1},
		"once, where it is refused for long":          {"PORT_OPEN_AFTER: 8s", 1},
	} {
		t.Run(name, func(t *testing.T) {
			probed(t, test.settings, tcp(), func(r *rig) {
				r.assertSeconds(0)
				if got := probers(r); len(got) != test.want {
					t.Errorf("probers %q, want %d", got, test.want)
				}
				r.assertRemaining(up...)
			})
		})
	}
}

// probers returns the names of the helper containers that probe db. The number in a name depends on the order of parallel
// steps.
func probers(r *rig) []string {
	return slices.DeleteFunc(r.engine.CallsOf("CreateContainer"), func(name string) bool {
		return !strings.HasPrefix(name, "app-db-probe-")
	})
}

// A probe of the tasks file is asked anew by each run: nobody has noted that it has passed.
func TestReadyProbeOfARunningService(t *testing.T) {
	probed(t, "PORT_OPEN_AFTER: 5s", tcp(), func(r *rig) {
		r.assertSeconds(0)
		if took := r.assertSeconds(0); took > 10*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if dials := len(r.engine.CallsOf("Dial")); dials < 2 {
			t.Errorf("%d tries", dials)
		}
	})
}

func TestReadyProbeRunsOutOfTime(t *testing.T) {
	log := &hclspec.Readiness{Probe: hclspec.LogProbe, LogPattern: regexp.MustCompile("ready"), Interval: 100 * time.Millisecond, Timeout: 30 * time.Second}
	exec := &hclspec.Readiness{Probe: hclspec.ExecProbe, Exec: []string{"false"}, Interval: 100 * time.Millisecond, Timeout: 30 * time.Second}
	http := tcp()
	http.Probe, http.Host, http.Path = hclspec.HTTPProbe, "db", "/"
	for name, test := range map[string]struct {
		settings   string
		ready      *hclspec.Readiness
		what, said string
	}{
		"tcp":               {"STDOUT: opening", tcp(), "is not ready after 30.0 s: waited until port 5432 accepts connections", ":5432: connection refused"},
		"tcp, from inside":  {"STDOUT: opening, NO_ROUTE: '1'", tcp(), "is not ready after 30.0 s: waited until port 5432 accepts connections", ":5432: connection refused"},
		"http":              {"STDOUT: opening, PORT_OPEN_AFTER: 1s, PORT_ANSWER: 503 Down", http, "is not ready after 30.0 s: waited until http on port 5432 answers / with success", ":5432: answers 503 Down"},
		"http, from inside": {"STDOUT: opening, PORT_OPEN_AFTER: 1s, PORT_ANSWER: 503 Down, NO_ROUTE: '1'", http, "is not ready after 30.0 s: waited until http on port 5432 answers / with success", ":5432: answers 503 Down"},
		"log":               {"STDOUT: opening", log, `is not ready after 30.0 s: waited until its log matches "ready"`, ""},
		"exec":              {"STDOUT: opening", exec, "is not ready after 30.0 s: waited until `false` ends with 0", "(exit code 1)"},
		"log, unreadable":   {"STDOUT: opening, NO_LOG: '1'", log, `cannot be probed (until its log matches "ready"): configured logging driver does not support reading`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			probed(t, test.settings, test.ready, func(r *rig) {
				result := r.run(oneOff("migrate", "web"))
				r.assertCode(result, 125)
				failed, ok := errors.AsType[*readiness.ServiceError](result.Err)
				if !ok || !strings.HasPrefix(failed.Failure, test.what) || !strings.HasSuffix(failed.ProbeOutput, test.said) || (failed.ProbeOutput == "") != (test.said == "") || failed.Logs != "opening" {
					t.Errorf("error %+v; want %q and %q", result.Err, test.what, test.said)
				}
				r.assertRemaining(up...)
			})
		})
	}
}

// What the prober needs and the engine cannot give is told at once.
func TestProberThatCannotRun(t *testing.T) {
	for _, op := range []string{"Platform", "Attach", "Wait"} {
		t.Run(op, func(t *testing.T) {
			probed(t, "PORT_OPEN_AFTER: 1s, NO_ROUTE: '1'", tcp(), func(r *rig) {
				r.engine.FailOn(op, 1, errors.New("no space left"))
				result := r.run(oneOff("migrate", "web"))
				r.assertCode(result, 125)
				if result.Err == nil || !strings.Contains(result.Err.Error(), "service db cannot be probed (until port 5432 accepts connections): ") ||
					!strings.Contains(result.Err.Error(), "no space left") {
					t.Errorf("error %v", result.Err)
				}
				r.assertRemaining(up...)
			})
		})
	}
}

// The prober is gone however the wait ends.
func TestNoProberIsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		settings string
		end      func(*rig)
		code     int
		left     []string
	}{
		"interrupt":         {"NO_ROUTE: '1'", func(r *rig) { r.signals <- syscall.SIGINT }, 130, nil},
		"the service dies":  {"NO_ROUTE: '1'", func(r *rig) { r.engine.Exit("app-db-1", 3) }, 125, []string{"container app-db-1 (exited)", "network app_default"}},
		"it runs out":       {"NO_ROUTE: '1'", func(*rig) {}, 125, up},
		"turns unhealthy":   {"NO_ROUTE: '1', UNHEALTHY_AFTER: 3s", func(*rig) {}, 125, up},
		"the prober killed": {"NO_ROUTE: '1'", func(r *rig) { r.engine.Exit(probers(r)[0], 137) }, 125, up},
	} {
		t.Run(name, func(t *testing.T) {
			probed(t, test.settings, tcp(), func(r *rig) {
				r.after(2*time.Second, func() { test.end(r) })
				r.assertSeconds(test.code)
				if probers := len(r.engine.CallsOf("CreateContainer")); probers < 2 {
					t.Errorf("%d containers: no prober was there", probers)
				}
				r.assertRemaining(test.left...)
			})
		})
	}
}

// A removal that fails is made up for at the end of the run.
func TestProberThatIsNotRemovedAtOnce(t *testing.T) {
	probed(t, "NO_ROUTE: '1'", tcp(), func(r *rig) {
		r.engine.FailOn("RemoveContainer", 1, errors.New("busy"))
		r.assertSeconds(125)
		r.assertRemaining(up...)
	})
}

// What an earlier run of the container has reached does not count for the next one.
func TestRestartedServiceIsProbedAgain(t *testing.T) {
	probed(t, "PORT_OPEN_AFTER: 3s, HEALTHY_AFTER: 5s", tcp(), func(r *rig) {
		r.after(4*time.Second, func() { r.engine.Restart("app-db-1") })
		if took := r.assertSeconds(0); took < 9*time.Second || took > 10*time.Second {
			t.Errorf("it took %s; it was started again after 4 s, and is healthy 5 s later", took)
		}
		r.assertRemaining(up...)
	})
}

func TestEngineOnlyLeavesTheHealthcheckAlone(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.ready = map[string]*hclspec.Readiness{"db": {EngineOnly: true}}
		if took := r.assertSeconds(0); took < 30*time.Second {
			t.Errorf("it took %s; the engine's first probe comes after 30 s", took)
		}
		if probes := r.engine.CallsOf("Exec"); len(probes) > 0 {
			t.Errorf("the healthcheck was run %d times", len(probes))
		}
	})
}

func TestEngineOnlyWithATimeout(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.ready = map[string]*hclspec.Readiness{"db": {EngineOnly: true, Timeout: 10 * time.Second}}
		if took := r.assertSeconds(125); took != 10*time.Second {
			t.Errorf("it took %s, want 10 s", took)
		}
	})
}

func TestWaitTimeout(t *testing.T) {
	for name, test := range map[string]struct {
		settings string
		ready    *hclspec.Readiness
		want     string
	}{
		"healthcheck": {"HEALTHY_AFTER: 1h", nil, "is not healthy after 7.0 s"},
		"ready":       {"PORT_OPEN_AFTER: 1h", tcp(), "is not ready after 7.0 s: waited until port 5432 accepts connections"},
	} {
		t.Run(name, func(t *testing.T) {
			probed(t, test.settings, test.ready, func(r *rig) {
				r.waitTimeout = 7 * time.Second
				began := time.Now()
				result := r.run(oneOff("migrate", "web"))
				r.assertCode(result, 125)
				if took := time.Since(began); took != 7*time.Second || !strings.Contains(result.Err.Error(), test.want) {
					t.Errorf("after %s: %v", took, result.Err)
				}
			})
		})
	}
	t.Run("completion", func(t *testing.T) {
		const yaml = "services: {web: {image: web, depends_on: {db: {condition: service_completed_successfully}}}, db: {image: db, environment: {SLEEP: 1h}}}"
		inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
			r.waitTimeout = 7 * time.Second
			result := r.run(oneOff("migrate", "web"))
			if r.assertCode(result, 125); !strings.Contains(result.Err.Error(), "service db is not completed after 7.0 s") {
				t.Errorf("%v", result.Err)
			}
		})
	})
}

// A wait that takes long is told of, once; one that does not is not.
func TestLongWaitIsToldOf(t *testing.T) {
	for name, test := range map[string]struct {
		settings string
		ready    *hclspec.Readiness
		want     []string
	}{
		"short":       {"PORT_OPEN_AFTER: 1900ms", tcp(), nil},
		"port":        {"PORT_OPEN_AFTER: 20s", tcp(), []string{"progress wait/db/service_healthy waiting until port 5432 accepts connections (at most 30.0 s)"}},
		"healthcheck": {"HEALTHY_AFTER: 20s", nil, []string{"progress wait/db/service_healthy waiting until it is healthy (at most 4 m 10 s)"}},
		"both": {"HEALTHY_AFTER: 20s, PORT_OPEN_AFTER: 20s", tcp(),
			[]string{"progress wait/db/service_healthy waiting until it is healthy (at most 4 m 10 s) and port 5432 accepts connections (at most 30.0 s)"}},
	} {
		t.Run(name, func(t *testing.T) {
			probed(t, test.settings, test.ready, func(r *rig) {
				r.assertSeconds(0)
				lines := slices.DeleteFunc(r.observer.lines(), func(line string) bool { return !strings.HasPrefix(line, "progress wait/") })
				if !slices.Equal(lines, test.want) {
					t.Errorf("told %q, want %q", lines, test.want)
				}
			})
		})
	}
}

package executor_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor/readiness"
	"tasks/hclspec"
)

// waited runs a task whose service db has these settings: attributes of the service, and its environment.
func waited(t *testing.T, condition, attributes, settings string, test func(*rig)) {
	t.Helper()
	yaml := "services:\n  web: {image: web, depends_on: {db: {condition: " + condition + "}}}\n" +
		"  db:\n    image: db\n    environment: {" + settings + "}\n" + attributes
	inVirtualTime(t, yaml, []string{"web"}, test)
}

const (
	healthy     = "service_healthy"
	completed   = "service_completed_successfully"
	healthcheck = "    healthcheck: {test: [CMD, probe], interval: 5s, retries: 3}\n"
	always      = "    restart: always\n"
)

// told are the lines about the wait for db.
func (r *rig) told() []string {
	return slices.DeleteFunc(r.observer.lines(), func(line string) bool {
		return !strings.HasPrefix(line, "progress wait/") || !strings.Contains(line, "restarted ")
	})
}

// failsWith fails the test unless a run ends with 125 because of db, and returns the error.
func (r *rig) failsWith(text string) *readiness.ServiceError {
	r.t.Helper()
	result := r.run(oneOff("migrate", "web"))
	r.assertCode(result, 125)
	failed, ok := errors.AsType[*readiness.ServiceError](result.Err)
	if !ok {
		r.t.Fatalf("error %v; want a ServiceError", result.Err)
	}
	if !strings.Contains(failed.Failure, text) {
		r.t.Errorf("failure %q; want %q in it", failed.Failure, text)
	}
	return failed
}

// A service that is started again and again is told of, and given up.
func TestCrashLoop(t *testing.T) {
	for name, test := range map[string]struct {
		attributes, settings string
		// after is the time of the end, in virtual time.
		after, most time.Duration
		want        string
	}{
		"exits at once":      {always + healthcheck, "EXIT_CODE: 1, STDOUT: 'no database', PROBE_OK_AFTER: 1h", 30 * time.Second, 34 * time.Second, "is not healthy after 30.0 s; exited with code 1, restarted 9 times"},
		"unless-stopped":     {"    restart: unless-stopped\n" + healthcheck, "EXIT_CODE: 1, PROBE_OK_AFTER: 1h", 30 * time.Second, 34 * time.Second, "exited with code 1, restarted 9 times"},
		"with success":       {always + healthcheck, "EXIT_CODE: 0, PROBE_OK_AFTER: 1h", 30 * time.Second, 34 * time.Second, "exited with code 0, restarted 9 times"},
		"each run is long":   {always + "    healthcheck: {test: [CMD, probe], retries: 9}\n", "EXIT_CODE: 3, SLEEP: 20s, PROBE_OK_AFTER: 1h", 100 * time.Second, 104 * time.Second, "exited with code 3, restarted 5 times"},
		"with a long start":  {always + "    healthcheck: {test: [CMD, probe], interval: 5s, start_period: 1m}\n", "EXIT_CODE: 1, PROBE_OK_AFTER: 1h", time.Minute, 64 * time.Second, "is not healthy after 1 m 00 s"},
		"the policy ends":    {"    restart: on-failure:2\n" + healthcheck, "EXIT_CODE: 4, PROBE_OK_AFTER: 1h", 0, time.Second, "exited with code 4 before it was healthy; restarted 2 times"},
		"without a policy":   {healthcheck, "EXIT_CODE: 4, PROBE_OK_AFTER: 1h", 0, time.Second, "exited with code 4 before it was healthy"},
		"a short time limit": {always + "    healthcheck: {test: [CMD, probe], interval: 1s, timeout: 1s, retries: 1}\n", "EXIT_CODE: 1, PROBE_OK_AFTER: 1h", 14 * time.Second, 15 * time.Second, "is not healthy after 14.0 s; exited with code 1, restarted 8 times"},
	} {
		t.Run(name, func(t *testing.T) {
			waited(t, healthy, test.attributes, test.settings, func(r *rig) {
				began := time.Now()
				failed := r.failsWith(test.want)
				if took := time.Since(began); took < test.after || took > test.most {
					t.Errorf("it took %s; want between %s and %s", took, test.after, test.most)
				}
				if strings.Contains(test.settings, "STDOUT") && failed.Logs != "no database" {
					t.Errorf("the log of the last start is %q", failed.Logs)
				}
			})
		})
	}
}

// The patience with a restarted service stays: a service may need a few starts.
func TestServiceThatComesUpLater(t *testing.T) {
	waited(t, healthy, always+healthcheck, "PROBE_OK_AFTER: 1s, SLEEP: forever", func(r *rig) {
		for i := range 3 {
			r.after(time.Duration(i)*500*time.Millisecond+200*time.Millisecond, func() { r.engine.Exit("app-db-1", 7+i) })
		}
		r.assertSeconds(0)
		want := []string{
			"progress wait/db/service_healthy exited with code 7, restarted once",
			"progress wait/db/service_healthy exited with code 8, restarted 2 times",
			"progress wait/db/service_healthy exited with code 9, restarted 3 times",
		}
		if got := r.told(); !slices.Equal(got, want) {
			t.Errorf("told %q\nwant %q", got, want)
		}
	})
}

// --wait-timeout is the patience of the user.
func TestCrashLoopWithAWaitTimeout(t *testing.T) {
	waited(t, healthy, always+healthcheck, "EXIT_CODE: 1, PROBE_OK_AFTER: 1h", func(r *rig) {
		r.waitTimeout = 100 * time.Second
		began := time.Now()
		r.failsWith("is not healthy after 1 m 40 s; exited with code 1, restarted ")
		if took := time.Since(began); took != 100*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// A container may be in its loop already when the run begins.
func TestCrashLoopFromBefore(t *testing.T) {
	waited(t, healthy, always+healthcheck, "EXIT_CODE: 1, PROBE_OK_AFTER: 1h", func(r *rig) {
		r.failsWith("is not healthy")
		time.Sleep(10 * time.Minute)
		began := time.Now()
		r.failsWith("exited with code 1, restarted ")
		if took := time.Since(began); took > 35*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestCompletionOfARestartedService(t *testing.T) {
	t.Run("after failures", func(t *testing.T) {
		waited(t, completed, "    restart: on-failure\n", "SLEEP: 1h, EXIT_CODE: 0", func(r *rig) {
			for i := range 8 { // no patience ends, as a job has no time limit
				r.after(time.Duration(i)*10*time.Minute+time.Second, func() { r.engine.Exit("app-db-1", 5) })
			}
			r.assertCode(r.run(oneOff("migrate", "web")), 0)
			if got := r.told(); len(got) != 8 || !strings.HasSuffix(got[7], "exited with code 5, restarted 8 times") {
				t.Errorf("told %q", got)
			}
		})
	})
	t.Run("never", func(t *testing.T) {
		waited(t, completed, always, "SLEEP: 1s, EXIT_CODE: 0", func(r *rig) {
			r.failsWith("can never be completed, because its restart policy starts it again after a success")
		})
	})
	t.Run("failed for good", func(t *testing.T) {
		waited(t, completed, "    restart: on-failure:2\n", "EXIT_CODE: 5", func(r *rig) {
			r.failsWith("did not complete successfully: exit code 5; restarted 2 times")
		})
	})
}

// The engine's verdict may be old: a probe decides.
func TestUnhealthyServiceThatHasRecovered(t *testing.T) {
	const old = "HEALTHY_AFTER: 1h, UNHEALTHY_AFTER: 1s, PROBE_OK_AFTER: 20s"
	t.Run("recovered", func(t *testing.T) {
		waited(t, healthy, healthcheck, old, func(r *rig) {
			r.failsWith("is unhealthy")
			time.Sleep(time.Minute)
			if took := r.assertSeconds(0); took > time.Second {
				t.Errorf("it took %s", took)
			}
			r.assertRemaining(up...)
		})
	})
	t.Run("still unhealthy", func(t *testing.T) {
		waited(t, healthy, healthcheck, old, func(r *rig) {
			r.failsWith("is unhealthy")
			began := time.Now()
			if failed := r.failsWith("is unhealthy"); failed.HealthcheckOutput == "" {
				t.Error("the error has no words of a probe")
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %s", took)
			}
		})
	})
	t.Run("the engine alone decides", func(t *testing.T) {
		waited(t, healthy, healthcheck, old, func(r *rig) {
			r.ready = map[string]*hclspec.Readiness{"db": {EngineOnly: true}}
			r.failsWith("is unhealthy")
			time.Sleep(time.Minute)
			r.failsWith("is unhealthy")
			if probes := r.engine.CallsOf("Exec"); len(probes) > 0 {
				t.Errorf("%d probes", len(probes))
			}
		})
	})
	t.Run("while a ready probe waits", func(t *testing.T) {
		waited(t, healthy, healthcheck, "HEALTHY_AFTER: 1h, UNHEALTHY_AFTER: 2s, PROBE_OK_AFTER: 0s, PORT_OPEN_AFTER: 10s", func(r *rig) {
			r.ready = map[string]*hclspec.Readiness{"db": tcp()}
			r.assertSeconds(0)
		})
	})
	t.Run("the probe hangs", func(t *testing.T) {
		waited(t, healthy, "    healthcheck: {test: [CMD, probe], timeout: 3s}\n", "HEALTHY_AFTER: 1h, UNHEALTHY_AFTER: 1s, EXEC_DELAY: 1h", func(r *rig) {
			if failed := r.failsWith("is unhealthy"); !strings.Contains(failed.HealthcheckOutput, "unhealthy by its environment") {
				t.Errorf("said %q", failed.HealthcheckOutput)
			}
		})
	})
}

// A probe without an answer in time has given up before the engine's verdict: the verdict counts at once.
func TestVerdictAfterAHangingProbe(t *testing.T) {
	waited(t, healthy, "    healthcheck: {test: [CMD, probe], timeout: 3s}\n", "HEALTHY_AFTER: 1h, UNHEALTHY_AFTER: 10s, EXEC_DELAY: 1h", func(r *rig) {
		began := time.Now()
		r.failsWith("is unhealthy")
		if took := time.Since(began); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// The log in an error is that of the last start.
func TestLogOfThisStart(t *testing.T) {
	waited(t, healthy, healthcheck, "EXIT_CODE: 1, STDOUT: \"cannot start\\n\", PROBE_OK_AFTER: 1h", func(r *rig) {
		for range 4 {
			if failed := r.failsWith("exited with code 1"); failed.Logs != "cannot start\n" {
				t.Errorf("the log is %q", failed.Logs)
			}
		}
	})
}

// An image of the run is known only then: its lack of a healthcheck ends the run before the start of the service.
func TestNoHealthcheckOfAPulledImage(t *testing.T) {
	waited(t, healthy, "", "SLEEP: forever", func(r *rig) {
		result := r.run(oneOff("migrate", "web"))
		r.assertCode(result, 125)
		if result.Err == nil || !strings.Contains(result.Err.Error(), "compose.yaml:3:3: dependency service db has no healthcheck") {
			t.Errorf("error %v", result.Err)
		}
		if starts := r.engine.CallsOf("StartContainer"); len(starts) > 0 {
			t.Errorf("started %q", starts)
		}
	})
}

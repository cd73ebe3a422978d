package hclspec

import (
	"testing"
	"time"
)

const withRetry = `
tasks {
  jobs = 3
}

defaults {
  lock = "all"

  retry {
    attempts = 2
  }
}

task "plain" {
  command = ["true"]
}

task "own" {
  command = ["true"]
  lock    = "${self.name}-lock"

  retry {
    attempts = 3
    delay    = "1s"
    backoff  = 1.5
  }
}

task "heir" {
  extends = [task.own]
  lock    = null
}

task "once" {
  command = ["true"]

  retry {
    attempts = 1
  }
}

task "stays" {
  image  = "i"
  detach = true
}

task "group" {
  depends_on = [task.plain]
}
`

func TestRetryAndLock(t *testing.T) {
	in := testInputs(t)
	for name, want := range map[string]struct {
		lock  string
		retry Retry
	}{
		"plain": {"all", Retry{Attempts: 2, Backoff: 1}},
		"own":   {"own-lock", Retry{Attempts: 3, Delay: time.Second, Backoff: 1.5}},
		"heir":  {"", Retry{Attempts: 3, Delay: time.Second, Backoff: 1.5}},
		"once":  {"all", Retry{Attempts: 1, Backoff: 1}},
		"stays": {},
		"group": {},
	} {
		task := evaluateOne(t, in, withRetry, name)
		if task.Lock != want.lock || task.Retry != want.retry {
			t.Errorf("%s: lock %q, retry %+v", name, task.Lock, task.Retry)
		}
	}
}

// TestRetryWithDetach: --detach takes the defaults away, and not what is written in the task.
func TestRetryWithDetach(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, withRetry+"task \"i\" {\n  image = \"i\"\n}\n\ntask \"r\" {\n  image = \"i\"\n\n  retry {\n    attempts = 2\n  }\n}\n")
	detached := Options{Detach: new(true)}
	spec, diags := f.Evaluate(in, []Target{{Name: "i", Options: detached}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	if task := spec.Tasks["i"]; task.Lock != "" || task.Retry != (Retry{}) {
		t.Errorf("lock %q, retry %+v", task.Lock, task.Retry)
	}
	if _, diags := f.Evaluate(in, []Target{{Name: "r", Options: detached}}); !diags.HasErrors() {
		t.Error("a retry of its own is left out silently")
	}
}

func TestJobs(t *testing.T) {
	in := testInputs(t)
	for text, want := range map[string]int{withRetry: 3, "task \"plain\" {\n  command = [\"true\"]\n}\n": 0} {
		spec, diags := parseFile(t, in, text).Evaluate(in, []Target{{Name: "plain"}})
		if diags.HasErrors() || spec.Jobs != want {
			t.Errorf("jobs %v, not %d; %v", spec, want, diags)
		}
	}
}

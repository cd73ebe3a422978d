package suggest_test

import (
	"testing"

	"tasks/internal/suggest"
)

// TestNearestNeedsLikeness: half of the letters agree.
func TestNearestNeedsLikeness(t *testing.T) {
	commands := []string{"fmt", "show", "list", "run", "down", "watch"}
	for name, want := range map[string]string{
		"foo": "", "stop": "", "rnu": "run", "runn": "run", "lst": "list", "shwo": "show", "wacth": "watch", "x": "",
	} {
		if got := suggest.Nearest(name, commands); got != want {
			t.Errorf("nearest to %q is %q, not %q", name, got, want)
		}
	}
}

func TestByMeaning(t *testing.T) {
	task := []string{"command", "depends_on", "env", "workdir", "service", "image", "inputs", "finally", "rm"}
	for name, want := range map[string]string{
		"run": "command", "needs": "depends_on", "environment": "env", "working-dir": "workdir", "Container": "service",
		"cleanup": "finally", "nothing": "",
	} {
		if got := suggest.NearestName(name, task); got != want {
			t.Errorf("%q means %q, not %q", name, got, want)
		}
	}
	// The block decides.
	if got := suggest.NearestName("cmd", []string{"tcp", "exec"}); got != "exec" {
		t.Errorf("cmd of a probe means %q", got)
	}
}

func TestCommandOf(t *testing.T) {
	for word, want := range map[string]string{
		"exec": "tasks once SERVICE", "build": "tasks up --build", "stop": "tasks down", "kill": "tasks down", "start": "tasks up",
		"compose": "tasks up", "restart": "tasks down && tasks up", "new": "tasks init",
		"add": "tasks once --as-task", "diagnose": "tasks doctor", "documentation": "tasks docs", "nothing": "",
	} {
		if got := suggest.CommandOf(word); got != want {
			t.Errorf("%q is %q, not %q", word, got, want)
		}
	}
}

package view

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

func TestNotices(t *testing.T) {
	step := func(a planner.Action) *planner.Step { return &planner.Step{Action: a} }
	network := step(&planner.Network{Name: "app_default"})
	start := step(&planner.StartService{Service: "db"})
	lint := step(&planner.RunHost{Task: &hclspec.Task{Name: "lint"}})
	for name, test := range map[string]struct {
		notice executor.Notice
		want   string
	}{
		"created":        {executor.Notice{Happening: executor.Done, Step: network, Verb: planner.Create, Elapsed: 120 * time.Millisecond}, "network app_default  created (120ms)\n"},
		"there already":  {executor.Notice{Happening: executor.Done, Step: network, Verb: planner.Reuse}, ""},
		"begun":          {executor.Notice{Happening: executor.Started, Step: network}, ""},
		"service":        {executor.Notice{Happening: executor.Done, Step: start, Verb: planner.Start}, "service db  started\n"},
		"service reused": {executor.Notice{Happening: executor.Done, Step: start, Verb: planner.Reuse}, "service db  reused: it runs already, its configuration is unchanged\n"},
		"completed before": {executor.Notice{Happening: executor.Done, Step: step(&planner.StartService{Service: "setup", Finished: true}), Verb: planner.Reuse},
			"service setup  reused: it has completed successfully\n"},
		"healthy": {executor.Notice{Happening: executor.Done, Step: step(&planner.WaitService{Service: "db", Condition: hclspec.Healthy}), Verb: planner.Wait, Elapsed: time.Second},
			"service db  healthy (1s)\n"},
		"ready": {executor.Notice{Happening: executor.Done, Verb: planner.Wait, Elapsed: time.Second,
			Step: step(&planner.WaitService{Service: "db", Condition: hclspec.Healthy, Ready: &hclspec.Readiness{Probe: hclspec.TCPProbe}})},
			"service db  ready (1s)\n"},
		"unpaused": {executor.Notice{Happening: executor.Done, Step: start, Verb: planner.Unpause}, "service db  unpaused\n"},
		"stopped": {executor.Notice{Happening: executor.Done, Step: step(&planner.StopService{Service: "web"}), Verb: planner.Stop, Elapsed: time.Second},
			"service web  stopped, to be started again (1s)\n"},
		"not stopped": {executor.Notice{Happening: executor.Done, Step: step(&planner.StopService{Service: "web"}), Verb: planner.Reuse}, ""},
		"task":        {executor.Notice{Happening: executor.Done, Step: lint, Verb: planner.Run, Elapsed: time.Second}, "task lint  done (1s)\n"},
		"exit code":   {executor.Notice{Happening: executor.Failed, Step: lint, Code: 3, Elapsed: time.Second}, "task lint  failed: exit code 3 (1s)\n"},
		"error":       {executor.Notice{Happening: executor.Failed, Step: lint, Err: errors.New("no such file")}, "task lint  failed: no such file\n"},
		"optional":    {executor.Notice{Happening: executor.Warned, Step: start, Err: errors.New("gone")}, "service db  warning: gone (not required: going on)\n"},
		"warning":     {executor.Notice{Happening: executor.Warned, Text: "could not be removed"}, "warning: could not be removed\n"},
		"build line":  {executor.Notice{Happening: executor.Progressed, Step: step(&planner.Image{Ref: "web"}), Text: "#1 load"}, "image web  #1 load\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			NewPlain(&out, Options{}, error.Error).Notice(test.notice)
			if out.String() != test.want {
				t.Errorf("%q; want %q", out.String(), test.want)
			}
		})
	}
}

func TestColorPaintsTheFirstLineOnly(t *testing.T) {
	var out bytes.Buffer
	NewPlain(&out, Options{Color: true}, error.Error).Notice(executor.Notice{Happening: executor.Warned, Text: "one\ntwo"})
	if want := "\x1b[33mwarning: one\x1b[0m\ntwo\n"; out.String() != want {
		t.Errorf("%q; want %q", out.String(), want)
	}
}

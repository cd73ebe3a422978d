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

func TestNoticeText(t *testing.T) {
	step := func(a planner.Action) *planner.Step { return &planner.Step{Action: a} }
	network := step(&planner.Network{Name: "app_default"})
	start := step(&planner.StartService{Replica: "db"})
	lint := step(&planner.RunHost{Task: &hclspec.Task{Name: "lint"}})
	for name, test := range map[string]struct {
		notice executor.Notice
		want   string
	}{
		"created": {
			executor.Notice{Kind: executor.Done, Step: network, Verb: planner.Create, Elapsed: 120 * time.Millisecond},
			"network app_default  created (0.1 s)\n",
		},
		"there already": {executor.Notice{Kind: executor.Done, Step: network, Verb: planner.Reuse}, ""},
		"begun":         {executor.Notice{Kind: executor.Started, Step: network}, ""},
		"service": {
			executor.Notice{Kind: executor.Done, Step: start, Verb: planner.Start}, "service db  started\n",
		},
		"service reused": {
			executor.Notice{Kind: executor.Done, Step: start, Verb: planner.Reuse},
			"service db  reused: it runs already, its configuration is unchanged\n",
		},
		"completed before": {executor.Notice{
			Kind: executor.Done, Step: step(&planner.StartService{Replica: "setup", HasCompleted: true}),
			Verb: planner.Reuse,
		},
			"service setup  reused: it has completed successfully\n"},
		"healthy": {executor.Notice{
			Kind: executor.Done, Step: step(&planner.WaitService{Replica: "db", Condition: hclspec.Healthy}),
			Verb: planner.Wait, Elapsed: time.Second,
		},
			"service db  healthy (1.0 s)\n"},
		"ready": {executor.Notice{Kind: executor.Done, Verb: planner.Wait, Elapsed: time.Second,
			Step: step(
				&planner.WaitService{
					Replica: "db", Condition: hclspec.Healthy, Readiness: &hclspec.Readiness{Probe: hclspec.TCPProbe},
				},
			)},
			"service db  ready (1.0 s)\n"},
		"unpaused": {
			executor.Notice{Kind: executor.Done, Step: start, Verb: planner.Unpause}, "service db  unpaused\n",
		},
		"stopped": {executor.Notice{
			Kind: executor.Done, Step: step(&planner.StopService{Replica: "web"}), Verb: planner.Stop,
			Elapsed: time.Second,
		},
			"service web  stopped, to be started again (1.0 s)\n"},
		"not stopped": {
			executor.Notice{Kind: executor.Done, Step: step(&planner.StopService{Replica: "web"}), Verb: planner.Reuse},
			"",
		},
		"task": {
			executor.Notice{Kind: executor.Done, Step: lint, Verb: planner.Run, Elapsed: time.Second},
			"task lint  done (1.0 s)\n",
		},
		"exit code": {
			executor.Notice{Kind: executor.Failed, Step: lint, Code: 3, Elapsed: time.Second},
			"task lint  failed: exit code 3 (1.0 s)\n",
		},
		"error": {
			executor.Notice{Kind: executor.Failed, Step: lint, Err: errors.New("no such file")},
			"task lint  failed: no such file\n",
		},
		"optional": {
			executor.Notice{Kind: executor.Warned, Step: start, Err: errors.New("gone")},
			"service db  warning: gone (not required: going on)\n",
		},
		"warning": {
			executor.Notice{Kind: executor.Warned, Text: "could not be removed"}, "warning: could not be removed\n",
		},
		"build line": {
			executor.Notice{Kind: executor.Progressed, Step: step(&planner.Image{Ref: "web"}), Text: "#1 load"},
			"image web  #1 load\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			NewNoticePrinter(&out, NoticeOptions{}, error.Error).Notice(test.notice)
			if out.String() != test.want {
				t.Errorf("%q; want %q", out.String(), test.want)
			}
		})
	}
}

func TestColorPaintsTheFirstLineOnly(t *testing.T) {
	var out bytes.Buffer
	NewNoticePrinter(&out, NoticeOptions{Color: true}, error.Error).Notice(
		executor.Notice{Kind: executor.Warned, Text: "one\ntwo"},
	)
	if want := "\x1b[33mwarning: one\x1b[0m\n  two\n"; out.String() != want {
		t.Errorf("%q; want %q", out.String(), want)
	}
}

// The hint names only services with a log after the command: not the transient ones, except during a watch.
func TestLogsHintOfTransientServices(t *testing.T) {
	result := executor.Result{Code: 1, ServiceLogs: []executor.ServiceLog{
		{Replica: "db", Service: "db", Text: "checkpoint\n", IsTransient: true}, {Replica: "mq", Service: "mq", IsTransient: true},
		{Replica: "cache", Service: "cache"},
	}}
	for isWatch, want := range map[bool]string{
		false: "service db  last output:\n  checkpoint\nlogs: tasks logs cache",
		true:  "logs: tasks logs db mq cache",
	} {
		g := newFakeScreen(t, 24, 80)
		g.Printer.holdsVerdict.Store(isWatch)
		g.Begin(planOf(taskStep("test")))
		g.End(result)
		g.expect("at the end", want)
	}
}

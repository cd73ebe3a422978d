package main

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errBroken = errors.New("broken")

func succeedingRun(context.Context) (sample, error) { return sample{wall: 1, cpu: 1}, nil }
func failingRun(context.Context) (sample, error) {
	return sample{}, errBroken
}

func TestCompeteLeavesOutRows(t *testing.T) {
	b := &bench{log: io.Discard, options: options{rows: regexp.MustCompile("^w")}}
	rows, err := b.runContest(t.Context(), "case", 1, []competitor{
		{name: "peer", base: failingRun, run: failingRun}, {name: "well", base: succeedingRun, run: succeedingRun},
	})
	if err != nil || len(rows) != 1 || rows[0].name != "well" {
		t.Errorf("rows %+v, %v", rows, err)
	}
	if diff := cmp.Diff([]missingResult{{"case: peer", "left out by -row"}}, b.missing, cmp.AllowUnexported(missingResult{})); diff != "" {
		t.Errorf("missing -want +got:\n%s", diff)
	}
}

func TestCompeteGoesOnAfterAFailure(t *testing.T) {
	tests := map[string]struct {
		contestant competitor
		missing    []missingResult
		broken     bool
	}{
		"a peer that does not work": {
			competitor{name: "peer", base: succeedingRun, run: failingRun}, []missingResult{{"case: peer", "pair 1 of 2: broken"}}, false,
		},
		"tasks that does not work": {
			competitor{name: "tasks", isOwn: true, base: succeedingRun, run: failingRun}, []missingResult{{"case: tasks", "pair 1 of 2: broken"}}, true,
		},
		"cannot be prepared": {
			competitor{name: "peer", base: succeedingRun, run: succeedingRun, prepare: func(context.Context) error { return errBroken }},
			[]missingResult{{"case: peer", "before the first pair: broken"}}, false,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := &bench{log: io.Discard}
			tidied := false
			test.contestant.finish = func(context.Context) (string, error) { tidied = true; return "", nil }
			well := competitor{name: "well", base: succeedingRun, run: succeedingRun, finish: func(context.Context) (string, error) { return "a note", nil }}
			rows, err := b.runContest(t.Context(), "case", 2, []competitor{test.contestant, well})
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != 1 || rows[0].name != "well" || rows[0].note != "a note" || len(rows[0].pairs) != 2 {
				t.Errorf("rows %+v", rows)
			}
			if diff := cmp.Diff(test.missing, b.missing, cmp.AllowUnexported(missingResult{})); diff != "" || b.hasFailed != test.broken || !tidied {
				t.Errorf("broken %v, want %v; tidied %v; missing -want +got:\n%s", b.hasFailed, test.broken, tidied, diff)
			}
		})
	}
}

func TestCompeteEndsWhenItIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	var tidying error = errBroken
	first := competitor{
		name: "first", isOwn: true, base: succeedingRun,
		run: func(ctx context.Context) (sample, error) {
			cancel(interrupted)
			return sample{}, ctx.Err()
		},
		finish: func(ctx context.Context) (string, error) { tidying = ctx.Err(); return "", nil },
	}
	b := &bench{log: io.Discard}
	_, err := b.runContest(ctx, "case", 2, []competitor{first, {name: "second", base: failingRun, run: failingRun}})
	if !errors.Is(err, interrupted) || len(b.missing) != 0 || b.hasFailed {
		t.Errorf("error %v, missing %v, broken %v", err, b.missing, b.hasFailed)
	}
	if tidying != nil {
		t.Errorf("tidying up was interrupted too: %v", tidying)
	}
}

func TestCompeteEndsWhenCleanupFails(t *testing.T) {
	dirty := competitor{name: "dirty", base: succeedingRun, run: succeedingRun, finish: func(context.Context) (string, error) { return "", errBroken }}
	_, err := (&bench{log: io.Discard}).runContest(t.Context(), "case", 1, []competitor{dirty})
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "tidying up after dirty") {
		t.Errorf("got %v", err)
	}
}

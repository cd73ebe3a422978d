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

func works(context.Context) (sample, error) { return sample{wall: 1, cpu: 1}, nil }
func breaks(context.Context) (sample, error) {
	return sample{}, errBroken
}

func TestCompeteLeavesOutRows(t *testing.T) {
	b := &bench{log: io.Discard, options: options{rows: regexp.MustCompile("^w")}}
	rows, err := b.compete(t.Context(), "case", 1, []contestant{
		{name: "peer", base: breaks, run: breaks}, {name: "well", base: works, run: works},
	})
	if err != nil || len(rows) != 1 || rows[0].name != "well" {
		t.Errorf("rows %+v, %v", rows, err)
	}
	if diff := cmp.Diff([]absence{{"case: peer", "left out by -row"}}, b.missing, cmp.AllowUnexported(absence{})); diff != "" {
		t.Errorf("missing -want +got:\n%s", diff)
	}
}

func TestCompeteGoesOnAfterAFailure(t *testing.T) {
	tests := map[string]struct {
		contestant contestant
		missing    []absence
		broken     bool
	}{
		"a peer that does not work": {
			contestant{name: "peer", base: works, run: breaks}, []absence{{"case: peer", "pair 1 of 2: broken"}}, false,
		},
		"tasks that does not work": {
			contestant{name: "tasks", ours: true, base: works, run: breaks}, []absence{{"case: tasks", "pair 1 of 2: broken"}}, true,
		},
		"cannot be prepared": {
			contestant{name: "peer", base: works, run: works, prepare: func(context.Context) error { return errBroken }},
			[]absence{{"case: peer", "before the first pair: broken"}}, false,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := &bench{log: io.Discard}
			tidied := false
			test.contestant.finish = func(context.Context) (string, error) { tidied = true; return "", nil }
			well := contestant{name: "well", base: works, run: works, finish: func(context.Context) (string, error) { return "a note", nil }}
			rows, err := b.compete(t.Context(), "case", 2, []contestant{test.contestant, well})
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != 1 || rows[0].name != "well" || rows[0].note != "a note" || len(rows[0].pairs) != 2 {
				t.Errorf("rows %+v", rows)
			}
			if diff := cmp.Diff(test.missing, b.missing, cmp.AllowUnexported(absence{})); diff != "" || b.broken != test.broken || !tidied {
				t.Errorf("broken %v, want %v; tidied %v; missing -want +got:\n%s", b.broken, test.broken, tidied, diff)
			}
		})
	}
}

func TestCompeteEndsWhenItIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	var tidying error = errBroken
	first := contestant{
		name: "first", ours: true, base: works,
		run: func(ctx context.Context) (sample, error) {
			cancel(interrupted)
			return sample{}, ctx.Err()
		},
		finish: func(ctx context.Context) (string, error) { tidying = ctx.Err(); return "", nil },
	}
	b := &bench{log: io.Discard}
	_, err := b.compete(ctx, "case", 2, []contestant{first, {name: "second", base: breaks, run: breaks}})
	if !errors.Is(err, interrupted) || len(b.missing) != 0 || b.broken {
		t.Errorf("error %v, missing %v, broken %v", err, b.missing, b.broken)
	}
	if tidying != nil {
		t.Errorf("tidying up was interrupted too: %v", tidying)
	}
}

func TestCompeteEndsWhenItCannotTidyUp(t *testing.T) {
	dirty := contestant{name: "dirty", base: works, run: works, finish: func(context.Context) (string, error) { return "", errBroken }}
	_, err := (&bench{log: io.Discard}).compete(t.Context(), "case", 1, []contestant{dirty})
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "tidying up after dirty") {
		t.Errorf("got %v", err)
	}
}

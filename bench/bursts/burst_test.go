package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestMeasureOfSavesInThisProcess(t *testing.T) {
	for _, s := range savers()[:2] {
		bursts, err := measure(t.Context(), s, 2)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if len(bursts) != 2 || len(bursts[0]) == 0 || len(bursts[1]) == 0 {
			t.Errorf("%s: bursts %v; want two with changes", s.name, bursts)
		}
	}
}

func TestFailedSave(t *testing.T) {
	_, err := measure(t.Context(), saver{"broken", inProcess(func(string, string) error { return errors.New("disk full") })}, 1)
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error %v", err)
	}
}

func TestMissingEditorIsNamed(t *testing.T) {
	_, err := measure(t.Context(), saver{"none", editor("no-such-editor")}, 1)
	if got := line("none", nil, err); !strings.Contains(got, "not measured: no no-such-editor in PATH") {
		t.Errorf("line %s", got)
	}
}

func TestLineOfBursts(t *testing.T) {
	at := func(ms ...int) (b burst) {
		for _, m := range ms {
			b = append(b, time.UnixMilli(int64(m)))
		}
		return b
	}
	got := line("x", []burst{at(0, 1, 5), at(0), at(0, 30, 40)}, nil)
	if want := "| x | 3 | 5.0 ms | 40.0 ms | 4.0 ms | 30.0 ms | 30.0 ms |"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := line("x", []burst{at(7)}, nil); got != "| x | 1 | 0.0 ms | 0.0 ms | 0.0 ms | 0.0 ms | 0.0 ms |" {
		t.Errorf("a single change: %s", got)
	}
}

func TestPercentile(t *testing.T) {
	values := []time.Duration{4, 1, 3, 2}
	for p, want := range map[int]time.Duration{0: 1, 25: 1, 50: 2, 95: 4, 100: 4} {
		if got := percentile(values, p); got != want {
			t.Errorf("percentile %d: %d, want %d", p, got, want)
		}
	}
	if percentile(nil, 50) != 0 {
		t.Error("a percentile of nothing")
	}
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{{"-saves", "0"}, {"words"}, {"-only", "("}} {
		var out bytes.Buffer
		if err := run(t.Context(), args, &out, &out); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

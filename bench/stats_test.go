package main

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var near = cmpopts.EquateApprox(0, 1e-9)

func TestSummarise(t *testing.T) {
	tests := map[string]struct {
		values []float64
		want   quartiles
	}{
		"one":               {[]float64{7}, quartiles{7, 7, 7}},
		"two":               {[]float64{3, 1}, quartiles{1.5, 2, 2.5}},
		"odd, unsorted":     {[]float64{5, 1, 4, 2, 3}, quartiles{2, 3, 4}},
		"even":              {[]float64{1, 2, 3, 4}, quartiles{1.75, 2.5, 3.25}},
		"an outlier":        {[]float64{1, 1, 1, 1, 1000}, quartiles{1, 1, 1}},
		"between by thirds": {[]float64{0, 3, 6, 12}, quartiles{2.25, 4.5, 7.5}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, summarise(test.values), cmp.AllowUnexported(quartiles{}), near); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSummariseLeavesItsArgumentAlone(t *testing.T) {
	values := []float64{3, 1, 2}
	summarise(values)
	if diff := cmp.Diff([]float64{3, 1, 2}, values); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func ms(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// The median of ratios differs from the ratio of medians: a pair on a busy machine must not count as slow.
func TestCompareTakesTheRatioWithinEachPair(t *testing.T) {
	pairs := []pair{
		{base: sample{ms(100), ms(1)}, other: sample{ms(110), ms(4)}},
		{base: sample{ms(200), ms(1)}, other: sample{ms(220), ms(2)}},
		{base: sample{ms(1000), ms(1)}, other: sample{ms(1100), ms(3)}},
	}
	tests := map[string]struct {
		metric func(sample) time.Duration
		want   summary
	}{
		"wall": {wall, summary{quartiles{1.1, 1.1, 1.1}, quartiles{150, 200, 600}, quartiles{165, 220, 660}, 1012}},
		"cpu":  {cpu, summary{quartiles{2.5, 3, 3.5}, quartiles{1, 1, 1}, quartiles{2.5, 3, 3.5}, 3.9}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, compare(pairs, test.metric), cmp.AllowUnexported(summary{}, quartiles{}), near); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// recordingRunner is a runner that records its turn; the samples are the turns.
func recordingRunner(name string, turns *[]string) runner {
	return func(context.Context) (sample, error) {
		*turns = append(*turns, name)
		return sample{wall: time.Duration(len(*turns))}, nil
	}
}

func TestAlternateSwapsTheOrderOfEachPair(t *testing.T) {
	var turns []string
	pairs, err := alternate(t.Context(), 3, recordingRunner("A", &turns), recordingRunner("B", &turns))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(turns, ""); got != "ABBAAB" {
		t.Errorf("order %s, want ABBAAB", got)
	}
	want := []pair{{sample{wall: 1}, sample{wall: 2}}, {sample{wall: 4}, sample{wall: 3}}, {sample{wall: 5}, sample{wall: 6}}}
	if diff := cmp.Diff(want, pairs, cmp.AllowUnexported(pair{}, sample{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAlternateStopsAtTheFirstFailure(t *testing.T) {
	var turns []string
	broken := errors.New("broken")
	fails := func(context.Context) (sample, error) {
		turns = append(turns, "B")
		if len(turns) > 2 {
			return sample{}, broken
		}
		return sample{}, nil
	}
	pairs, err := alternate(t.Context(), 5, recordingRunner("A", &turns), fails)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "pair 2 of 5") {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(turns, ""); got != "ABB" || len(pairs) != 1 {
		t.Errorf("order %s with %d pairs, want ABB with 1", got, len(pairs))
	}
}

func TestMilliseconds(t *testing.T) {
	if got := milliseconds(1500 * time.Microsecond); math.Abs(got-1.5) > 1e-12 {
		t.Errorf("got %v", got)
	}
}

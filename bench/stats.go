package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// sample is the cost of a run: wall time, and processor time (user and system) of the client's process and its awaited
// children. The engine's work is not included.
type sample struct{ wall, cpu time.Duration }

// wall and cpu are the two metrics of a sample.
func wall(s sample) time.Duration { return s.wall }
func cpu(s sample) time.Duration  { return s.cpu }

// runner performs a measured run. Preparation and cleanup are not part of the sample.
type runner func(context.Context) (sample, error)

// pair is two successive runs. Only their ratio has a meaning, because both met the same load.
type pair struct{ base, other sample }

// alternate takes n pairs. Every second pair has the other order, so that neither drift nor warm caches favour a side.
func alternate(ctx context.Context, n int, base, other runner) ([]pair, error) {
	pairs := make([]pair, 0, n)
	for i := range n {
		p, err := measurePair(ctx, baseFirst(i), base, other)
		if err != nil {
			return pairs, fmt.Errorf("pair %d of %d: %w", i+1, n, err)
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

// baseFirst reports whether the base runs first in the i-th pair.
func baseFirst(i int) bool { return i%2 == 0 }

func measurePair(ctx context.Context, baseIsFirst bool, base, other runner) (p pair, err error) {
	steps := []func() error{
		func() error { p.base, err = base(ctx); return err },
		func() error { p.other, err = other(ctx); return err },
	}
	if !baseIsFirst {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return pair{}, err
		}
	}
	return p, nil
}

// quartiles are the 25th, 50th and 75th percentile.
type quartiles struct{ low, median, high float64 }

// summarise needs at least one value. Between two values of the sample, summarise interpolates linearly.
func summarise(values []float64) quartiles {
	sorted := slices.Sorted(slices.Values(values))
	return quartiles{percentile(sorted, 0.25), percentile(sorted, 0.5), percentile(sorted, 0.75)}
}

func percentile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	below := int(at)
	if below == len(sorted)-1 {
		return sorted[below]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}

// summary is the row of a table for pairs in a metric.
type summary struct {
	ratio       quartiles // of each pair's own ratio, other to base
	base, other quartiles // in milliseconds
	// tail is the 95th percentile of other, in milliseconds.
	tail float64
}

func compare(pairs []pair, metric func(sample) time.Duration) summary {
	var ratios, base, other []float64
	for _, p := range pairs {
		b, o := milliseconds(metric(p.base)), milliseconds(metric(p.other))
		ratios, base, other = append(ratios, o/b), append(base, b), append(other, o)
	}
	tail := percentile(slices.Sorted(slices.Values(other)), 0.95)
	return summary{summarise(ratios), summarise(base), summarise(other), tail}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

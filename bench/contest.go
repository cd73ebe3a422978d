package main

import (
	"context"
	"fmt"
	"time"
)

// competitor is a way to do the work of a table, measured alternately with the table's base.
type competitor struct {
	name string
	// isOwn means that a failure is our fault, and not that of another tool on this machine.
	isOwn bool
	// prepare makes the needs of both sides and runs the competitor once, uncounted.
	prepare   func(context.Context) error
	base, run runner
	// memory returns the peak memory of a run in bytes. Nil: memory is not measured.
	memory func(context.Context) (int64, error)
	// finish cleans up after all pairs, or after a failure. The returned note concerns the competitor's row.
	finish func(context.Context) (note string, err error)
}

// row is a competitor's result.
type row struct {
	name, note string
	pairs      []pair
	// memory is the peak memory of a run in bytes, or 0 if not measured.
	memory int64
}

// table is the printed result of a case in a metric.
type table struct {
	title, base, how string
	metric           func(sample) time.Duration
	// hasTail adds the 95th percentile of the times.
	hasTail bool
	rows    []row
}

// runContest measures each competitor beside the base, without other competitors' processes at the same time. A failed
// competitor is noted. Only an interrupt or a failed cleanup ends the contest.
func (b *bench) runContest(ctx context.Context, name string, pairs int, contestants []competitor) ([]row, error) {
	var rows []row
	for _, c := range contestants {
		if b.options.rows != nil && !b.options.rows.MatchString(c.name) {
			b.missing = append(b.missing, missingResult{name + ": " + c.name, "left out by -row"})
			continue
		}
		fmt.Fprintf(b.log, "%s: %d pairs of %s\n", name, pairs, c.name)
		r, err := c.measure(ctx, pairs)
		note, finishErr := c.cleanUp(ctx)
		if ctx.Err() != nil {
			return rows, context.Cause(ctx)
		}
		if finishErr != nil {
			return rows, fmt.Errorf("tidying up after %s: %w", c.name, finishErr)
		}
		if err != nil {
			b.recordFailure(name+": "+c.name, err, c.isOwn)
			continue
		}
		r.note = note
		rows = append(rows, r)
	}
	return rows, nil
}

func (c competitor) measure(ctx context.Context, n int) (row, error) {
	if c.prepare != nil {
		if err := c.prepare(ctx); err != nil {
			return row{}, fmt.Errorf("before the first pair: %w", err)
		}
	}
	pairs, err := alternate(ctx, n, c.base, c.run)
	r := row{name: c.name, pairs: pairs}
	if err == nil && c.memory != nil {
		r.memory, err = c.memory(ctx)
	}
	return r, err
}

func (c competitor) cleanUp(ctx context.Context) (string, error) {
	if c.finish == nil {
		return "", nil
	}
	return c.finish(context.WithoutCancel(ctx))
}

// recordFailure records a missing measurement.
func (b *bench) recordFailure(what string, err error, ours bool) {
	fmt.Fprintf(b.log, "%s: %v\n", what, err)
	b.missing = append(b.missing, missingResult{what, err.Error()})
	b.hasFailed = b.hasFailed || ours
}

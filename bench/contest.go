package main

import (
	"context"
	"fmt"
	"time"
)

// competitor is one way to do what a table is about, measured in turns with the table's base.
type competitor struct {
	name string
	// isOwn says that its failure is ours, and not a peer that does not work on this machine.
	isOwn bool
	// prepare makes what both need and runs the contestant once, uncounted.
	prepare   func(context.Context) error
	base, run runner
	// memory tells the most memory that a run has in use, in bytes. Nil: it is not asked.
	memory func(context.Context) (int64, error)
	// finish tidies up after all pairs, or after a failure. Its note is about the contestant's row.
	finish func(context.Context) (note string, err error)
}

// row is a contestant's result.
type row struct {
	name, note string
	pairs      []pair
	// memory is the most that a run had in use, in bytes; 0: not asked.
	memory int64
}

// table is what is printed of a case in one metric.
type table struct {
	title, base, how string
	metric           func(sample) time.Duration
	rows             []row
}

// runContest measures each contestant beside the base, one contestant after the other, so that what one leaves running
// troubles no other. A contestant that fails is noted; only an interrupt, or what cannot be tidied up, ends it all.
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

// recordFailure notes that something was not measured.
func (b *bench) recordFailure(what string, err error, ours bool) {
	fmt.Fprintf(b.log, "%s: %v\n", what, err)
	b.missing = append(b.missing, missingResult{what, err.Error()})
	b.hasFailed = b.hasFailed || ours
}

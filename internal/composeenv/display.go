// Package composeenv reads the environment variables of Compose that have a meaning for the display and the limits of
// tasks (docs/commands.md).
package composeenv

import (
	"fmt"
	"slices"
	"strconv"

	"tasks/hclspec"
)

const (
	progressVariable = "COMPOSE_PROGRESS"
	ansiVariable     = "COMPOSE_ANSI"
	limitVariable    = "COMPOSE_PARALLEL_LIMIT"
)

// The styles of progress.
const (
	ProgressAuto  = "auto"
	ProgressTTY   = "tty"
	ProgressPlain = "plain"
	ProgressQuiet = "quiet"
)

// ProgressStyles returns the styles of progress.
func ProgressStyles() []string {
	return []string{ProgressAuto, ProgressTTY, ProgressPlain, ProgressQuiet}
}

// Display has the flags that the variables set.
type Display struct {
	// Progress is a style, Color auto, always or never. Jobs is the limit of commands at a time; 0: none.
	Progress, Color string
	Jobs            int
}

// Reader reads the variables. A flag of the command line has priority over a variable.
type Reader struct {
	Getenv func(string) string
	// IsSet reports whether the command line has a flag.
	IsSet func(flag string) bool
	// IsVerbose reports that each step is printed, HasTerminal that lines on stderr can be redrawn, and ShowsProgress
	// that the command shows progress, and runs several things at a time.
	IsVerbose, HasTerminal, ShowsProgress bool
	// Warn prints a warning.
	Warn func(string)
}

// Apply gives the display the values of the variables. An error is about a variable without a meaning.
func (r Reader) Apply(d *Display) error {
	if err := r.applyANSI(d); err != nil || !r.ShowsProgress {
		return err
	}
	if err := r.applyProgress(d); err != nil {
		return err
	}
	limit := r.Getenv(limitVariable)
	if limit == "" || r.IsSet("jobs") {
		return nil
	}
	n, err := strconv.Atoi(limit)
	if err != nil {
		return fmt.Errorf("%s=%s: it is a number, -1 for no limit", limitVariable, limit)
	}
	d.Jobs = max(n, 0)
	return nil
}

// applyANSI applies COMPOSE_ANSI. As in Compose, NO_COLOR has priority, and without ANSI codes progress is plain.
func (r Reader) applyANSI(d *Display) error {
	value, values := r.Getenv(ansiVariable), []string{"auto", "always", "never"}
	if value == "" || r.IsSet("color") {
		return nil
	}
	switch {
	case value == "never":
		d.Color = value
		if d.Progress == ProgressAuto {
			d.Progress = ProgressPlain
		}
	case value == "always" && r.Getenv("NO_COLOR") == "":
		d.Color = value
	case !slices.Contains(values, value) && r.ShowsProgress:
		return fmt.Errorf("%s", hclspec.NotOneOf(ansiVariable, value, values))
	}
	return nil
}

// applyProgress applies COMPOSE_PROGRESS. Without a terminal, tty means auto: the variable is for all calls.
func (r Reader) applyProgress(d *Display) error {
	if r.IsSet("progress") || r.IsSet("quiet") || r.IsVerbose {
		return nil
	}
	switch value := r.Getenv(progressVariable); value {
	case "", ProgressAuto:
	case ProgressTTY:
		if r.HasTerminal {
			d.Progress = ProgressTTY
		}
	case ProgressPlain, ProgressQuiet:
		d.Progress = value
	case "none":
		d.Progress = ProgressQuiet
	case "json":
		d.Progress = ProgressPlain
		r.Warn(fmt.Sprintf("%s=json: progress is shown as lines; --events FILE writes JSON", progressVariable))
	default:
		return fmt.Errorf("%s", hclspec.NotOneOf(progressVariable, value, ProgressStyles()))
	}
	return nil
}

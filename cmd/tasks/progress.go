package main

import (
	"slices"

	"github.com/spf13/cobra"

	"tasks/internal/composeenv"
)

// applyComposeVariables gives flags the values of Compose's variables.
func (a *app) applyComposeVariables(cmd *cobra.Command) error {
	reader := composeenv.Reader{
		Getenv: a.env.Getenv, IsSet: cmd.Flags().Changed, IsVerbose: a.flags.verbose, HasTerminal: a.hasTerminalOutput(),
		ShowsProgress: slices.Contains(commandsFor("dry-run"), cmd.Name()), Warn: a.printer.PrintWarning,
	}
	display := composeenv.Display{Progress: a.flags.progress, Color: a.flags.color, Jobs: a.flags.jobs}
	err := reader.Apply(&display)
	a.flags.progress, a.flags.color, a.flags.jobs = display.Progress, display.Color, display.Jobs
	return err
}

// checkProgress returns an error for contradicting flags about progress.
func (o *runOptions) checkProgress(a *app) error {
	progress := a.flags.progress
	switch {
	case o.quiet && o.set.Changed("progress") && progress != composeenv.ProgressQuiet:
		return usageError("--quiet and --progress %s exclude each other", progress)
	case a.flags.verbose && (o.quiet || progress == composeenv.ProgressQuiet):
		return usageError("--verbose and --quiet exclude each other, and so do --verbose and --progress quiet")
	}
	return nil
}

// checkProgressTTY returns an error for --progress tty without a terminal.
func (a *app) checkProgressTTY() error {
	if a.flags.progress == composeenv.ProgressTTY && !a.hasTerminalOutput() {
		return usageError("--progress tty: stderr is not a terminal; use --progress plain")
	}
	return nil
}

// hasTerminalOutput reports whether lines on stderr can be redrawn.
func (a *app) hasTerminalOutput() bool {
	return a.printer.HasTerminalStderr() && a.env.Getenv("TERM") != "dumb"
}

// hasLiveDisplay reports whether stderr shows the steps under way: at a terminal, unless a flag asks for lines.
func (a *app) hasLiveDisplay() bool {
	return a.flags.progress == composeenv.ProgressTTY ||
		a.flags.progress == composeenv.ProgressAuto && a.hasTerminalOutput()
}

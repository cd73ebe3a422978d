package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"tasks/hclspec"
)

// Variables of Compose with a meaning for the display and the limits of tasks (docs/commands.md).
const (
	composeProgress      = "COMPOSE_PROGRESS"
	composeANSI          = "COMPOSE_ANSI"
	composeParallelLimit = "COMPOSE_PARALLEL_LIMIT"
)

// progressCommands show progress, and run several things at a time.
func progressCommands() []string { return []string{"run", "once", "watch", "up"} }

// applyComposeVariables gives flags the values of Compose's variables. A flag of the command line has priority.
func (a *app) applyComposeVariables(cmd *cobra.Command) error {
	showsProgress := slices.Contains(progressCommands(), cmd.Name())
	if err := a.applyComposeANSI(cmd, showsProgress); err != nil || !showsProgress {
		return err
	}
	if err := a.applyComposeProgress(cmd); err != nil {
		return err
	}
	limit := a.env.Getenv(composeParallelLimit)
	if limit == "" || cmd.Flags().Changed("jobs") {
		return nil
	}
	n, err := strconv.Atoi(limit)
	if err != nil {
		return usageError("%s=%s: it is a number, -1 for no limit", composeParallelLimit, limit)
	}
	a.flags.jobs = max(n, 0)
	return nil
}

// applyComposeANSI applies COMPOSE_ANSI. As in Compose, NO_COLOR has priority, and without ANSI codes progress is
// plain.
func (a *app) applyComposeANSI(cmd *cobra.Command, showsProgress bool) error {
	value := a.env.Getenv(composeANSI)
	if value == "" || cmd.Flags().Changed("color") {
		return nil
	}
	switch {
	case value == "never":
		a.flags.color = value
		if a.flags.progress == progressAuto {
			a.flags.progress = progressPlain
		}
	case value == "always" && a.env.Getenv("NO_COLOR") == "":
		a.flags.color = value
	case value != "auto" && value != "always" && showsProgress:
		return usageError("%s", hclspec.NotOneOf(composeANSI, value, []string{"auto", "always", "never"}))
	}
	return nil
}

// applyComposeProgress applies COMPOSE_PROGRESS. Without a terminal, tty means auto: the variable is for all calls.
func (a *app) applyComposeProgress(cmd *cobra.Command) error {
	flags := cmd.Flags()
	if flags.Changed("progress") || flags.Changed("quiet") || a.flags.verbose {
		return nil
	}
	switch value := a.env.Getenv(composeProgress); value {
	case "", progressAuto:
	case progressTTY:
		if a.hasTerminalOutput() {
			a.flags.progress = progressTTY
		}
	case progressPlain, progressQuiet:
		a.flags.progress = value
	case "none":
		a.flags.progress = progressQuiet
	case "json":
		a.flags.progress = progressPlain
		a.printer.PrintWarning(fmt.Sprintf("%s=json: progress is shown as lines; --events FILE writes JSON", composeProgress))
	default:
		return usageError("%s", hclspec.NotOneOf(composeProgress, value, progressStyles()))
	}
	return nil
}

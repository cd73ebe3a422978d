package main

import (
	"tasks/internal/terminal"
	"tasks/internal/view"
)

// The values of --progress.
const (
	progressAuto  = "auto"
	progressTTY   = "tty"
	progressPlain = "plain"
	progressQuiet = "quiet"
)

func progressStyles() []string {
	return []string{progressAuto, progressTTY, progressPlain, progressQuiet}
}

// checkProgress finds what contradicts itself in how progress is to be shown.
func (o *runOptions) checkProgress(a *app) error {
	progress := a.flags.progress
	switch {
	case o.quiet && o.set.Changed("progress") && progress != progressQuiet:
		return usageError("--quiet and --progress %s exclude each other", progress)
	case a.flags.verbose && (o.quiet || progress == progressQuiet):
		return usageError("--verbose and --quiet exclude each other, and so do --verbose and --progress quiet")
	}
	return nil
}

// checkProgressTTY finds progress that cannot be shown as it is wanted, before something runs.
func (a *app) checkProgressTTY() error {
	if a.flags.progress == progressTTY && !a.hasTerminalOutput() {
		return usageError("--progress tty: what goes to stderr is not shown by a terminal. Write --progress plain, or leave it out")
	}
	return nil
}

// hasTerminalOutput says whether lines on stderr can be redrawn.
func (a *app) hasTerminalOutput() bool {
	return terminal.New(a.stdin, a.stderr).IsOutput() && a.getenv("TERM") != "dumb"
}

// enableLive lets the console show what is under way where stderr is a terminal, unless lines or nothing are wanted.
func (a *app) enableLive(c *view.Output) {
	a.output = c
	isLive := a.settings.progress == progressTTY || a.settings.progress == progressAuto && a.hasTerminalOutput()
	if !isLive || a.settings.display.Quiet {
		return
	}
	t := terminal.New(a.stderr, a.stderr)
	c.Live(func() int {
		_, columns, err := t.Size()
		if err != nil {
			return 0
		}
		return int(columns)
	})
}

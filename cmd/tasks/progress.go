package main

import (
	"slices"
	"strings"

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

// checkProgress finds what is wrong with how progress is to be shown. Commands that show none do not have the flags.
func (o *runOptions) checkProgress(a *app) error {
	switch {
	case o.progress == "":
		return nil
	case !slices.Contains(progressStyles(), o.progress):
		return usageError("--progress %s: it is %s", o.progress, strings.Join(progressStyles(), ", "))
	case o.progress == progressTTY && !a.atTerminal():
		return usageError("--progress tty: what goes to stderr is not shown by a terminal. Write --progress plain, or leave it out")
	case o.quiet && o.set.Changed("progress") && o.progress != progressQuiet:
		return usageError("--quiet and --progress %s exclude each other", o.progress)
	case o.verbose && (o.quiet || o.progress == progressQuiet):
		return usageError("--verbose and --quiet exclude each other, and so do --verbose and --progress quiet")
	}
	return nil
}

// atTerminal says whether lines on stderr can be redrawn.
func (a *app) atTerminal() bool {
	return terminal.New(a.stdin, a.stderr).IsOutput() && a.getenv("TERM") != "dumb"
}

// showLive lets the console show what is under way where stderr is a terminal, unless lines or nothing are wanted.
func (a *app) showLive(c *view.Console) {
	a.shown = c
	live := a.policy.progress == progressTTY || a.policy.progress == progressAuto && a.atTerminal()
	if !live || a.policy.looks.Quiet {
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

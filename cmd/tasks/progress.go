package main

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
		return usageError("--progress tty: stderr is not a terminal; use --progress plain")
	}
	return nil
}

// hasTerminalOutput says whether lines on stderr can be redrawn.
func (a *app) hasTerminalOutput() bool {
	return a.printer.HasTerminalStderr() && a.getenv("TERM") != "dumb"
}

// hasLiveDisplay reports whether stderr shows the steps under way: at a terminal, unless a flag asks for lines.
func (a *app) hasLiveDisplay() bool {
	return a.settings.progress == progressTTY || a.settings.progress == progressAuto && a.hasTerminalOutput()
}

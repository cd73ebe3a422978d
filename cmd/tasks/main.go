// Command tasks is a declarative task runner. Tasks.hcl beside compose.yaml declares the tasks of a team, and
// `tasks run` performs tasks on the Docker Engine, together with the services for each task.
package main

import (
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

func main() {
	os.Exit(run())
}

// gcPercent lets the heap grow to five times the live data, a few megabytes in this program.
const gcPercent = 400

// keepHeapSmall undoes gcPercent for a long call.
func keepHeapSmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100)
	}
}

// run returns the exit code of the program.
func run() int {
	// Most calls are short. Several garbage collections would fall into the start alone.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	// After the reader of a pipe has ended, writes must fail and must not end the program before the cleanup.
	// Commands do not inherit a handler, but would inherit an ignored signal.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	cwd, err := os.Getwd()
	if err != nil {
		os.Stderr.WriteString("tasks: cannot tell the working directory: " + err.Error() + "\n")
		return codeUsage
	}
	printer := view.NewPrinter(os.Stdin, os.Stdout, os.Stderr)
	env := workspace.Environment{
		Environ: os.Environ(), WorkingDir: cwd, Version: view.ProgramVersion(), OnUnset: view.RedirectLoadWarnings(printer),
	}
	return makeApp(env, os.Stdin, printer).main(os.Args[1:])
}

// Command tasks is a declarative task runner: Tasks.hcl beside compose.yaml names a team's one-off runs, and `tasks run`
// performs them on the Docker Engine, with the services that they need.
package main

import (
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"

	"tasks/internal/view"
)

func main() {
	os.Exit(run())
}

// gcPercent lets the heap grow to five times what is in use, which here is some megabytes.
const gcPercent = 400

// run is main with an exit code.
func run() int {
	// Most calls live for a moment and would collect garbage several times before they have begun.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	// A reader that has gone must not kill us before we have cleaned up: writes then fail instead. A handler, unlike
	// ignoring, is not inherited by commands.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	cwd, err := os.Getwd()
	if err != nil {
		os.Stderr.WriteString("tasks: cannot tell the working directory: " + err.Error() + "\n")
		return codeUsage
	}
	printer := view.NewPrinter(os.Stdin, os.Stdout, os.Stderr)
	view.RedirectLoadWarnings(printer)
	a := &app{stdin: os.Stdin, printer: printer, environ: os.Environ(), cwd: cwd, storeMu: &sync.Mutex{}}
	return a.main(os.Args[1:])
}

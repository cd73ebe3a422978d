package view

import (
	"fmt"
	"strings"
)

// maxListedChanges is the number of files in the first line of a rerun.
const maxListedChanges = 3

// WatchLines writes the lines of `tasks watch` to stderr, each with the name of the task.
type WatchLines struct {
	Printer *Printer
	Task    string
}

// PrintExitCode reports the end of a run.
func (w WatchLines) PrintExitCode(code int) {
	w.print(fmt.Sprintf("exit code %d; waiting for changes (Ctrl-C ends the watch)", code))
}

// PrintChanges names the changed files before a rerun.
func (w WatchLines) PrintChanges(changes []string) {
	text := strings.Join(changes[:min(len(changes), maxListedChanges)], ", ")
	if more := len(changes) - maxListedChanges; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	w.print("changed: " + text)
}

// PrintOverflow announces a rerun without names of files: the system lost events.
func (w WatchLines) PrintOverflow() { w.print("changed: more than the system could tell") }

// PrintFallback reports a rerun with the last files without errors.
func (w WatchLines) PrintFallback() { w.print("going on with the files as they were") }

func (w WatchLines) print(text string) {
	w.Printer.printErrLine("watch " + w.Task + "  " + text)
}

package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"tasks/internal/durations"
	"tasks/internal/plaintext"
	"tasks/internal/record"
)

// maxListedChanges is the number of files in the first line of a rerun.
const maxListedChanges = 3

// WatchLines writes the lines of `tasks watch` to stderr, each with the names of the tasks.
type WatchLines struct {
	Printer *Printer
	Tasks   []string
	// HasKeys reports whether the watch reads keys.
	HasKeys bool
	// LastRun is the time that the last run took, or 0.
	LastRun time.Duration
	// Record gets each line as an event. Record may be nil.
	Record func(record.WatchEvent)
}

// HoldVerdict leaves the verdict of each run to [WatchLines.PrintExitCode] and [WatchLines.PrintRunVerdict].
func (w WatchLines) HoldVerdict() { w.Printer.holdsVerdict.Store(true) }

// PrintExitCode reports the end of a run. The verdict is the last line.
func (w WatchLines) PrintExitCode(code int) {
	w.record(record.WatchEvent{Kind: record.WatchWaiting, ExitCode: &code})
	w.print(fmt.Sprintf("exit code %d; %s", code, w.waitingText()))
	w.PrintRunVerdict()
}

// PrintRunVerdict prints the verdict about a failed run.
func (w WatchLines) PrintRunVerdict() {
	if verdict := w.Printer.verdict.Swap(nil); verdict != nil && *verdict != "" {
		w.Printer.printErrLine(*verdict)
	}
}

// PrintWaiting reports a watch that begins without a run.
func (w WatchLines) PrintWaiting() {
	w.record(record.WatchEvent{Kind: record.WatchWaiting})
	w.print(w.waitingText())
}

// PrintKeys lists the keys.
func (w WatchLines) PrintKeys() {
	w.print("keys: r reruns all tasks, p pauses and continues, q ends the watch, ? and Enter list the keys")
}

func (w WatchLines) waitingText() string {
	if w.HasKeys {
		return "waiting for changes (r reruns, p pauses, q ends the watch, ? lists the keys)"
	}
	return "waiting for changes (Ctrl-C ends the watch)"
}

// PrintChanges names the changed files before a rerun. Runs are the task runs that the change concerns; none: all.
func (w WatchLines) PrintChanges(changes, runs []string) {
	w.record(record.WatchEvent{Kind: record.WatchChanged, Files: changes, Tasks: runs})
	text := strings.Join(changes[:min(len(changes), maxListedChanges)], ", ")
	if more := len(changes) - maxListedChanges; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if len(runs) > 0 {
		text += "; runs " + strings.Join(runs, ", ")
	}
	w.print("changed: " + text + w.lastRunText())
}

// lastRunText is the end of a header: the time that the last run took.
func (w WatchLines) lastRunText() string {
	if w.LastRun == 0 {
		return ""
	}
	return " (the last run took " + durations.Text(w.LastRun) + ")"
}

// PrintOverflow announces a rerun without names of files: the system lost events.
func (w WatchLines) PrintOverflow() {
	const text = "more than the system could tell"
	w.record(record.WatchEvent{Kind: record.WatchChanged, Text: text})
	w.print("changed: " + text + w.lastRunText())
}

// PrintRequested announces a rerun by a key.
func (w WatchLines) PrintRequested() {
	w.record(record.WatchEvent{Kind: record.WatchRequested})
	w.print("rerun by key" + w.lastRunText())
}

// PrintPause reports the begin or the end of a pause.
func (w WatchLines) PrintPause(isPaused bool) {
	if isPaused {
		w.record(record.WatchEvent{Kind: record.WatchPaused})
		w.print("paused: changes start no run (p continues)")
		return
	}
	w.record(record.WatchEvent{Kind: record.WatchContinued})
	w.print("continued")
}

// PrintFallback reports a rerun with the last files without errors.
func (w WatchLines) PrintFallback() {
	w.record(record.WatchEvent{Kind: record.WatchFallback})
	w.print("keeping the last valid files")
}

// PrintOwnWrites names files that the runs themselves write.
func (w WatchLines) PrintOwnWrites(files []string, isStopped bool) {
	text := "changes in every run and starts the next"
	if isStopped {
		text += "; from now on only while nothing runs"
	} else {
		text += "; runs for it are delayed"
	}
	w.record(record.WatchEvent{Kind: record.WatchOwnWrites, Files: files, Text: text})
	w.print(fmt.Sprintf("warning: %s %s. If the task writes it, add it to `outputs` or to `ignore` of the watch block",
		strings.Join(files, ", "), text))
}

// PrintVerdict explains which rule takes or ignores a changed file.
func (w WatchLines) PrintVerdict(file string, isIncluded bool, rule string) {
	if !isIncluded {
		w.PrintIgnored(file, rule)
		return
	}
	w.explain(file, "counts: "+rule)
}

// PrintIgnored explains why a changed file starts no run.
func (w WatchLines) PrintIgnored(file, reason string) {
	w.explain(file, "is ignored: "+reason)
}

func (w WatchLines) explain(file, text string) {
	w.record(record.WatchEvent{Kind: record.WatchExplained, Files: []string{file}, Text: text})
	w.print("explain: " + file + " " + text)
}

// RecordError records an error that the watch survives. The caller prints the error.
func (w WatchLines) RecordError(err error) {
	w.record(record.WatchEvent{Kind: record.WatchError, Err: err})
}

func (w WatchLines) record(e record.WatchEvent) {
	if w.Record != nil {
		w.Record(e)
	}
}

// PrintStandby explains the container for the next run of a task.
func (w WatchLines) PrintStandby(task, text string) {
	w.print("explain: standby of " + task + ": " + text)
}

// Clear clears the terminal of stderr with its history. Without a terminal, Clear does nothing.
func (w WatchLines) Clear() {
	if w.Printer.HasTerminalStderr() {
		_, _ = io.WriteString(RawStderr(w.Printer), "\x1b[H\x1b[2J\x1b[3J") // the next line shows an error of stderr
	}
}

// Notify rings the bell of the terminal and sends a notification to the desktop of the terminal (OSC 9), with the exit
// code of a run. Without a terminal, only the line with the exit code remains.
func (w WatchLines) Notify(code int) {
	if !w.Printer.HasTerminalStderr() {
		return
	}
	text := w.Printer.Mask(fmt.Sprintf("tasks watch %s: exit code %d", strings.Join(w.Tasks, ", "), code))
	_, _ = io.WriteString(RawStderr(w.Printer), "\x1b]9;"+plaintext.Escape(text)+"\x07\x07") // only a courtesy
}

func (w WatchLines) print(text string) {
	w.Printer.printErrLine(plaintext.Escape("watch " + strings.Join(w.Tasks, ", ") + "  " + text))
}

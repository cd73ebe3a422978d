package record

// The kinds of [WatchEvent].
const (
	// WatchWaiting: the watch waits for changes, with the exit code of the last run.
	WatchWaiting = "watch_waiting"
	// WatchChanged: files have changed, and a run follows, of some tasks or of all.
	WatchChanged = "watch_changed"
	// WatchRequested: a person has asked for a run.
	WatchRequested = "watch_requested"
	// WatchPaused and WatchContinued: a pause begins or ends.
	WatchPaused, WatchContinued = "watch_paused", "watch_continued"
	// WatchExplained: a rule has taken or ignored a file.
	WatchExplained = "watch_explained"
	// WatchOwnWrites: the runs themselves write files again and again.
	WatchOwnWrites = "watch_own_writes"
	// WatchError: the files of a plan have errors, or some files are no longer watched.
	WatchError = "watch_error"
	// WatchFallback: a run follows with the last valid files.
	WatchFallback = "watch_fallback"
)

// WatchEvent is an event of a watch outside of its runs.
type WatchEvent struct {
	Kind string
	Text string
	// Files are relative to the project, with slashes.
	Files, Tasks []string
	// ExitCode is nil before the first run.
	ExitCode *int
	Err      error
}

// Watch writes an event of a watch to the events. The end of the next run reports a failed write.
func (r *Recording) Watch(e WatchEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.recorders {
		if events, ok := k.(*eventRecorder); ok {
			events.watch(r.now(), e)
		}
	}
}

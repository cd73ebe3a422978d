package watch

import (
	"slices"
	"time"
)

// loopGuard recognizes files that the runs themselves write. A run that writes a watched file makes a change, the
// change makes a run, and so on without end.
//
// The guard counts consecutive runs with a change of the same file: by the time from the start of the run, because a
// run writes at about the same time again, and by runs that ended by themselves.
type loopGuard struct {
	run       int
	startedAt time.Time
	hasEnded  bool
	// files are the counts by file. The empty name counts the changes of any file: a run may write a new file each time.
	files map[string]*ownWrites
	// report is called once for files that look like written by the runs.
	report   func(files []string, isStopped bool)
	reported map[string]report
}

// report is the last report about a file.
type report int

const (
	reportedDelay report = iota + 1
	reportedStop
)

// ownWrites counts the runs with a change of a file.
type ownWrites struct {
	// runs are consecutive runs with a change at about the same time. completed are consecutive runs with a change that
	// ended by themselves.
	runs, completed int
	// lastRun is the last run with a change, offset the time from the start of the run.
	lastRun int
	offset  time.Duration
	// delays is the number of delayed reruns, checks the number of those after runs that ended by themselves.
	delays, checks int
}

const (
	// ownWriteRuns is the number of runs that make a file suspicious, ownWriteRunsOfAny that for changing files.
	ownWriteRuns, ownWriteRunsOfAny = 3, 6
	// checkRuns is the number of delayed runs before a loop ends.
	checkRuns = 2
	// firstDelay is the delay of a rerun for suspicious files. Each further delay is twice as long, up to longestDelay.
	firstDelay, longestDelay = 2 * time.Second, time.Minute
	// sameOffset is the smallest tolerance between two offsets. Planning and starting take a different time in each run.
	sameOffset = 500 * time.Millisecond
)

// begin starts to count a run.
func (g *loopGuard) begin() {
	g.run++
	g.startedAt, g.hasEnded = time.Now(), false
}

// end notes the end of a run. A run ended by a change says nothing about the time of later writes.
func (g *loopGuard) end(isCancelled bool) {
	g.hasEnded = !isCancelled
	for _, w := range g.files {
		switch {
		case isCancelled:
			w.completed = 0
		case w.lastRun == g.run:
			w.completed++
		}
	}
}

// observe counts the changes of a batch during a run or shortly after.
func (g *loopGuard) observe(b Batch) {
	if g.files == nil {
		g.files = map[string]*ownWrites{}
	}
	hasOwn := false
	for _, file := range b.Changes {
		w := g.record(file)
		g.count(w)
		hasOwn = hasOwn || max(w.runs, w.completed) >= ownWriteRuns
	}
	if !hasOwn { // a file in each run explains the changes: other files are edits
		g.count(g.record(""))
	}
}

func (g *loopGuard) record(file string) *ownWrites {
	w := g.files[file]
	if w == nil {
		w = &ownWrites{}
		g.files[file] = w
	}
	return w
}

func (g *loopGuard) count(w *ownWrites) {
	if w.lastRun == g.run {
		return
	}
	offset := time.Since(g.startedAt)
	difference := max(offset, w.offset) - min(offset, w.offset)
	isConsecutive := w.lastRun == g.run-1
	if !isConsecutive {
		w.completed, w.delays, w.checks = 0, 0, 0
	}
	if isConsecutive && difference <= max(sameOffset, max(offset, w.offset)/4) {
		w.runs++
	} else {
		w.runs = 1
	}
	if g.hasEnded {
		w.completed++
	}
	w.lastRun, w.offset = g.run, offset
}

// forget resets the counts of files that changed while nothing ran: something else writes the files too.
func (g *loopGuard) forget(b Batch) {
	for _, file := range append(slices.Clone(b.Changes), "") {
		delete(g.files, file)
		delete(g.reported, file)
	}
}

// isSuspicious reports whether the runs probably write all files of a batch.
func (g *loopGuard) isSuspicious(b Batch) bool {
	return g.all(b, func(w *ownWrites) int { return w.runs })
}

// isOwn reports whether runs that ended by themselves have written all files of a batch again and again.
func (g *loopGuard) isOwn(b Batch) bool {
	return g.all(b, func(w *ownWrites) int { return w.completed })
}

// isChecked reports whether enough delayed runs have written the files of a batch too.
func (g *loopGuard) isChecked(b Batch) bool {
	files := b.Changes
	if w := g.files[""]; w != nil && w.completed >= ownWriteRunsOfAny {
		files = []string{""}
	}
	return !slices.ContainsFunc(files, func(file string) bool {
		w := g.files[file]
		return w == nil || w.checks < checkRuns
	})
}

// check counts a delayed run that shows if runs write the files of a batch.
func (g *loopGuard) check(b Batch) {
	for _, file := range append(slices.Clone(b.Changes), "") {
		if w := g.files[file]; w != nil {
			w.checks++
		}
	}
}

func (g *loopGuard) all(b Batch, count func(*ownWrites) int) bool {
	if b.Err != nil {
		return false
	}
	if w := g.files[""]; w != nil && count(w) >= ownWriteRunsOfAny {
		return true
	}
	return len(b.Changes) > 0 && !slices.ContainsFunc(b.Changes, func(file string) bool {
		w := g.files[file]
		return w == nil || count(w) < ownWriteRuns
	})
}

// delay returns the delay of a rerun for suspicious files.
func (g *loopGuard) delay(b Batch) time.Duration {
	longest := firstDelay
	for _, file := range b.Changes {
		if w := g.files[file]; w != nil {
			longest = max(longest, firstDelay<<min(w.delays, 10))
		}
	}
	return min(longest, longestDelay)
}

// endDelay counts a delay that has passed. A run for other reasons cuts a delay short; such a delay does not count.
func (g *loopGuard) endDelay(b Batch) {
	for _, file := range b.Changes {
		if w := g.files[file]; w != nil {
			w.delays++
		}
	}
}

// tell reports the files of a batch: each file once as delayed and once as stopped, until something else changes the
// file.
func (g *loopGuard) tell(b Batch, isStopped bool) {
	if g.reported == nil {
		g.reported = map[string]report{}
	}
	now := reportedDelay
	if isStopped {
		now = reportedStop
	}
	var files []string
	for _, file := range b.Changes {
		if g.reported[file] < now {
			g.reported[file] = now
			files = append(files, file)
		}
	}
	if len(files) > 0 && g.report != nil {
		g.report(files, isStopped)
	}
}

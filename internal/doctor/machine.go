package doctor

import (
	"fmt"
	"time"

	"tasks/executor/watch"
)

const gib = 1 << 30

// checkDisk checks the free space of a local directory. The engine may run in a virtual machine with another disk; then
// the directory does not exist here.
func checkDisk(r *Report, dir string, isLocal bool) {
	if !isLocal || dir == "" {
		return
	}
	free, total, ok := diskSpace(dir)
	if !ok {
		return
	}
	fact := fmt.Sprintf("%.1f of %.1f GiB of the disk with %s are free", float64(free)/gib, float64(total)/gib, dir)
	const remedy = "docker system df shows the used space; docker image prune removes images without a name"
	switch {
	case free < gib/2:
		r.add("disk", Problem, fact, remedy)
	case free < 5*gib:
		r.add("disk", Warning, fact, remedy)
	default:
		r.add("disk", OK, fact, "")
	}
}

// walkTimeout limits the time of a count.
const walkTimeout = 2 * time.Second

// The limits that usual projects need.
const (
	usualDirectories = 524288
	usualWatchers    = 512
	fewWatchers      = 64
)

// checkWatches compares the number of directories below dir with the limit of the system. Systems without this limit
// give no finding.
func checkWatches(r *Report, dir string) {
	limit, ok := watch.ReadLimit(watch.DirectoryLimit)
	if !ok {
		return
	}
	addWatches(r, watch.CountDirectories(dir, limit+1, time.Now().Add(walkTimeout)), limit)
	if watchers, ok := watch.ReadLimit(watch.WatcherLimit); ok && watchers < fewWatchers {
		r.add("watch", Warning, fmt.Sprintf("the system has at most %d watchers for each user", watchers),
			raiseLimit(watch.WatcherLimit, usualWatchers))
	}
}

// addWatches adds the finding about a number of directories.
func addWatches(r *Report, count, limit int) {
	fact := fmt.Sprintf("directories in the project: %d; the system watches at most %d", count, limit)
	remedy := raiseLimit(watch.DirectoryLimit, max(usualDirectories, 2*limit)) +
		", or exclude directories with watch.ignore or .gitignore"
	switch {
	case count > limit:
		r.add("watch", Problem, fact, remedy)
	case count > limit/2:
		r.add("watch", Warning, fact, remedy)
	default:
		r.add("watch", OK, fact, "")
	}
}

func raiseLimit(limit string, value int) string {
	return fmt.Sprintf("sudo sysctl %s=%d", watch.Setting(limit), value)
}

package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
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

// inotifyDir has the limits of Linux for watched files.
const inotifyDir = "/proc/sys/fs/inotify/"

// walkTimeout limits the time of a count.
const walkTimeout = 2 * time.Second

// checkWatches compares the number of directories below dir with the limit of the system. Systems without this limit
// give no finding.
func checkWatches(r *Report, dir string) {
	limit, ok := readNumber(inotifyDir + "max_user_watches")
	if !ok {
		return
	}
	count := countDirectories(dir, limit+1, time.Now().Add(walkTimeout))
	fact := fmt.Sprintf("%d directories in the project; the system watches at most %d", count, limit)
	const remedy = "sudo sysctl fs.inotify.max_user_watches=524288, or exclude directories with watch.ignore or .gitignore"
	switch {
	case count > limit:
		r.add("watch", Problem, fact, remedy)
	case count > limit/2:
		r.add("watch", Warning, fact, remedy)
	default:
		r.add("watch", OK, fact, "")
	}
	const fewInstances = 64
	if instances, ok := readNumber(inotifyDir + "max_user_instances"); ok && instances < fewInstances {
		r.add("watch", Warning, fmt.Sprintf("the system has at most %d watchers for each user", instances),
			"sudo sysctl fs.inotify.max_user_instances=512")
	}
}

func readNumber(path string) (int, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return n, err == nil
}

// countDirectories counts the directories below dir, without those of git and of tasks, up to a number and a time.
func countDirectories(dir string, most int, deadline time.Time) int {
	count := 0
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && entry != nil && entry.IsDir():
			return fs.SkipDir // unreadable directories cannot be watched
		case err != nil || !entry.IsDir():
			return nil
		case entry.Name() == ".git" || entry.Name() == ".tasks":
			return fs.SkipDir
		}
		count++
		if count >= most || time.Now().After(deadline) {
			return fs.SkipAll
		}
		return nil
	})
	return count
}

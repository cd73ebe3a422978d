package watch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The limits of Linux for a user, in inotifyDir: the number of watched directories, and the number of programs that
// watch.
const (
	inotifyDir     = "/proc/sys/fs/inotify/"
	DirectoryLimit = "max_user_watches"
	WatcherLimit   = "max_user_instances"
)

// Setting is the name of a limit for sysctl.
func Setting(limit string) string { return "fs.inotify." + limit }

// ReadLimit returns a limit of the system; false: the system has no such limit.
func ReadLimit(limit string) (value int, hasLimit bool) {
	value, err := strconv.Atoi(readLimit(limit))
	return value, err == nil
}

// readLimit returns a limit as text, or an empty text.
func readLimit(limit string) string {
	text, _ := os.ReadFile(inotifyDir + limit) // another system has no such file
	return strings.TrimSpace(string(text))
}

// CountDirectories counts the directories that a watch of a directory without rules has: the directory and all below
// that no ignore file excludes. The count ends at most and at the deadline.
func CountDirectories(dir string, most int, deadline time.Time) int {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return 0
	}
	c := directoryCount{ignored: NewIgnored(dir), most: most, deadline: deadline}
	c.add(dir)
	return c.found
}

type directoryCount struct {
	ignored     *Ignored
	found, most int
	deadline    time.Time
}

func (c *directoryCount) add(dir string) {
	c.found++
	c.ignored.Enter(dir)
	defer c.ignored.Leave()
	children, err := os.ReadDir(dir)
	if err != nil {
		return // an unreadable directory cannot be watched
	}
	for _, child := range children {
		if c.found >= c.most || time.Now().After(c.deadline) {
			return
		}
		path := filepath.Join(dir, child.Name())
		if child.IsDir() && child.Name() != ".git" && child.Name() != ".tasks" && !c.ignored.Excludes(path, true) {
			c.add(path)
		}
	}
}

package watch

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// contentDigests remembers the content of changed files. A command that writes equal content again and again must not
// look like an edit. Only the goroutine of a loop uses this type.
type contentDigests struct {
	root    string
	digests map[string]digest
	// rewrites counts by file the runs with a change that left the content as before.
	rewrites map[string]rewrites
}

// rewrites are consecutive runs with a change that left the content of a file as before.
type rewrites struct{ runs, lastRun int }

// rewriteRuns is the number of consecutive runs that make equal content a run's own work. One run is no proof: an edit
// that is undone within a batch leaves equal content too, and the run may have read the content in between.
const rewriteRuns = 2

// digest is the digest of a file's content. The zero digest means a removed file.
type digest [sha256.Size]byte

func newContentDigests(root string) *contentDigests {
	return &contentDigests{root: root, digests: map[string]digest{}, rewrites: map[string]rewrites{}}
}

// changed returns the files of a batch during a run, or shortly after, without the files that runs write again and
// again with equal content. A file without an earlier batch counts, and so does an unreadable file.
func (c *contentDigests) changed(changes []string, run int) []string {
	var other []string
	for _, change := range changes {
		before, known := c.digests[change]
		now, err := digestOf(filepath.Join(c.root, filepath.FromSlash(change)))
		c.digests[change] = now
		if err != nil || !known || before != now {
			delete(c.rewrites, change)
			other = append(other, change)
		} else if !c.isRewritten(change, run) {
			other = append(other, change)
		}
	}
	return other
}

// isRewritten counts a change with equal content, and reports whether enough consecutive runs made such a change.
func (c *contentDigests) isRewritten(change string, run int) bool {
	r := c.rewrites[change]
	switch r.lastRun {
	case run:
	case run - 1:
		r.runs++
	default:
		r.runs = 1
	}
	r.lastRun = run
	c.rewrites[change] = r
	return r.runs >= rewriteRuns
}

// remember notes the content after changes while nothing ran.
func (c *contentDigests) remember(changes []string) {
	for _, change := range changes {
		c.digests[change], _ = digestOf(filepath.Join(c.root, filepath.FromSlash(change))) // a later change counts
		delete(c.rewrites, change)
	}
}

// errNoContent is the error for a pipe, which would block, and for all others that are no files.
var errNoContent = errors.New("not a regular file")

func digestOf(path string) (d digest, err error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return d, nil
	case err != nil:
		return d, err
	case !info.Mode().IsRegular():
		return d, errNoContent
	}
	f, err := os.Open(path)
	if err != nil {
		return d, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err = io.Copy(h, f); err != nil {
		return d, err
	}
	h.Sum(d[:0])
	return d, nil
}

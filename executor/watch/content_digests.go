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
}

// digest is the digest of a file's content. The zero digest means a removed file.
type digest [sha256.Size]byte

// changed returns the files of a batch with new content since their last batch. A file without an earlier batch counts,
// and so does an unreadable file.
func (c *contentDigests) changed(changes []string) []string {
	var other []string
	for _, change := range changes {
		now, err := digestOf(filepath.Join(c.root, filepath.FromSlash(change)))
		if before, known := c.digests[change]; err == nil && known && before == now {
			continue
		}
		c.digests[change] = now
		other = append(other, change)
	}
	return other
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

package watch

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
)

// contentDigests remembers what changed files hold, so that a command which writes the same again and again is not taken for a
// user who edits. Only the goroutine of a loop uses it.
type contentDigests struct {
	root    string
	digests map[string]digest
}

// digest of a file's content; the zero one is a file that is gone.
type digest [sha256.Size]byte

// changed looks at the files of a batch and returns those whose content is another than at the last batch that named them.
// One that no batch has named yet counts, and so does what cannot be read.
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

func digestOf(path string) (d digest, err error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return d, nil
	}
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

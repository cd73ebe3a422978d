package fingerprint

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"time"
)

// look is what tells, without reading it, that a file has not changed.
type fileState struct {
	size, modified, changed int64
	inode                   uint64
	isExecutable            bool
}

// digest is the hash of a content.
type digest [sha256.Size]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

func fileStateOf(info fs.FileInfo) fileState {
	l := fileState{size: info.Size(), modified: info.ModTime().UnixNano(), isExecutable: info.Mode()&0o111 != 0}
	l.changed, l.inode = identity(info)
	return l
}

// racyPeriod is how young a file may be to be hashed again the next time: a second write within the resolution of the file
// system's clock leaves no trace.
const racyPeriod = 2 * time.Second

// isSettled says that a change after now would show. A program can set the time of a modification, but not that of a change.
func (l fileState) isSettled(now time.Time) bool {
	return now.UnixNano()-max(l.modified, l.changed) > int64(racyPeriod)
}

// isWrittenBefore says that the file was written, or replaced, between this look and a later one. The sizes of young files are not kept.
func (l fileState) isWrittenBefore(later fileState) bool {
	return l.modified != later.modified || l.changed != later.changed || l.inode != later.inode
}

// hash reads a file by way of a buffer.
func (f *file) hash(buffer []byte) (digest, error) {
	var sum digest
	h := sha256.New()
	switch {
	case f.target != "":
		_, _ = io.WriteString(h, "link\x00"+f.target)
	default:
		r, err := os.Open(f.path())
		if err != nil {
			return sum, err
		}
		defer r.Close()
		if _, err := io.CopyBuffer(h, struct{ io.Reader }{r}, buffer); err != nil { // an *os.File would make a buffer of its own
			return sum, err
		}
	}
	if f.state.isExecutable {
		_, _ = io.WriteString(h, "\x00executable")
	}
	h.Sum(sum[:0])
	return sum, nil
}

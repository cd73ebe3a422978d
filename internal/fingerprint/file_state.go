package fingerprint

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"time"
)

// fileState holds the metadata of a file. Equal states mean equal contents, without reading the file.
type fileState struct {
	size, modified, changed int64
	inode                   uint64
	isExecutable            bool
}

// digest is the hash of a file's content.
type digest [sha256.Size]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

func fileStateOf(info fs.FileInfo) fileState {
	l := fileState{size: info.Size(), modified: info.ModTime().UnixNano(), isExecutable: info.Mode()&0o111 != 0}
	l.changed, l.inode = identity(info)
	return l
}

// Identity returns the inode's change time and number; zeros, if the system reports neither. A change of the content
// changes the change time.
func Identity(info fs.FileInfo) (changed int64, inode uint64) { return identity(info) }

// racyPeriod is the age below which a file is hashed again at the next check. The file system's clock cannot separate
// two writes within this period.
const racyPeriod = 2 * time.Second

// isSettled reports whether a later change would alter the state. A program can set the modification time of a file,
// but not the change time.
func (l fileState) isSettled(now time.Time) bool {
	return now.UnixNano()-max(l.modified, l.changed) > int64(racyPeriod)
}

// isWrittenBefore reports whether the file was written or replaced between this state and a later state. The size is
// not compared, because listings keep no size of young files.
func (l fileState) isWrittenBefore(later fileState) bool {
	return l.modified != later.modified || l.changed != later.changed || l.inode != later.inode
}

// hash hashes the file's content with the given buffer.
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
		// An *os.File would allocate another buffer.
		if _, err := io.CopyBuffer(h, struct{ io.Reader }{r}, buffer); err != nil {
			return sum, err
		}
	}
	if f.state.isExecutable {
		_, _ = io.WriteString(h, "\x00executable")
	}
	h.Sum(sum[:0])
	return sum, nil
}

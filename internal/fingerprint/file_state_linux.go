package fingerprint

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// fileStateIn reads the state of an entry of an open directory by fstatat(2), without another walk of the path. An
// entry that is no longer a regular file does not exist.
func fileStateIn(d *os.File, entry fs.DirEntry) (l fileState, exists bool, err error) {
	var s unix.Stat_t
	for {
		err = unix.Fstatat(int(d.Fd()), entry.Name(), &s, unix.AT_SYMLINK_NOFOLLOW)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return l, false, &fs.PathError{Op: "stat", Path: d.Name() + "/" + entry.Name(), Err: err}
	}
	l = fileState{
		size: s.Size, modified: s.Mtim.Nano(), changed: s.Ctim.Nano(), inode: s.Ino,
		isExecutable: s.Mode&0o111 != 0,
	}
	return l, s.Mode&unix.S_IFMT == unix.S_IFREG, nil
}

//go:build unix

package doctor

import "golang.org/x/sys/unix"

// diskSpace returns the free and the whole space of the file system of a directory, in bytes.
func diskSpace(dir string) (free, total uint64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, false
	}
	size := uint64(s.Bsize) //nolint:unconvert // the type differs between systems
	return uint64(s.Bavail) * size, uint64(s.Blocks) * size, true
}

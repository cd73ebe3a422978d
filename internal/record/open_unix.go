//go:build unix

package record

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// readerInterval is the time between two looks for the reader of a pipe.
const readerInterval = 50 * time.Millisecond

// openFile opens a file for a recording. A named pipe needs a reader: openFile waits for the reader until the end of
// ctx. A blocking open(2) would wait without regard for any signal.
func openFile(ctx context.Context, path string) (*os.File, error) {
	for {
		file, err := os.OpenFile(path, flags|nonBlocking(path), mode)
		if !errors.Is(err, syscall.ENXIO) || !isPipe(path) {
			return file, err
		}
		select {
		case <-time.After(readerInterval):
		case <-ctx.Done():
			return nil, &fs.PathError{Op: "waiting for the reader of the pipe", Path: path, Err: context.Cause(ctx)}
		}
	}
}

func nonBlocking(path string) int {
	if isPipe(path) {
		return syscall.O_NONBLOCK
	}
	return 0
}

func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}

package terminal

import (
	"errors"
	"os"
	"sync/atomic"
)

// ErrCanceled is the error of Read after Cancel.
var ErrCanceled = errors.New("reading the input was cancelled")

// Reader reads an input until Cancel. On Windows, a Read under way waits for input after Cancel and drops the bytes.
type Reader struct {
	in        *os.File
	cancelled atomic.Bool
}

// Reader returns a new reader of the input. Callers must close the reader.
func (t *Terminal) Reader() (*Reader, error) { return &Reader{in: t.in}, nil }

// Read waits for input and reads the available bytes. After Cancel, Read returns [ErrCanceled].
func (r *Reader) Read(p []byte) (int, error) {
	if r.cancelled.Load() {
		return 0, ErrCanceled
	}
	n, err := r.in.Read(p)
	if r.cancelled.Load() {
		return 0, ErrCanceled
	}
	return n, err
}

// Cancel ends all later Reads. Any goroutine may call Cancel, also repeatedly.
func (r *Reader) Cancel() { r.cancelled.Store(true) }

// Close cancels. The input stays open.
func (r *Reader) Close() error {
	r.Cancel()
	return nil
}

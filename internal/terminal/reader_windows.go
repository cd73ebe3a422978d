package terminal

import (
	"errors"
	"os"
	"sync/atomic"
)

// ErrCanceled is what Read returns after Cancel.
var ErrCanceled = errors.New("reading the input was cancelled")

// Reader reads an input until it is cancelled. On Windows a Read under way goes on until there is input, which is
// then dropped.
type Reader struct {
	in        *os.File
	cancelled atomic.Bool
}

// Reader returns a new reader of the input. It must be closed.
func (t *Terminal) Reader() (*Reader, error) { return &Reader{in: t.in}, nil }

// Read waits for input and reads what is there. After Cancel it returns [ErrCanceled].
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

// Cancel ends all later Reads. It may be called more than once, from any goroutine.
func (r *Reader) Cancel() { r.cancelled.Store(true) }

// Close cancels; the input itself stays open.
func (r *Reader) Close() error {
	r.Cancel()
	return nil
}

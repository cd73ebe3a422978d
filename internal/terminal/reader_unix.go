//go:build unix

package terminal

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// ErrCanceled is what Read returns after Cancel.
var ErrCanceled = errors.New("reading the input was cancelled")

// Reader reads an input until it is cancelled. What comes after is left to the next reader: no byte is swallowed by a
// Read that nobody waits for any more. Only one goroutine may Read at a time.
type Reader struct {
	in *os.File
	// Closing wake ends the wait at awake.
	wakeReader, wakeWriter *os.File
	cancel                 func()
	reading                sync.Mutex // held during a Read, so that Close does not pull awake away
	closed                 bool
}

// Reader returns a new reader of the input. It must be closed.
func (t *Terminal) Reader() (*Reader, error) {
	wakeReader, wakeWriter, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("cannot make the input cancellable: %w", err)
	}
	return &Reader{in: t.in, wakeReader: wakeReader, wakeWriter: wakeWriter, cancel: sync.OnceFunc(func() { _ = wakeWriter.Close() })}, nil
}

// Read waits for input, and reads what is there. After Cancel it returns [ErrCanceled].
func (r *Reader) Read(p []byte) (int, error) {
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.closed {
		return 0, ErrCanceled
	}
	for {
		cancelled, err := waitReadable(int(r.wakeReader.Fd()), int(r.in.Fd()))
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			continue
		case err != nil:
			return 0, fmt.Errorf("waiting for %s: %w", r.in.Name(), err)
		case cancelled:
			return 0, ErrCanceled
		}
		return r.in.Read(p)
	}
}

// Cancel ends the Read under way, and all later ones. It may be called more than once, from any goroutine.
func (r *Reader) Cancel() { r.cancel() }

// Close cancels, waits for the Read under way, and frees what the reader holds; the input itself stays open.
func (r *Reader) Close() error {
	r.cancel()
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	return r.wakeReader.Close()
}

//go:build unix

package terminal

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// ErrCanceled is the error of Read after Cancel.
var ErrCanceled = errors.New("reading the input was cancelled")

// Reader reads an input until Cancel. Later input is left to the next reader: no abandoned Read takes a byte. Only one
// goroutine may Read at a time.
type Reader struct {
	in *os.File
	// Closing wakeWriter ends the wait at wakeReader.
	wakeReader, wakeWriter *os.File
	cancel                 func()
	reading                sync.Mutex // held during a Read, so Close waits before closing wakeReader
	closed                 bool
}

// Reader returns a new reader of the input. Callers must close the reader.
func (t *Terminal) Reader() (*Reader, error) {
	wakeReader, wakeWriter, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("cannot make the input cancellable: %w", err)
	}
	cancel := sync.OnceFunc(func() { _ = wakeWriter.Close() })
	return &Reader{in: t.in, wakeReader: wakeReader, wakeWriter: wakeWriter, cancel: cancel}, nil
}

// Read waits for input and reads the available bytes. After Cancel, Read returns [ErrCanceled].
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

// Cancel ends the Read under way and all later calls. Any goroutine may call Cancel, also repeatedly.
func (r *Reader) Cancel() { r.cancel() }

// Close cancels, waits for the Read under way, and frees the reader. The input stays open.
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

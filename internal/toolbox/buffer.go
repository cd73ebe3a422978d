package toolbox

import (
	"bytes"
	"sync"
)

// Buffer keeps all written bytes. Several goroutines may write and read at once.
type Buffer struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes.Write(p)
}

// String returns everything written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes.String()
}

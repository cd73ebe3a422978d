package record

import (
	"context"
	"os"
)

// openFile opens a file for a recording.
func openFile(_ context.Context, path string) (*os.File, error) {
	return os.OpenFile(path, flags, mode)
}

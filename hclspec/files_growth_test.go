package hclspec

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestFilehashReadsInPieces: the memory for a hash does not grow with the file.
func TestFilehashReadsInPieces(t *testing.T) {
	in := testInputs(t)
	path := filepath.Join(in.Root, "big.bin")
	writeFile(t, path, "")
	const size = 128 << 20
	if err := os.Truncate(path, size); err != nil { // a sparse file
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	checkCalculation(t, in, `filehash("big.bin")`, `"254bcc3fc4f27172636df4bf32de9f107f620d559b20d760197e452b97453917"`)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes of memory for a file of %d bytes", used, size)
	}
}

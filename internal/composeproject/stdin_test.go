package composeproject

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A load from stdin leaves no file, and removes the file of a killed load.
func TestStdinLeavesNoFile(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	killed := filepath.Join(temp, "tasks-compose-123")
	if err := os.Mkdir(killed, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(killed, old, old); err != nil {
		t.Fatal(err)
	}
	_, err := Load(t.Context(), Options{
		Files: []string{"-"}, WorkingDir: t.TempDir(),
		Stdin: func() ([]byte, error) { return []byte("services: {a: {image: b}}\n"), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

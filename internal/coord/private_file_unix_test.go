//go:build unix

package coord

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPrivateFiles: no other user reads a private file.
func TestPrivateFiles(t *testing.T) {
	root := t.TempDir()
	d := OpenProjectDir(root)
	if err := d.WritePrivate("a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, DirName, fileName("data", "a"))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if content, err := d.ReadFile("a"); string(content) != "x" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	if err := d.WritePrivate("a", []byte("y")); err != nil {
		t.Fatal(err)
	}
	if content, err := d.ReadFile("a"); string(content) != "y" || err != nil {
		t.Errorf("after another write: %q, %v", content, err)
	}
}

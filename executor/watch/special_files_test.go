//go:build unix

package watch

import (
	"net"
	"os"
	"syscall"
	"testing"
)

// Sockets, pipes and devices behind links are no changes, and nothing waits for their content.
func TestSpecialFilesDoNotCount(t *testing.T) {
	files := map[string]string{"src/a": "a"}
	onBoth(t, files, Rules{Units: []Unit{{Paths: []string{"src"}}}}, func(t *testing.T, w *watching) {
		if err := syscall.Mkfifo(w.path("src/pipe"), 0o600); err != nil {
			t.Fatal(err)
		}
		socket, err := net.Listen("unix", w.path("src/s"))
		if err != nil {
			t.Fatal(err)
		}
		socket.Close()
		w.nothingBut("src/a")
		if err := os.Remove(w.path("src/pipe")); err != nil {
			t.Fatal(err)
		}
		w.nothingBut("src/a")
	})
	for _, name := range []string{"pipe", "zero"} {
		dir := t.TempDir()
		path := dir + "/" + name
		var err error
		if name == "pipe" {
			err = syscall.Mkfifo(path, 0o600)
		} else {
			err = os.Symlink("/dev/zero", path)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := digestOf(path); err == nil {
			t.Errorf("%s has a digest", name)
		}
	}
}

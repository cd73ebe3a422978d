package composetest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Main compiles tasks, and puts the program first on PATH for all tests.
func Main(m *testing.M) {
	// Tests mostly wait for the engine, so more tests than processors run at once. -parallel still wins.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "tasks-interop-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "tasks"), "tasks/cmd/tasks").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("compiling tasks: %v\n%s", err, out))
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		panic(err)
	}
	m.Run()
}

//go:build unix

package apptest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Main runs the tests of a package. The program tasks is on PATH for all tests, and so are more commands, for host tasks.
func Main(m *testing.M, commands map[string]func()) { testscript.Main(program{m}, commands) }

// program compiles tasks before the tests run.
type program struct{ tests *testing.M }

// Run runs three tests at once: go runs two packages side by side, and six tests keep an engine on two processors busy.
// -parallel changes the number.
func (p program) Run() int {
	if err := flag.Set("test.parallel", "3"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "tasks-e2e-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := compile(filepath.Join(dir, "tasks")); err != nil {
		panic(err)
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		panic(err)
	}
	return p.tests.Run()
}

// compile builds the program, with the race detector where the tests have the race detector.
func compile(path string) error {
	args := []string{"build", "-buildvcs=false", "-o", path}
	info, ok := debug.ReadBuildInfo()
	if ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "tasks/cmd/tasks")...)
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", build, err, out)
	}
	return nil
}

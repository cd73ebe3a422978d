package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxProgramBytes limits the program of a release on linux/amd64. docs/adr/0005-start-up.md has the measured sizes.
const maxProgramBytes = 32_000_000

// TestProgramSize limits the size of the program, built with the flags of a release. The linker removes unused methods only
// while no function calls methods by names that are known at run time alone. text/template does so: in cobra's templates, in
// html/template, and in gRPC without the tag grpcnotrace.
func TestProgramSize(t *testing.T) {
	program := filepath.Join(t.TempDir(), "tasks")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "grpcnotrace", "-ldflags", "-s -w -dumpdep",
		"-o", program, "tasks/cmd/tasks")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	out, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	edges := 0
	for line := range strings.Lines(string(out)) {
		from, to, isEdge := strings.Cut(strings.TrimSpace(line), " -> ")
		if isEdge {
			edges++
		}
		if isEdge && strings.HasSuffix(to, "<ReflectMethod>") {
			t.Errorf("%s calls %s: the linker keeps every exported method", from, to)
		}
	}
	if edges < 50_000 {
		t.Fatalf("%d edges are too few to be true", edges)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxProgramBytes {
		t.Errorf("the program has %d bytes, more than %d", info.Size(), maxProgramBytes)
	}
}

package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What the packages of the program may allocate before main. Bytes are the same in each run, and each page of them takes
// time; see docs/adr/0005-start-up.md.
const (
	maxInitBytes        = 1_100_000
	maxPackageInitBytes = 100_000
)

// TestInitAllocations: whoever brings in a package that does much before main hears of it here.
func TestInitAllocations(t *testing.T) {
	program := filepath.Join(t.TempDir(), "tasks")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "tasks/cmd/tasks").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packages, all := 0, 0
	for line := range strings.Lines(string(out)) {
		// init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs
		fields := strings.Fields(line)
		if len(fields) != 11 || fields[0] != "init" {
			continue
		}
		bytes, err := strconv.Atoi(fields[7])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if bytes > maxPackageInitBytes {
			t.Errorf("%s allocates %d bytes before main, more than %d", fields[1], bytes, maxPackageInitBytes)
		}
		packages++
		all += bytes
	}
	if packages < 100 {
		t.Fatalf("%d packages are too few to be true:\n%s", packages, out)
	}
	if all > maxInitBytes {
		t.Errorf("%d bytes are allocated before main, more than %d", all, maxInitBytes)
	}
}

package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Bytes that packages may allocate before main. Bytes are nearly the same in each run, and each page of memory takes time.
// Measured: 3,364,000 bytes in all. docs/adr/0005-start-up.md has the reasons.
const (
	maxInitBytes        = 3_560_000
	maxPackageInitBytes = 100_000
)

// largePackages are the libraries above the limit of one package, with the bytes that each may allocate. The program needs
// each library, and each release does its work before main.
var largePackages = map[string]int{
	"github.com/santhosh-tekuri/jsonschema/v6": 1_800_000, // metaschemas of five drafts, for compose-go
	"github.com/distribution/reference":        440_000,   // ten regular expressions
	"github.com/google/go-cmp/cmp":             190_000,   // imported by hclwrite
}

// TestInitAllocations limits the work of packages before main.
func TestInitAllocations(t *testing.T) {
	program := filepath.Join(t.TempDir(), "tasks")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "tasks/cmd/tasks")
	if out, err := build.CombinedOutput(); err != nil {
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
		if limit := max(maxPackageInitBytes, largePackages[fields[1]]); bytes > limit {
			t.Errorf("%s allocates %d bytes before main, more than %d", fields[1], bytes, limit)
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

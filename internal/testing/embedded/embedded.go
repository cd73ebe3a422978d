// Package embedded compares the checked-in builds of a program with the program's source.
package embedded

import (
	"bytes"
	"compress/gzip"
	"context"
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Program is a program with checked-in builds for Linux, in files NAME-linux-ARCH.gz of the tested package.
type Program struct {
	Name string
	// LinkerFlags are added to the flags for a small build.
	LinkerFlags string
	// Limit is the maximum size in KiB.
	Limit int
	// Embedded returns the build for an architecture.
	Embedded func(arch string) ([]byte, error)
}

// Build compiles the program exactly as the checked-in program, independent of the machine and the commit.
func (p Program) Build(ctx context.Context, t testing.TB, arch string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), p.Name)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid= "+p.LinkerFlags, "-o", path, "./cmd/"+p.Name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=", "GOEXPERIMENT=",
		"GOAMD64=v1", "GOARM64=v8.0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// Check compares the embedded builds with builds of the source, byte for byte; with update, Check replaces the files.
// Another version of Go gives other bytes, so only the same version can compare. CI uses the version in go.mod.
func (p Program) Check(t *testing.T, update bool) {
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			fresh := p.Build(t.Context(), t, arch)
			if update {
				if err := os.WriteFile(p.Name+"-linux-"+arch+".gz", compress(t, fresh), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			have, err := p.Embedded(arch)
			if err != nil {
				t.Fatal(err)
			}
			info, err := buildinfo.Read(bytes.NewReader(have))
			if err != nil {
				t.Fatal(err)
			}
			if info.GoVersion != runtime.Version() && os.Getenv("CI") == "" {
				t.Skipf("SKIPPED, NOT TESTED: the program was built by %s, this is %s", info.GoVersion, runtime.Version())
			}
			if !bytes.Equal(fresh, have) {
				t.Errorf("the program that is checked in (by %s) is not what %s makes of the source: go test ./internal/%s -update",
					info.GoVersion, runtime.Version(), p.Name)
			}
			if len(have) > p.Limit<<10 {
				t.Errorf("the program has %d KiB: what does it import?", len(have)>>10)
			}
		})
	}
}

func compress(t *testing.T, program []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(program)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

package testregistry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"tasks/internal/toolbox"
)

// build compiles the registry if missing, and returns the program. The user's cache keeps the program under a name with
// a hash of all sources. Several processes may build at once: the last rename wins, and all programs are equal.
func build(ctx context.Context) (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return "", errors.New("the test binary does not know its source directory: test without -trimpath")
	}
	source := filepath.Join(filepath.Dir(file), "server")
	dir, err := toolbox.CacheDir()
	if err != nil {
		return "", err
	}
	hash, err := hashOf(source)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "registry-"+hash)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	return program, compile(ctx, source, program)
}

func compile(ctx context.Context, source, program string) error {
	scratch, err := os.MkdirTemp(filepath.Dir(program), "registry-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	output := filepath.Join(scratch, "registry")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", output, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return os.Rename(output, program)
}

// hashOf hashes the sources, the versions of the modules and the version of Go.
func hashOf(source string) (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), runtime.GOARCH)
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		content, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return "", err
		}
		hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// Package holder holds a small program for standbys, built for the machines of engines. The program is the first
// process of a standby: it waits for a signal, and becomes the command of the task.
package holder

import (
	"compress/gzip"
	_ "embed" // for the program
	"fmt"
	"io"
	"strings"

	"tasks/internal/holder/wire"
)

// The compressed programs. `go test ./internal/holder -update` builds both.
var (
	//go:embed holder-linux-amd64.gz
	amd64 string
	//go:embed holder-linux-arm64.gz
	arm64 string
)

// Program returns the program for a Linux engine of an architecture, in Go's names.
func Program(arch string) ([]byte, error) {
	compressed, known := map[string]string{"amd64": amd64, "arm64": arm64}[arch]
	if !known {
		return nil, fmt.Errorf("there is no holder for engines on linux/%s", arch)
	}
	r, err := gzip.NewReader(strings.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Arguments returns the command line of a process that waits in a directory, and becomes a command after the release.
// The token marks a refusal.
func Arguments(token, directory string, command []string) []string {
	return append([]string{wire.Path, wire.Hold, token, directory}, command...)
}

// RemoveCommand returns the command that removes the program's file as soon as the process waits.
func RemoveCommand() []string { return []string{wire.Path, wire.Remove} }

package view

import (
	"fmt"
	"runtime"
)

// VersionText is the line of `tasks version`.
func VersionText(version string) string { return "tasks " + version + "\n" }

// VersionDocument is the document of `tasks version --json`.
type VersionDocument struct {
	FormatVersion int    `json:"format_version"`
	Version       string `json:"version"`
	// GoVersion is the version of the compiler.
	GoVersion string `json:"go_version"`
	OS        string `json:"os"`
	Arch      string `json:"arch"`
}

// PrintVersion writes the version to stdout, as a line or as a document.
func PrintVersion(p *Printer, version string, isJSON bool) error {
	if isJSON {
		return PrintJSON(p, VersionDocument{FormatVersion, version, runtime.Version(), runtime.GOOS, runtime.GOARCH})
	}
	_, err := fmt.Fprint(p.Stdout(), VersionText(version))
	return err
}

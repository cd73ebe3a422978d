package view

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"tasks/internal/plaintext"
)

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
	_, err := fmt.Fprintf(p.Stdout(), "tasks %s\n", version)
	return err
}

// ProgramVersion returns the version of the module, else the commit of the build.
func ProgramVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

// PrintTrusted tells on stderr that a directory is trusted now.
func PrintTrusted(p *Printer, dir string) {
	fmt.Fprintf(p.Stderr(), "the files in %s and below are trusted\n", plaintext.Escape(dir))
}

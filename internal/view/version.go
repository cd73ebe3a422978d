package view

import (
	"fmt"
	"runtime/debug"
)

// VersionText is the line of `tasks version`.
func VersionText(version string) string { return "tasks " + version + "\n" }

// PrintVersion writes the version to stdout.
func PrintVersion(p *Printer, version string) { fmt.Fprint(p.Stdout(), VersionText(version)) }

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
	fmt.Fprintf(p.Stderr(), "the files in %s and below are trusted\n", dir)
}

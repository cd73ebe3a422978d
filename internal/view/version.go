package view

import "fmt"

// VersionText is the line of `tasks version`.
func VersionText(version string) string { return "tasks " + version + "\n" }

// PrintVersion writes the version to stdout.
func PrintVersion(p *Printer, version string) { fmt.Fprint(p.Stdout(), VersionText(version)) }

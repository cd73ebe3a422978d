package completion

import (
	"embed"
	"maps"
	"slices"
)

//go:embed scripts
var scripts embed.FS

// files are the scripts by shell.
var files = map[string]string{
	"bash": "tasks.bash", "fish": "tasks.fish", "powershell": "tasks.ps1", "zsh": "tasks.zsh",
}

// Shells returns the shells with a script, sorted.
func Shells() []string { return slices.Sorted(maps.Keys(files)) }

// Script returns the script for a shell, or false for an unknown shell.
func Script(shell string) ([]byte, bool) {
	name, isKnown := files[shell]
	if !isKnown {
		return nil, false
	}
	script, err := scripts.ReadFile("scripts/" + name)
	if err != nil {
		panic(err) // embedded
	}
	return script, true
}

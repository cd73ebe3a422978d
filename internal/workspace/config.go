package workspace

import (
	"fmt"
	"strings"
)

// Flags select files, variables and the compose project. The values come from the command line.
type Flags struct {
	// Files replace Tasks.hcl.
	Files []string
	// Vars are entries of the form NAME=VALUE.
	Vars []string
	// VarFiles are files with values of variables.
	VarFiles []string
	// ComposeFiles replace the compose files that Compose would find.
	ComposeFiles []string
	// ProjectDirectory is the start of relative paths in compose files.
	ProjectDirectory string
	// ProjectName names the compose project.
	ProjectName string
	// Profiles are activated in addition to the profiles of the compose block.
	Profiles []string
	// EnvFiles replace .env for the interpolation of compose files.
	EnvFiles []string
	// Engine is the name of an engine block, or the address of an engine. Empty: the engine of the docker command.
	Engine string
}

// CheckVars returns an error for the first entry of Vars without a name or without a value.
func (f Flags) CheckVars() error {
	for _, entry := range f.Vars {
		if name, _, found := strings.Cut(entry, "="); !found || name == "" {
			return fmt.Errorf("--var %s: write --var NAME=VALUE", entry)
		}
	}
	return nil
}

// Config connects a workspace with the program.
type Config struct {
	Environment
	Flags Flags
	// Engine connects to the container engine at the first need.
	Engine *EngineConnector
	// Coordination holds the leases of the process.
	Coordination *Coordination
	// WritesState reports whether the command may write to the state directories.
	WritesState bool
	// IsOffline reports whether the command never asks the engine.
	IsOffline bool
	// Reporter shows messages.
	Reporter Reporter
	// Stdin reads the standard input for `--compose-file -`. Each call returns the same content.
	Stdin func() ([]byte, error)
}

// Reporter shows messages to the user. Calls may come from several goroutines. view.Printer implements the interface.
type Reporter interface {
	PrintWarning(text string)
	PrintError(err error)
	// PrintRemoved shows the removal of a resource.
	PrintRemoved(kind, name, reason string)
	// PrintWaiting shows the holder of a lock during a wait for the lock.
	PrintWaiting(holder string)
	// PrintEndedCommands shows the number of killed host commands of crashed runs.
	PrintEndedCommands(count int)
}

// Writing returns the configuration of a command with write access to the state directories.
func (c Config) Writing() Config {
	c.WritesState = true
	return c
}

// Offline returns the configuration of a command without the engine.
func (c Config) Offline() Config {
	c.IsOffline = true
	return c
}

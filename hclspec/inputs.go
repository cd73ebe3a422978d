package hclspec

import (
	"tasks/hclspec/internal/funcs"
	"tasks/hclspec/internal/secret"
)

// Inputs are the facts of the host for expressions. Costly facts are functions, called at the first use in an
// expression.
type Inputs struct {
	// Vars are the values of `--var name=value`. The last value of a name wins.
	Vars map[string]string
	// Env looks a name up in the environment of `tasks`.
	Env func(name string) (string, bool)
	// Environ returns the environment of `tasks` as KEY=VALUE.
	Environ func() []string
	// Root is the project's directory, which is the directory of the first file. Cwd is the working directory.
	// Both are absolute.
	Root, Cwd string
	// OS and Arch are Go's names of the host. UID and GID are the numbers of the user, as text.
	OS, Arch, UID, GID string
	// Project returns the compose project. The function is called only if a target needs the project, and may be
	// called often. Its error is a message for the user.
	Project func() (Project, error)
	// IncludedProject returns the compose project of included files with a compose block.
	IncludedProject func(scope string) (Project, error)
	// ProjectEnv looks a name up in the environment of a scope's compose project, with the project's .env. Nil: no
	// name is set.
	ProjectEnv func(scope, name string) (string, bool)
}

// forFunctions returns the inputs of functions for files in a directory.
func (in Inputs) forFunctions(dir string, secrets *secret.Set) funcs.Inputs {
	return funcs.Inputs{Root: in.Root, Dir: dir, Env: in.Env, UID: in.UID, GID: in.GID, Secrets: secrets}
}

// Project is the part of a compose project that the language needs.
type Project interface {
	Name() string
	// Variables returns the values of variables in compose files. Callers must not change the map.
	Variables() map[string]string
	// ServiceNames returns all services, sorted. Services of inactive profiles are included.
	ServiceNames() []string
	// JobNames returns all jobs, sorted. CheckJob returns an error for a job that must not run by hand.
	JobNames() []string
	CheckJob(name string) error
	// ServiceJSON returns the configuration of a service as a JSON object. All attribute names of compose files
	// are present, and unset attributes are null.
	ServiceJSON(name string) ([]byte, error)
}

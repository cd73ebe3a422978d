package hclspec

import (
	"tasks/hclspec/internal/funcs"
	"tasks/hclspec/internal/secret"
)

// Inputs are the facts of the world that expressions can see. Everything costly is a function and is called only
// when an expression asks for it.
type Inputs struct {
	// Vars are the values given by `--var name=value`, the last one of a name winning.
	Vars map[string]string
	// Env looks a name up in the environment of `tasks`.
	Env func(name string) (string, bool)
	// Environ lists that environment as KEY=VALUE.
	Environ func() []string
	// Root is the project's directory (that of the first file), Cwd the working directory. Both absolute.
	Root, Cwd string
	// OS and Arch are Go's names of the host; UID and GID the numbers of the user, as text.
	OS, Arch, UID, GID string
	// Project gives the compose project. It is called only when a wanted task reaches it, and may be called often.
	// Its error is already fit to be shown.
	Project func() (Project, error)
	// IncludedProject does the same for the scope of included files with a compose block of their own.
	IncludedProject func(scope string) (Project, error)
	// ProjectEnv looks a name up in the environment of a scope's compose project, with the project's .env. Nil: no name is set.
	ProjectEnv func(scope, name string) (string, bool)
}

// forFunctions gives the inputs of functions for the files of a directory.
func (in Inputs) forFunctions(dir string, secrets *secret.Set) funcs.Inputs {
	return funcs.Inputs{Root: in.Root, Dir: dir, Env: in.Env, UID: in.UID, GID: in.GID, Secrets: secrets}
}

// Project is what the language needs to know of a compose project.
type Project interface {
	Name() string
	// ServiceNames lists every service, those of inactive profiles too, sorted.
	ServiceNames() []string
	// ServiceJSON is the configuration of one of them, as a JSON object with all attribute names of compose files; null where
	// nothing is set.
	ServiceJSON(name string) ([]byte, error)
}

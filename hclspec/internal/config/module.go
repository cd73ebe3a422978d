package config

import (
	"fmt"
	"strings"
)

// Module is one namespace of variables, locals, functions and tasks: the project's own files, or what one include block
// brings in.
type Module struct {
	// Prefix stands before the names of its tasks: nothing for the project's own files, else "ns:".
	Prefix         string
	Variables      []*Variable
	locals         []*Local
	VariableByName map[string]*Variable
	localByName    map[string]*Local
	Functions      []*UserFunction
	FunctionByName map[string]*UserFunction
	// includes are the include blocks; include is the one that brings this module in, nil for the project's own files, and
	// dir the directory that it names.
	includes []*Block
	Include  *Block
	Dir      string
	// Compose is the compose block of these files; nil where there is none.
	Compose *Block
	// passed are the values that the include block has for variables.
	IncludeValues map[string]*Expression
	// settings is the tasks block, defaults the block of that name; nil where there is none.
	settings, defaults *Block
	// DefaultTasks are the full names of the tasks that settings name.
	DefaultTasks []string
	// Jobs is how many commands may run at a time, as settings say; 0: they do not.
	Jobs int
	// readOutputStyle is that of all tasks, as settings say; empty: they do not.
	OutputStyle OutputStyle
	// given and found are the values that files have for variables: given on the command line, and found beside Tasks.hcl.
	ExplicitValues, AutomaticValues map[string]VariableFileValue
}

func newModule(prefix string) *Module {
	return &Module{
		Prefix:         prefix,
		VariableByName: map[string]*Variable{}, localByName: map[string]*Local{}, FunctionByName: map[string]*UserFunction{},
	}
}

// ComposeScope is the scope that the module's tasks belong to: the prefix of the nearest module on the way to the project's own files
// that has a compose block; empty: those.
func (m *Module) ComposeScope() string {
	for m != nil && m.Include != nil {
		if m.Compose != nil {
			return m.Prefix
		}
		m = m.Include.Module
	}
	return ""
}

// qualifiedName is how messages call something of the module.
func (m *Module) qualifiedName(name string) string {
	if m.Prefix == "" {
		return name
	}
	return fmt.Sprintf("%s (of %s)", name, strings.TrimSuffix(m.Prefix, ":"))
}

// Origin is where an expression or a block is written: its names mean those of the module, its relative paths start at dir.
type Origin struct {
	// Dir is the absolute directory of the file: path.module.
	Dir    string
	Module *Module
}

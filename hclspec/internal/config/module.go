package config

import (
	"fmt"
	"strings"
)

// Module is a namespace of variables, locals, functions and tasks: the project's own files, or an included file.
type Module struct {
	// Prefix stands before the names of the module's tasks: "ns:", or nothing for the project's own files.
	Prefix         string
	Variables      []*Variable
	locals         []*Local
	VariableByName map[string]*Variable
	localByName    map[string]*Local
	Functions      []*UserFunction
	FunctionByName map[string]*UserFunction
	// includes are the include blocks of the module. Include is the block that includes this module, nil for the
	// project's own files. Dir is the directory of the included file.
	includes []*Block
	Include  *Block
	Dir      string
	// Compose is the compose block of these files, or nil.
	Compose *Block
	// IncludeValues are the values of the include block for variables.
	IncludeValues map[string]*Expression
	// settings is the tasks block, defaults the defaults block. Both may be nil.
	settings, defaults *Block
	// DefaultTasks are the full names of the tasks in the default of settings.
	DefaultTasks []string
	// Jobs is the largest number of commands at a time. 0: the settings have none.
	Jobs int
	// OutputStyle is the style for all tasks. Empty: the settings have none.
	OutputStyle OutputStyle
	// ExplicitValues come from --var-file, AutomaticValues from files beside Tasks.hcl.
	ExplicitValues, AutomaticValues map[string]VariableFileValue
}

func newModule(prefix string) *Module {
	return &Module{
		Prefix:         prefix,
		VariableByName: map[string]*Variable{}, localByName: map[string]*Local{}, FunctionByName: map[string]*UserFunction{},
	}
}

// ComposeScope returns the scope of the module's tasks: the prefix of the nearest including module with a compose
// block. Empty: the scope of the project's own files.
func (m *Module) ComposeScope() string {
	for m != nil && m.Include != nil {
		if m.Compose != nil {
			return m.Prefix
		}
		m = m.Include.Module
	}
	return ""
}

// LocalNames returns the names of the locals, in order.
func (m *Module) LocalNames() []string {
	names := make([]string, len(m.locals))
	for i, l := range m.locals {
		names[i] = l.Name
	}
	return names
}

// qualifiedName returns the name of a declaration in messages.
func (m *Module) qualifiedName(name string) string {
	if m.Prefix == "" {
		return name
	}
	return fmt.Sprintf("%s (of %s)", name, strings.TrimSuffix(m.Prefix, ":"))
}

// Origin is the place of an expression or a block. Names are looked up in the module, and relative paths start at
// the directory.
type Origin struct {
	// Dir is the absolute directory of the file: path.module.
	Dir    string
	Module *Module
}

package hclspec

import (
	"fmt"
	"strings"
)

// module is one namespace of variables, locals, functions and tasks: the project's own files, or what one include block
// brings in.
type module struct {
	// prefix stands before the names of its tasks: nothing for the project's own files, else "ns:".
	prefix         string
	variables      []*variable
	locals         []*local
	variableByName map[string]*variable
	localByName    map[string]*local
	functions      []*userFunction
	functionByName map[string]*userFunction
	// includes are the include blocks; include is the one that brings this module in, nil for the project's own files, and
	// dir the directory that it names.
	includes []*decodedBlock
	include  *decodedBlock
	dir      string
	// compose is the compose block of these files; nil where there is none.
	compose *decodedBlock
	// passed are the values that the include block has for variables.
	includeValues map[string]*expression
	// settings is the tasks block, defaults the block of that name; nil where there is none.
	settings, defaults *decodedBlock
	// defaultTasks are the full names of the tasks that settings name.
	defaultTasks []string
	// jobs is how many commands may run at a time, as settings say; 0: they do not.
	jobs int
	// readOutputStyle is that of all tasks, as settings say; empty: they do not.
	outputStyle OutputStyle
	// given and found are the values that files have for variables: given on the command line, and found beside Tasks.hcl.
	explicitValues, automaticValues map[string]variableFileValue
}

func newModule(prefix string) *module {
	return &module{
		prefix:         prefix,
		variableByName: map[string]*variable{}, localByName: map[string]*local{}, functionByName: map[string]*userFunction{},
	}
}

// composeScope is the scope that the module's tasks belong to: the prefix of the nearest module on the way to the project's own files
// that has a compose block; empty: those.
func (m *module) composeScope() string {
	for m != nil && m.include != nil {
		if m.compose != nil {
			return m.prefix
		}
		m = m.include.mod
	}
	return ""
}

// qualifiedName is how messages call something of the module.
func (m *module) qualifiedName(name string) string {
	if m.prefix == "" {
		return name
	}
	return fmt.Sprintf("%s (of %s)", name, strings.TrimSuffix(m.prefix, ":"))
}

// origin is where an expression or a block is written: its names mean those of the module, its relative paths start at dir.
type origin struct {
	// dir is the absolute directory of the file: path.module.
	dir string
	mod *module
}

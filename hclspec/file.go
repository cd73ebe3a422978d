package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// File is what [Parse] understood of one project's files, taken together. It is immutable and safe for concurrent use.
// It may come from broken files: then it holds what could be read, enough to list, and evaluates nothing.
type File struct{ config *config.File }

// TaskInfo is what is known of a task without evaluating anything.
type TaskInfo struct {
	Name, Description string
	// Group is the heading that a list shows the task under; empty: none. Hidden ones it leaves out.
	Group  string
	Hidden bool
	// Aliases are other names of the task on the command line.
	Aliases []string
	// DependsOn are the dependencies that are written or made by a run-time value.
	DependsOn []Dependency
	// Finally are the tasks that follow it however it ends, each once.
	Finally []Dependency
	// DeclRange is the block's header.
	DeclRange hcl.Range
}

// VariableInfo is what is known of a variable without evaluating anything.
type VariableInfo struct {
	Name, Description string
	// Type is the declared type as Terraform writes it, empty where it is left to the default.
	Type string
	// IsRequired says that there is no default.
	IsRequired bool
	DeclRange  hcl.Range
}

// Tasks lists the tasks in the order of their declaration.
func (f *File) Tasks() []TaskInfo {
	decls := make([]TaskInfo, len(f.config.Tasks))
	for i, t := range f.config.Tasks {
		decls[i] = TaskInfo{
			Name: t.Name, Description: t.Description, Group: t.Group, Hidden: t.IsHidden,
			DependsOn: t.DeclaredDependencies(), Finally: t.DeclaredFinally(), DeclRange: t.HeaderRange,
		}
		for _, a := range t.Aliases {
			decls[i].Aliases = append(decls[i].Aliases, a.Name)
		}
	}
	return decls
}

// Variables lists the variables in the order of their declaration.
func (f *File) Variables() []VariableInfo {
	decls := make([]VariableInfo, len(f.config.Root.Variables))
	for i, v := range f.config.Root.Variables {
		decls[i] = VariableInfo{
			Name: v.Name, Description: v.Description, Type: v.TypeName,
			IsRequired: v.DefaultValue == nil, DeclRange: v.HeaderRange,
		}
	}
	return decls
}

// SortDiagnostics orders diagnostics by file and position, each once.
func (f *File) SortDiagnostics(diags hcl.Diagnostics) hcl.Diagnostics {
	return diag.Sort(diags, f.config.SourceOrder)
}

// SourceFiles gives the sources by their names, for [WriteDiagnostics].
func (f *File) SourceFiles() map[string]*hcl.File {
	return f.config.Files
}

// Parser reads files. The zero value is ready for use.
type Parser config.Parser

// Parse reads the sources as one program and checks all that can be checked without a value: syntax first and, where
// that is clean, names, references and what the attributes may be. It never returns nil.
func (p Parser) Parse(sources []Source) (*File, hcl.Diagnostics) {
	f := config.Parser(p).Parse(sources)
	return &File{config: f}, f.Diags
}

// Parse is that of the zero [Parser].
func Parse(sources []Source) (*File, hcl.Diagnostics) { return Parser{}.Parse(sources) }

// DefaultTasks are the tasks of a bare `tasks run`, in order; empty where the files name none.
func (f *File) DefaultTasks() []string { return slices.Clone(f.config.Root.DefaultTasks) }

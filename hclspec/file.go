package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// File holds the declarations of a project's files. A File is immutable and safe for concurrent use. A File with
// errors holds the readable part: enough for a list, but not for an evaluation.
type File struct{ config *config.File }

// TaskInfo describes a task without an evaluation.
type TaskInfo struct {
	Name, Description string
	// Group is the heading in a list; empty without one. Lists leave out Hidden tasks.
	Group  string
	Hidden bool
	// Aliases are other names of the task on the command line.
	Aliases []string
	// Job is the literal job of the compose file that the task runs; empty without one.
	Job string
	// DependsOn are the dependencies of depends_on and of run-time values.
	DependsOn []Dependency
	// Finally are the tasks after the end of this task, each once.
	Finally []Dependency
	// ArgsText are the declared arguments: "PLACE [FILES…]".
	ArgsText string
	// IsDefault reports a task of a bare `tasks run`.
	IsDefault, HasMatrix, HasShards, HasWatch bool
	// DeclRange is the block's header.
	DeclRange hcl.Range
}

// VariableInfo describes a variable without an evaluation.
type VariableInfo struct {
	Name, Description string
	// Type is the declared type in Terraform's notation. Empty: the default decides.
	Type string
	// IsRequired reports that the variable has no default.
	IsRequired bool
	DeclRange  hcl.Range
}

// Tasks returns the tasks in the order of the files.
func (f *File) Tasks() []TaskInfo {
	decls := make([]TaskInfo, len(f.config.Tasks))
	for i, t := range f.config.Tasks {
		decls[i] = TaskInfo{
			Name: t.Name, Description: t.Description, Group: t.Group, Hidden: t.IsHidden,
			DependsOn: t.DeclaredDependencies(), Finally: t.DeclaredFinally(), DeclRange: t.HeaderRange,
			ArgsText: argsText(t), IsDefault: slices.Contains(f.config.Root.DefaultTasks, t.Name),
			HasMatrix: t.Attrs["matrix"] != nil,
			HasShards: t.Attrs["shards"] != nil, HasWatch: t.SingleBlocks["watch"] != nil,
		}
		if a := t.Attrs["job"]; a != nil {
			decls[i].Job, _ = config.LiteralString(a.Expr)
		}
		for _, a := range t.Aliases {
			decls[i].Aliases = append(decls[i].Aliases, a.Name)
		}
	}
	return decls
}

// Variables returns the variables of the project's own files, in order.
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

// SortDiagnostics orders diagnostics by file and position, and drops equal diagnostics.
func (f *File) SortDiagnostics(diags hcl.Diagnostics) hcl.Diagnostics {
	return diag.Sort(diags, f.config.SourceOrder)
}

// SourceFiles returns the sources by name, for the text of diagnostics.
func (f *File) SourceFiles() map[string]*hcl.File {
	return f.config.ShownFiles()
}

// Parser reads files. The zero value is ready for use.
type Parser config.Parser

// Parse reads the sources as one program and makes all checks without values. Syntax comes first. With clean
// syntax, names, references and attributes follow. The File is never nil.
func (p Parser) Parse(sources []Source) (*File, hcl.Diagnostics) {
	f := config.Parser(p).Parse(sources)
	return &File{config: f}, f.Diags
}

// Parse reads the sources with the zero [Parser].
func Parse(sources []Source) (*File, hcl.Diagnostics) { return Parser{}.Parse(sources) }

// DefaultTasks returns the tasks of a bare `tasks run`, in order; empty if the files name none.
func (f *File) DefaultTasks() []string { return slices.Clone(f.config.Root.DefaultTasks) }

package hclspec

import (
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shelllint"
)

// File is what [Parse] understood of one project's files, taken together. It is immutable and safe for concurrent use.
// It may come from broken files: then it holds what could be read, enough to list, and evaluates nothing.
type File struct {
	files map[string]*hcl.File
	// sourceOrder is the place of each source, by name.
	sourceOrder map[string]int
	// root is the module of the project's own files; modules are all of them, root first.
	root    *module
	modules []*module
	tasks   []*taskBlock
	// serviceBlocks are the `service` blocks, in order.
	serviceBlocks []*decodedBlock

	// taskByName has the tasks of all modules, by their full names; taskByAlias by what else the command line may call them.
	taskByName, taskByAlias map[string]*taskBlock

	// diags are those of Parse; with errors among them nothing runs. halted says that nothing can be evaluated then.
	diags         hcl.Diagnostics
	isUnevaluable bool
}

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
	decls := make([]TaskInfo, len(f.tasks))
	for i, t := range f.tasks {
		decls[i] = TaskInfo{
			Name: t.name, Description: t.description, Group: t.group, Hidden: t.isHidden,
			DependsOn: t.declaredDependencies(), Finally: t.declaredFinally(), DeclRange: t.headerRange,
		}
		for _, a := range t.aliases {
			decls[i].Aliases = append(decls[i].Aliases, a.name)
		}
	}
	return decls
}

// Variables lists the variables in the order of their declaration.
func (f *File) Variables() []VariableInfo {
	decls := make([]VariableInfo, len(f.root.variables))
	for i, v := range f.root.variables {
		decls[i] = VariableInfo{
			Name: v.name, Description: v.description, Type: v.typeName,
			IsRequired: v.defaultValue == nil, DeclRange: v.headerRange,
		}
	}
	return decls
}

func (f *File) locals() []*local {
	var all []*local
	for _, m := range f.modules {
		all = append(all, m.locals...)
	}
	return all
}

func (f *File) variables() []*variable {
	var all []*variable
	for _, m := range f.modules {
		all = append(all, m.variables...)
	}
	return all
}

// SortDiagnostics orders diagnostics by file and position, each once.
func (f *File) SortDiagnostics(diags hcl.Diagnostics) hcl.Diagnostics {
	return diag.Sort(diags, f.sourceOrder)
}

// SourceFiles gives the sources by their names, for [WriteDiagnostics].
func (f *File) SourceFiles() map[string]*hcl.File {
	return f.files
}

// Parser reads files. The zero value does.
type Parser struct {
	// Version is that of the program, such as "v1.2.3"; one that is none of a release satisfies every required_version.
	Version string
	// VariableFiles are files with values of the variables.
	VariableFiles VariableFiles
	// ReadInclude reads the files of an include block: a file, or a directory with a Tasks.hcl, by its absolute path. Its error is
	// shown as it is. Nil: nothing can be included.
	ReadInclude func(path string) ([]Source, error)
}

// Parse is that of the zero [Parser].
func Parse(sources []Source) (*File, hcl.Diagnostics) { return Parser{}.Parse(sources) }

// Parse reads the sources as one program and checks all that can be checked without a value: syntax first and, where
// that is clean, names, references and what the attributes may be. It never returns nil.
func (p Parser) Parse(sources []Source) (*File, hcl.Diagnostics) {
	f := &File{
		files:       map[string]*hcl.File{},
		sourceOrder: map[string]int{},
		root:        newModule(""),
		taskByName:  map[string]*taskBlock{},
	}
	f.modules = []*module{f.root}
	c := &checker{file: f}
	r := &sourceReader{Parser: p, checker: c}
	r.read(f.root, sources, nil)
	f.root.explicitValues, f.root.automaticValues = c.readValueFiles(p.VariableFiles.Explicit), c.readValueFiles(p.VariableFiles.Automatic)
	c.checkAll()
	switch versionErrors := p.requiredVersions(r.parsed); {
	case versionErrors.HasErrors():
		c.diags, f.isUnevaluable = versionErrors, true
	case r.syntaxErrors.HasErrors():
		c.diags, f.isUnevaluable = r.syntaxErrors, true
	default:
		c.diags = append(c.diags, r.warnings...)
	}
	f.diags = diag.Sort(c.diags, f.sourceOrder)
	return f, f.diags
}

// parsedSource is one file after the round of syntax.
type parsedSource struct {
	file *hcl.File
	body *hclsyntax.Body
	// dir is the absolute directory of the file.
	dir              string
	errors, warnings hcl.Diagnostics
}

// parseSource finds the shell expansions of a file, masks them, and parses the rest, so that neither kind of mistake
// hides the other.
func parseSource(source Source) parsedSource {
	scan := shelllint.Scan(source.Name, source.Bytes, referenceRoots())
	start := hcl.Pos{Line: 1, Column: 1}
	file, diags := hclsyntax.ParseConfig(scan.Masked, source.Name, start)
	p := parsedSource{
		file: &hcl.File{Body: file.Body, Bytes: source.Bytes},
		dir:  filepath.Dir(source.Path), warnings: scan.Warnings,
	}
	p.body, _ = file.Body.(*hclsyntax.Body)
	if first := diag.FirstError(diags); first != nil {
		if first.Subject != nil {
			// The mask may have changed the number of characters, though not of bytes, before it.
			at := diag.NewPositions(source.Name, source.Bytes).RangeOf(first.Subject.Start.Byte, first.Subject.End.Byte)
			first.Subject = &at
		}
		diag.AddParserData(first, source.Name, source.Bytes)
		p.errors = append(p.errors, first)
	}
	p.errors = append(p.errors, scan.Errors...)
	return p
}

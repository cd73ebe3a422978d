package config

import (
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/nesting"
	"tasks/hclspec/internal/shelllint"
)

// Parser reads the files of a project. The zero value is ready for use.
type Parser struct {
	// Version is the version of the program, such as "v1.2.3". A version of no release satisfies each
	// required_version.
	Version string
	// VariableFiles are files with values of the variables.
	VariableFiles VariableFiles
	// ReadInclude reads the files of an include block. The argument is the absolute path of a file, or of a
	// directory with a Tasks.hcl. Its error is shown as is. Nil: includes are errors.
	ReadInclude func(path string) ([]Source, error)
}

// Parse reads the sources as one program and makes all checks without values. Syntax comes first. With clean
// syntax, names, references and attributes follow. The result is never nil.
func (p Parser) Parse(sources []Source) *File {
	f := &File{
		Files:       map[string]*hcl.File{},
		SourceOrder: map[string]int{},
		hiddenPaths: map[string]string{},
		Prefixes:    map[string][]string{},
		Root:        newModule(""),
		RootSources: sources,
		TaskByName:  map[string]*Task{},
	}
	f.Modules = []*Module{f.Root}
	reporter := &reporter{}
	declarer := newDeclarer(f, reporter)
	r := &sourceReader{Parser: p, declarer: declarer}
	r.read(f.Root, sources, nil)
	f.Root.ExplicitValues, f.Root.AutomaticValues = declarer.readValueFiles(p.VariableFiles.Explicit),
		declarer.readValueFiles(p.VariableFiles.Automatic)
	declarer.declareJobTasks()
	newChecker(f, reporter).checkAll()
	f.HasSyntaxErrors = r.syntaxErrors.HasErrors()
	switch versionErrors := p.requiredVersions(r.parsed); {
	case versionErrors.HasErrors():
		reporter.diags, f.IsUnevaluable = versionErrors, true
	case r.syntaxErrors.HasErrors():
		reporter.diags, f.IsUnevaluable = r.syntaxErrors, true
	default:
		reporter.diags = append(reporter.diags, r.warnings...)
	}
	f.Diags = diag.Sort(reporter.diags, f.SourceOrder)
	f.hideText()
	return f
}

// parsedSource is a file with checked syntax.
type parsedSource struct {
	file *hcl.File
	body *hclsyntax.Body
	// dir is the absolute directory of the file.
	dir              string
	errors, warnings hcl.Diagnostics
}

// parseSource finds the shell expansions of a file, masks them, and parses the rest. Neither kind of mistake hides
// the other kind.
func parseSource(source Source) parsedSource {
	scan := shelllint.Scan(source.Name, source.Bytes, ReferenceRoots())
	file, diags := nesting.ParseFile(scan.Masked, source.Name, scan.Tokens)
	p := parsedSource{
		file: &hcl.File{Body: file.Body, Bytes: source.Bytes},
		dir:  filepath.Dir(source.Path), warnings: scan.Warnings,
	}
	p.body, _ = file.Body.(*hclsyntax.Body)
	if first := diag.FirstError(diags); first != nil {
		if first.Subject != nil {
			// The mask may change the number of characters before this place, but not the number of bytes.
			at := diag.NewPositions(source.Name, source.Bytes).RangeOf(first.Subject.Start.Byte, first.Subject.End.Byte)
			first.Subject = &at
		}
		diag.AddParserData(first, source.Name, source.Bytes)
		p.errors = append(p.errors, first)
	}
	p.errors = append(p.errors, scan.Errors...)
	return p
}

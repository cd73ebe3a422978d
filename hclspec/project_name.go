package hclspec

import (
	"regexp"

	"tasks/hclspec/internal/config"
)

// ProjectName returns the name in the compose block of the project's own files; empty without one. Errors beside the
// name do not matter. isKnown is false if the block has a name without a value.
func (f *File) ProjectName(in Inputs) (name string, isKnown bool) {
	block := f.config.Root.Compose
	if block == nil || block.Attrs["project"] == nil {
		return f.unparsedProjectName()
	}
	a := block.Attrs["project"]
	if name, isLiteral := config.LiteralString(a.Expr); isLiteral {
		return name, true
	}
	if f.config.IsUnevaluable {
		return "", false
	}
	e := newEvaluation(f.config, in)
	v, ok := e.scope("", nil, RunResults{}).attributeValue(a)
	var c Compose
	if !ok || v.IsNull() || c.setAttribute(a, v) != nil || e.finalDiagnostics().HasErrors() {
		return "", false
	}
	return c.Project, true
}

// composeStart is the start of a compose block, and projectLine a line with a literal name.
var (
	composeStart = regexp.MustCompile(`(?m)^[ \t]*compose[ \t]*\{`)
	projectLine  = regexp.MustCompile(`[ \t\n{]project[ \t]*=[ \t]*"([^"$%\n]*)"`)
	projectName  = regexp.MustCompile(`[ \t\n{]project[ \t]*=`)
)

// unparsedProjectName finds the name behind a syntax error, where the parser has no block. The text of a compose block
// ends at the first brace, because the block has none inside.
func (f *File) unparsedProjectName() (name string, isKnown bool) {
	if !f.config.HasSyntaxErrors {
		return "", true
	}
	for _, source := range f.config.RootSources {
		start := composeStart.FindIndex(source.Bytes)
		if start == nil {
			continue
		}
		block := regexp.MustCompile(`^[^}]*`).Find(source.Bytes[start[1]-1:])
		if found := projectLine.FindSubmatch(block); found != nil {
			return string(found[1]), true
		}
		if projectName.Match(block) {
			return "", false
		}
	}
	return "", true
}

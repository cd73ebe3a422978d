package hclspec

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
	"tasks/hclspec/internal/hcltext"
	"tasks/hclspec/internal/nesting"
)

// ExpressionFilename is the name of the typed text in messages.
const ExpressionFilename = "<console>"

// Evaluator evaluates expressions like a file of the project, outside of tasks. An Evaluator belongs to a single
// goroutine.
type Evaluator struct {
	file *config.File
	in   Inputs
}

// ExpressionResult is the answer to an expression.
type ExpressionResult struct {
	// Value is an expression with the same value and masked secrets. Empty after an error.
	Value string
	// Files and Diagnostics are for the text of diagnostics.
	Files       map[string]*hcl.File
	Diagnostics hcl.Diagnostics
}

// Evaluator returns an evaluator for a file without errors.
func (f *File) Evaluator(in Inputs) *Evaluator { return &Evaluator{file: f.config, in: in} }

// Evaluate evaluates an expression. Each call evaluates all references again, so changed files are read again.
func (c *Evaluator) Evaluate(text string) ExpressionResult {
	if strings.Contains(text, "<<") {
		text += "\n" // the marker that closes a heredoc stands on a line of its own
	}
	expr, diags := nesting.ParseExpression([]byte(text), ExpressionFilename)
	result := ExpressionResult{Files: map[string]*hcl.File{ExpressionFilename: {Bytes: []byte(text)}}, Diagnostics: diags}
	for name, file := range c.file.Files {
		result.Files[name] = file
	}
	if first := diag.FirstError(diags); first != nil {
		diag.AddParserData(first, ExpressionFilename, []byte(text))
		result.Diagnostics = hcl.Diagnostics{first}
		return result
	}
	e := config.Expression{Expr: expr, Origin: config.Origin{Dir: c.in.Root, Module: c.file.Root}}
	e.Refs, result.Diagnostics = config.CheckExpression(c.file, e, "a console, which is outside of every task",
		config.RefVar, config.RefLocal, config.RefPath, config.RefPlatform, config.RefProject, config.RefCompose,
		config.RefService, config.RefTask, config.RefArgs)
	if result.Diagnostics.HasErrors() {
		return result
	}
	evaluation := newEvaluation(c.file, c.in)
	v, ok := evaluation.scope("", nil, RunResults{}).markedValue(e)
	secrets := evaluation.secretSet
	secrets.Unmark(v)
	if result.Diagnostics = secrets.Secrets().Diagnostics(evaluation.finalDiagnostics()); ok {
		result.Value = secrets.Secrets().Mask(hcltext.Value(v))
	}
	return result
}

// Names returns the names that expressions may begin with: roots, variables, locals, members, and functions with an
// open parenthesis. The list is sorted.
func (c *Evaluator) Names() []string {
	names := []string{"service.", "task.", "project.name", "compose.env."}
	for _, v := range c.file.Root.Variables {
		names = append(names, config.MemberAccess("var", v.Name))
	}
	for _, name := range c.file.Root.LocalNames() {
		names = append(names, config.MemberAccess("local", name))
	}
	for _, kind := range []config.RefKind{config.RefPath, config.RefPlatform} {
		for _, member := range config.FixedMembers(kind) {
			names = append(names, config.MemberAccess(string(kind), member))
		}
	}
	for _, name := range slices.Concat(funcs.Names(), slices.Collect(maps.Keys(c.file.Root.FunctionByName))) {
		names = append(names, name+"(")
	}
	slices.Sort(names)
	return names
}

// ConsoleHelp says what a console understands.
const ConsoleHelp = `Type an expression, as in Tasks.hcl:
  var.NAME, local.NAME        values of the files
  path.root, platform.os      places and machine
  project.name, compose.env.X the compose project
  upper("a"), [for x in …]    functions and operators
An open bracket goes on in the next line. Tab completes, Up repeats, Ctrl-C drops the line, exit or Ctrl-D ends.`

// IsIncompleteExpression reports whether an expression needs another line: a bracket or a heredoc is open.
func IsIncompleteExpression(text string) bool {
	tokens, _ := hclsyntax.LexExpression([]byte(text), ExpressionFilename, hcl.InitialPos)
	open := 0
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOHeredoc,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			open++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCHeredoc,
			hclsyntax.TokenTemplateSeqEnd:
			open--
		}
	}
	return open > 0
}

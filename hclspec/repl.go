package hclspec

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// ExpressionFilename is how messages call the text of a console.
const ExpressionFilename = "<console>"

// Evaluator evaluates expressions as a file of the project would, outside of any task. It is for one goroutine.
type Evaluator struct {
	file *File
	in   Inputs
}

// Evaluator makes a console for a file without errors.
func (f *File) Evaluator(in Inputs) *Evaluator { return &Evaluator{file: f, in: in} }

// ExpressionResult is what a console says to an expression.
type ExpressionResult struct {
	// Value is an expression of the same value; secrets are masked. Empty where there are errors.
	Value string
	// Files and Diagnostics are for [WriteDiagnostics].
	Files       map[string]*hcl.File
	Diagnostics hcl.Diagnostics
}

// Evaluate gives the value of one expression. Each is evaluated anew, so that files that have changed are read again.
func (c *Evaluator) Evaluate(text string) ExpressionResult {
	if strings.Contains(text, "<<") {
		text += "\n" // the marker that closes a heredoc stands on a line of its own
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), ExpressionFilename, hcl.InitialPos)
	result := ExpressionResult{Files: map[string]*hcl.File{ExpressionFilename: {Bytes: []byte(text)}}, Diagnostics: diags}
	for name, file := range c.file.SourceFiles() {
		result.Files[name] = file
	}
	if first := firstError(diags); first != nil {
		result.Diagnostics = hcl.Diagnostics{first}
		return result
	}
	e := expression{expr: expr, origin: origin{dir: c.in.Root, mod: c.file.root}}
	check := checker{file: c.file}
	e.refs = check.analyse(e)
	check.checkAllowed(e, "a console, which is outside of every task",
		refVar, refLocal, refPath, refPlatform, refProject, refService, refTask, refArgs)
	if result.Diagnostics = check.diags; check.diags.HasErrors() {
		return result
	}
	evaluation := newEvaluation(c.file, c.in)
	v, ok := evaluation.scope("", nil, RunResults{}).markedValue(e)
	secrets := evaluation.secretSet
	secrets.unmark(v)
	if result.Diagnostics = secrets.secrets().Diagnostics(evaluation.finalDiagnostics()); ok {
		result.Value = secrets.secrets().Mask(valueText(v))
	}
	return result
}

// IsIncompleteExpression says that an expression goes on in the next line: a bracket or a heredoc is open.
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

// valueText writes a value as an expression, lists and maps with a line for each element. What is marked is masked, what is
// not known before a run is said to be so.
func valueText(v cty.Value) string {
	ty := v.Type()
	switch {
	case v.IsMarked():
		return Masked
	case !v.IsKnown():
		return "(known after the run)"
	case v.IsNull():
		return "null"
	case ty == cty.String:
		return stringText(v.AsString())
	case ty == cty.Number:
		return v.AsBigFloat().Text('f', -1)
	case ty == cty.Bool:
		if v.True() {
			return "true"
		}
		return "false"
	case ty.IsSetType():
		return "toset(" + sequenceText(v) + ")"
	case isSequence(ty):
		return sequenceText(v)
	}
	return mappingText(v)
}

func sequenceText(v cty.Value) string {
	if v.LengthInt() == 0 {
		return "[]"
	}
	var b strings.Builder
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		b.WriteString("  " + indentedText(element) + ",\n")
	}
	return "[\n" + b.String() + "]"
}

func mappingText(v cty.Value) string {
	if v.LengthInt() == 0 {
		return "{}"
	}
	var list []assignment
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		list = append(list, assignment{keyText(key.AsString()), valueText(element)})
	}
	var b strings.Builder
	writeAssignments(&b, "  ", list)
	return "{\n" + b.String() + "}"
}

func indentedText(v cty.Value) string {
	return strings.ReplaceAll(valueText(v), "\n", "\n  ")
}

// keyText is a key of an object, in quotes where it is no name.
func keyText(key string) string {
	if key == "for" || !hclsyntax.ValidIdentifier(key) { // a first `for` would begin an expression
		return stringText(key)
	}
	return key
}

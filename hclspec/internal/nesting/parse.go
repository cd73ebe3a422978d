package nesting

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// ParseFile parses a file. The body is empty if the nesting is too deep. tokens are the tokens of the text, or nil for
// a text that was not read yet.
func ParseFile(text []byte, filename string, tokens hclsyntax.Tokens) (*hcl.File, hcl.Diagnostics) {
	if tokens == nil && mayBeTooDeep(text) {
		tokens, _ = hclsyntax.LexConfig(text, filename, hcl.InitialPos)
	}
	if tooDeep := FileTokens(tokens); tooDeep != nil {
		return &hcl.File{Body: &hclsyntax.Body{}, Bytes: text}, hcl.Diagnostics{tooDeep}
	}
	return hclsyntax.ParseConfig(text, filename, hcl.InitialPos)
}

// ParseExpression parses an expression. The result is nil if the nesting is too deep.
func ParseExpression(text []byte, filename string) (hclsyntax.Expression, hcl.Diagnostics) {
	if mayBeTooDeep(text) {
		tokens, _ := hclsyntax.LexExpression(text, filename, hcl.InitialPos)
		if tooDeep := check(tokens, level{}); tooDeep != nil {
			return nil, hcl.Diagnostics{tooDeep}
		}
	}
	return hclsyntax.ParseExpression(text, filename, hcl.InitialPos)
}

// ParseTemplate parses the text of a template. The result is nil if the nesting is too deep.
func ParseTemplate(text []byte, filename string) (hclsyntax.Expression, hcl.Diagnostics) {
	if mayBeTooDeep(text) {
		tokens, _ := hclsyntax.LexTemplate(text, filename, hcl.InitialPos)
		if tooDeep := check(tokens, level{}); tooDeep != nil {
			return nil, hcl.Diagnostics{tooDeep}
		}
	}
	return hclsyntax.ParseTemplate(text, filename, hcl.InitialPos)
}

package lsp

import (
	"fmt"
	"strings"

	"tasks/hclspec"
)

// markdown returns a text of the documentation.
func markdown(text string) *MarkupContent {
	if text == "" {
		return nil
	}
	return &MarkupContent{Kind: "markdown", Value: text}
}

// attributeDoc returns the documentation of an attribute.
func attributeDoc(a hclspec.AttributeInfo) *MarkupContent {
	lines := []string{fmt.Sprintf("**%s** — %s", a.Name, a.Type), "", a.Doc + "."}
	if a.Default != "" {
		lines = append(lines, "", "Default: "+a.Default+".")
	}
	if len(a.Kinds) > 0 {
		lines = append(lines, "", "Tasks: "+strings.Join(a.Kinds, ", ")+".")
	}
	lines = append(lines, "", "```hcl", a.Name+" = "+a.Example, "```")
	return markdown(strings.Join(lines, "\n"))
}

// functionDoc returns the documentation of a function.
func functionDoc(f hclspec.FunctionInfo) *MarkupContent {
	example := fmt.Sprintf("```hcl\n%s\n# %s\n```", f.Example, f.Result)
	return markdown(fmt.Sprintf("**%s**\n\n%s.\n\n%s", f.Signature, f.Doc, example))
}

package lsp

import (
	"context"
	"strings"

	"tasks/hclspec/symbols"
)

// The kinds of entries of an outline.
const (
	outlineModule   = 2
	outlineProperty = 7
	outlineFunction = 12
	outlineVariable = 13
	outlineObject   = 19
)

// outline answers with the blocks of a document. Variables, locals, arguments and flags are entries too.
func (s *Server) outline(_ context.Context, p documentParams) (any, error) {
	at, err := s.fileOf(p)
	if err != nil {
		return nil, err
	}
	entries := []DocumentSymbol{}
	for _, c := range at.file.symbols.Chunks {
		for _, b := range c.Blocks {
			entries = append(entries, blockEntry(at.file.lines, c.Start, b))
		}
	}
	return entries, nil
}

func blockEntry(l *lines, start int, b *symbols.Block) DocumentSymbol {
	kinds := map[string]int{"task": outlineFunction, "function": outlineFunction, "variable": outlineVariable,
		"arg": outlineVariable, "flag": outlineVariable, "include": outlineModule}
	entry := DocumentSymbol{
		Name: strings.TrimSpace(b.Type + " " + b.Label()), Kind: outlineObject,
		Range: l.rangeOf(b.Span.Shift(start)), SelectionRange: l.rangeOf(b.TypeSpan.Shift(start)),
	}
	if kind := kinds[b.Type]; kind != 0 {
		entry.Kind = kind
	}
	if a := b.Attribute("description"); a != nil && len(a.Texts) == 1 {
		entry.Detail = a.Texts[0].Value
	}
	if b.Type == "locals" {
		for _, a := range b.Attributes {
			span := symbols.Span{Start: a.NameSpan.Start, End: a.Value.End}
			entry.Children = append(entry.Children, DocumentSymbol{
				Name: a.Name, Kind: outlineProperty, Range: l.rangeOf(span.Shift(start)),
				SelectionRange: l.rangeOf(a.NameSpan.Shift(start)),
			})
		}
	}
	for _, inner := range b.Blocks {
		entry.Children = append(entry.Children, blockEntry(l, start, inner))
	}
	return entry
}

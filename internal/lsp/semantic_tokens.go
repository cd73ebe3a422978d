package lsp

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"tasks/hclspec/symbols"
)

// semanticTypes are the types of words in the order of [symbols.TokenKind].
func semanticTypes() []string {
	return []string{"keyword", "property", "variable", "function", "namespace", "string", "number", "comment"}
}

// semanticTokens answers with the words of a document for highlighting.
func (s *Server) semanticTokens(_ context.Context, p documentParams) (any, error) {
	at, err := s.fileOf(p)
	if err != nil {
		return nil, err
	}
	var words []symbols.Token
	for _, c := range at.file.symbols.Chunks {
		for _, t := range c.Tokens {
			t.Span = t.Span.Shift(c.Start)
			words = append(words, linesOfWord(at.file.text(), t)...)
		}
	}
	slices.SortStableFunc(words, func(a, b symbols.Token) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	answer := SemanticTokens{Data: []int{}}
	var last Position
	for _, t := range words {
		r := at.file.lines.rangeOf(t.Span)
		column := r.Start.Character
		if r.Start.Line == last.Line {
			column -= last.Character
		}
		answer.Data = append(answer.Data, r.Start.Line-last.Line, column, r.End.Character-r.Start.Character, int(t.Kind), 0)
		last = r.Start
	}
	return answer, nil
}

// linesOfWord splits a word at its line breaks: a word of the protocol is on one line.
func linesOfWord(text []byte, t symbols.Token) []symbols.Token {
	var words []symbols.Token
	for start := t.Span.Start; start < t.Span.End; {
		end := t.Span.End
		if i := bytes.IndexByte(text[start:end], '\n'); i >= 0 {
			end = start + i
		}
		visible := symbols.Span{Start: start, End: start + len(bytes.TrimRight(text[start:end], "\r"))}
		if visible.Start < visible.End {
			words = append(words, symbols.Token{Kind: t.Kind, Span: visible})
		}
		start = end + 1
	}
	return words
}

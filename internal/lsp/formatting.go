package lsp

import (
	"bytes"
	"context"

	"tasks/hclspec"
	"tasks/hclspec/symbols"
	"tasks/internal/format"
)

// formatting answers with the edit that gives a document its canonical layout. A document with a syntax error stays.
func (s *Server) formatting(_ context.Context, p documentParams) (any, error) {
	at, err := s.fileOf(p)
	if err != nil {
		return nil, err
	}
	before := at.file.text()
	_, diags := hclspec.CheckSyntax(hclspec.Source{Name: at.file.path, Path: at.file.path, Bytes: before})
	if diags.HasErrors() {
		return []TextEdit{}, nil
	}
	after := format.Source(before)
	if bytes.Equal(before, after) {
		return []TextEdit{}, nil
	}
	return []TextEdit{lineEdit(at.file.lines, after)}, nil
}

// lineEdit returns the edit from a text to another text, without the equal lines at the start and at the end.
func lineEdit(l *lines, after []byte) TextEdit {
	before := l.text
	start := 0
	for start < min(len(before), len(after)) && before[start] == after[start] {
		start++
	}
	start = bytes.LastIndexByte(before[:start], '\n') + 1
	end := 0
	for end < min(len(before), len(after))-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	if line := bytes.IndexByte(before[len(before)-end:], '\n'); line >= 0 {
		end -= line + 1
	} else {
		end = 0
	}
	return TextEdit{l.rangeOf(symbols.Span{Start: start, End: len(before) - end}), string(after[start : len(after)-end])}
}

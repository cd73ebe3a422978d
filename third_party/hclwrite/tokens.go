// Copyright IBM Corp. 2014, 2026
// SPDX-License-Identifier: MPL-2.0

// Package hclwrite is what Format of github.com/hashicorp/hcl/v2/hclwrite needs, and nothing else. The whole package brings
// a comparison library along, whose package variables every call of the program would pay for (docs/adr/0005-start-up.md).
//
// format.go is the module's own file, byte for byte; this one holds the functions of its tokens.go, parser.go and public.go
// that format.go reaches. third_party/sync copies and checks the first, and the tests of tasks/internal/format compare the
// output of both packages.
package hclwrite

import (
	"bytes"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Token is a single sequence of bytes annotated with a type, and the number of spaces before it.
type Token struct {
	Type         hclsyntax.TokenType
	Bytes        []byte
	SpacesBefore int
}

// Tokens is a flat list of tokens.
type Tokens []*Token

// asHCLSyntax returns the receiver as a token without a place.
func (t *Token) asHCLSyntax() hclsyntax.Token {
	return hclsyntax.Token{Type: t.Type, Bytes: t.Bytes, Range: hcl.Range{Filename: "<invalid>"}}
}

// Columns returns the number of columns (grapheme clusters) the token sequence occupies.
func (ts Tokens) Columns() int {
	ret := 0
	for _, token := range ts {
		ret += token.SpacesBefore // spaces are always worth one column each
		ct, _ := textseg.TokenCount(token.Bytes, textseg.ScanGraphemeClusters)
		ret += ct
	}
	return ret
}

// Bytes is the text of the tokens, with the spaces before each.
func (ts Tokens) Bytes() []byte {
	var buf bytes.Buffer
	for _, token := range ts {
		buf.Write(bytes.Repeat([]byte{' '}, max(token.SpacesBefore, 0)))
		buf.Write(token.Bytes)
	}
	return buf.Bytes()
}

// lexConfig uses the scanner of hclsyntax to get the tokens. What it has no token for (spaces) stands between them.
func lexConfig(src []byte) Tokens {
	native, _ := hclsyntax.LexConfig(src, "", hcl.Pos{Byte: 0, Line: 1, Column: 1})
	tokens := make(Tokens, len(native))
	last := 0
	for i, token := range native {
		tokens[i] = &Token{Type: token.Type, Bytes: bytes.Clone(token.Bytes), SpacesBefore: token.Range.Start.Byte - last}
		last = token.Range.End.Byte
	}
	return tokens
}

// Format makes the layout of source code canonical, by changing white space alone. Code with syntax errors is taken too.
func Format(src []byte) []byte {
	tokens := lexConfig(src)
	format(tokens)
	return tokens.Bytes()
}

package symbols

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// CursorKind tells what a person types at a place.
type CursorKind int

// The kinds of places.
const (
	// InStatement is the start of a statement: the name of an attribute or of a block.
	InStatement CursorKind = iota
	// InExpression is the value of an attribute, outside of its texts.
	InExpression
	// InText is a text in quotes.
	InText
	// InKey is a key of an object.
	InKey
	// InHeader is the header of a block, behind its type.
	InHeader
	// InComment is a comment, or the text of a heredoc.
	InComment
)

// Cursor describes a place in a file for completion.
type Cursor struct {
	Kind CursorKind
	// Block is the innermost block, nil at the top. Attribute is the attribute with the place, or nil.
	Block     *Block
	Attribute *Attribute
	// Word is the part of the current word before the place. In a text the word is the text.
	Word string
	// Path are the complete words before the word: var, or service and db.
	Path []string
	// IsIndex reports a text in an index behind the path.
	IsIndex bool
}

// place is a place in the syntax at the end of a text.
type place struct{ Cursor }

// At describes a place of the file. Only the text before the place counts.
func (f *File) At(offset int) Cursor {
	c := f.ChunkAt(offset)
	text := c.Text[:min(max(offset-c.Start, 0), len(c.Text))]
	return scan([]byte(text)).end.Cursor
}

// place describes the end of the text.
func (s *scanner) place(text []byte) place {
	end := len(s.tokens) - 1 // the end of the file
	if end < 0 {
		return place{}
	}
	at := Cursor{Block: s.block, Attribute: s.attribute}
	tokens := s.tokens[:end]
	if n := len(tokens); n > 0 && tokens[n-1].Type == hclsyntax.TokenComment {
		if last := tokens[n-1].Bytes; last[len(last)-1] != '\n' {
			at.Kind = InComment
			return place{at}
		}
	}
	if s.attribute == nil {
		return place{statementPlace(at, tokens)}
	}
	if slices.Contains(s.opened, hclsyntax.TokenOHeredoc) && !s.isInTemplate() {
		at.Kind = InComment
		return place{at}
	}
	if n := len(s.opened); n > 0 && s.opened[n-1] == hclsyntax.TokenOQuote {
		return place{textPlace(at, tokens)}
	}
	return place{s.expressionPlace(at, tokens, len(text))}
}

func (s *scanner) isInTemplate() bool {
	n := len(s.opened)
	return n > 0 && s.opened[n-1] != hclsyntax.TokenOHeredoc
}

// statementPlace describes a place outside of a value.
func statementPlace(at Cursor, tokens hclsyntax.Tokens) Cursor {
	line := tokens
	for i := len(tokens) - 1; i >= 0; i-- {
		t := tokens[i]
		isStart := t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenOBrace || t.Type == hclsyntax.TokenCBrace
		if isStart || t.Type == hclsyntax.TokenComment {
			line = tokens[i+1:]
			break
		}
	}
	switch {
	case len(line) == 0:
	case len(line) == 1 && line[0].Type == hclsyntax.TokenIdent:
		at.Word = string(line[0].Bytes)
	default:
		at.Kind = InHeader
		at.Path = []string{string(line[0].Bytes)}
		if last := line[len(line)-1]; last.Type == hclsyntax.TokenQuotedLit {
			at.Word = string(last.Bytes)
		}
	}
	return at
}

// textPlace describes a place in a text without its closing quote.
func textPlace(at Cursor, tokens hclsyntax.Tokens) Cursor {
	at.Kind = InText
	i := len(tokens) - 1
	for i >= 0 && tokens[i].Type != hclsyntax.TokenOQuote {
		i--
	}
	if last := len(tokens) - 1; i < last && tokens[last].Type == hclsyntax.TokenQuotedLit {
		at.Word = string(tokens[last].Bytes)
	}
	if i > 0 && tokens[i-1].Type == hclsyntax.TokenOBrack {
		if path := pathBefore(tokens[:i-1]); len(path) > 0 {
			at.Path, at.IsIndex = path, true
		}
	}
	return at
}

// expressionPlace describes a place in an expression. size is the length of the text.
func (s *scanner) expressionPlace(at Cursor, tokens hclsyntax.Tokens, size int) Cursor {
	at.Kind = InExpression
	n := len(tokens)
	if n > 0 && tokens[n-1].Type == hclsyntax.TokenIdent && tokens[n-1].Range.End.Byte == size {
		n--
		at.Word = string(tokens[n].Bytes)
	}
	if n > 0 && tokens[n-1].Type == hclsyntax.TokenDot {
		at.Path = pathBefore(tokens[:n-1])
		return at
	}
	if count := len(s.opened); n > 0 && count > 0 && s.opened[count-1] == hclsyntax.TokenOBrace {
		switch tokens[n-1].Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenComma, hclsyntax.TokenNewline:
			at.Kind = InKey
		}
	}
	return at
}

// pathBefore returns the words of the reference at the end of the tokens.
func pathBefore(tokens hclsyntax.Tokens) []string {
	var path []string
	for i := len(tokens) - 1; i >= 0; {
		switch t := tokens[i]; {
		case t.Type == hclsyntax.TokenIdent:
			path = append(path, string(t.Bytes))
			if i == 0 || tokens[i-1].Type != hclsyntax.TokenDot {
				slices.Reverse(path)
				return path
			}
			i -= 2
		case t.Type == hclsyntax.TokenCBrack && i >= 4 && tokens[i-2].Type == hclsyntax.TokenQuotedLit:
			path = append(path, string(tokens[i-2].Bytes))
			i -= 5
		default:
			return nil
		}
	}
	return nil
}

package symbols

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/nesting"
	"tasks/hclspec/internal/shelllint"
)

// scanner reads the tokens of a chunk. opened are the open brackets, quotes and templates of the current value.
type scanner struct {
	tree   *Tree
	tokens hclsyntax.Tokens
	i      int
	opened []hclsyntax.TokenType
	// block and attribute are the place of the current token.
	block     *Block
	attribute *Attribute
}

// scan reads a text. A text with too many levels has no symbols.
func scan(text []byte) *Tree {
	masked := shelllint.Scan("", text, config.ReferenceRoots())
	tokens := masked.Tokens
	if tokens == nil {
		tokens, _ = hclsyntax.LexConfig(text, "", hcl.InitialPos)
	}
	s := &scanner{tree: &Tree{}, tokens: tokens}
	if nesting.FileTokens(tokens) != nil {
		return s.tree
	}
	s.body()
	s.tree.end = s.place(text)
	return s.tree
}

// token returns the token some places ahead. The last token is the end of the file.
func (s *scanner) token(ahead int) hclsyntax.Token {
	if i := s.i + ahead; i < len(s.tokens) {
		return s.tokens[i]
	}
	return hclsyntax.Token{Type: hclsyntax.TokenEOF}
}

func (s *scanner) is(ahead int, t hclsyntax.TokenType) bool { return s.token(ahead).Type == t }

func spanOf(t hclsyntax.Token) Span { return Span{t.Range.Start.Byte, t.Range.End.Byte} }

func textOf(t hclsyntax.Token) Text { return Text{string(t.Bytes), spanOf(t)} }

func (s *scanner) mark(kind TokenKind, span Span) {
	s.tree.Tokens = append(s.tree.Tokens, Token{kind, span})
}

// body reads the statements of a body up to its closing brace.
func (s *scanner) body() {
	for ; !s.is(0, hclsyntax.TokenEOF); s.i++ {
		switch t := s.token(0); t.Type {
		case hclsyntax.TokenComment:
			s.mark(CommentToken, spanOf(t))
		case hclsyntax.TokenCBrace:
			if s.block != nil {
				return
			}
		case hclsyntax.TokenIdent:
			if s.is(1, hclsyntax.TokenEqual) {
				s.attributeStatement()
			} else {
				s.blockStatement()
			}
		}
	}
}

// blockStatement reads a block, or the start of its header.
func (s *scanner) blockStatement() {
	b := &Block{Type: string(s.token(0).Bytes), TypeSpan: spanOf(s.token(0)), Parent: s.block}
	start := s.i
	s.i++
	for !s.is(0, hclsyntax.TokenOBrace) {
		label, ok := s.label()
		if !ok {
			s.i = max(start, s.i-1) // the caller goes on behind this token
			return
		}
		b.Labels = append(b.Labels, label)
	}
	s.i++
	s.mark(KeywordToken, b.TypeSpan)
	for _, label := range b.Labels {
		s.mark(NameToken, label.Span)
	}
	outer := s.block
	if outer == nil {
		s.tree.Blocks = append(s.tree.Blocks, b)
	} else {
		outer.Blocks = append(outer.Blocks, b)
	}
	s.block = b
	s.body()
	b.Span = Span{b.TypeSpan.Start, s.token(0).Range.End.Byte}
	if s.is(0, hclsyntax.TokenEOF) {
		return // the end of the text is in this block
	}
	s.block = outer
}

// label reads a label of a header.
func (s *scanner) label() (Text, bool) {
	if s.is(0, hclsyntax.TokenIdent) {
		s.i++
		return textOf(s.token(-1)), true
	}
	if text, size := s.quoted(0); size > 0 {
		s.i += size
		return text, true
	}
	return Text{}, false
}

// quoted returns the literal text at a token, and the number of its tokens; 0 for anything else.
func (s *scanner) quoted(ahead int) (Text, int) {
	if !s.is(ahead, hclsyntax.TokenOQuote) {
		return Text{}, 0
	}
	if s.is(ahead+1, hclsyntax.TokenCQuote) {
		at := s.token(ahead).Range.End.Byte
		return Text{"", Span{at, at}}, 2
	}
	if s.is(ahead+1, hclsyntax.TokenQuotedLit) && s.is(ahead+2, hclsyntax.TokenCQuote) {
		return textOf(s.token(ahead + 1)), 3
	}
	return Text{}, 0
}

// attributeStatement reads an attribute with its value.
func (s *scanner) attributeStatement() {
	name := textOf(s.token(0))
	a := &Attribute{Name: name.Value, NameSpan: name.Span}
	s.mark(AttributeToken, a.NameSpan)
	if s.block == nil {
		s.tree.Attributes = append(s.tree.Attributes, a)
	} else {
		s.block.Attributes = append(s.block.Attributes, a)
	}
	s.i += 2
	s.attribute, s.opened = a, nil
	a.Value = Span{s.token(0).Range.Start.Byte, s.token(0).Range.Start.Byte}
	for !s.atValueEnd() {
		s.valueToken()
		a.Value.End = s.token(-1).Range.End.Byte
	}
	if s.is(0, hclsyntax.TokenEOF) {
		return
	}
	s.attribute, s.opened = nil, nil
	s.i-- // the caller goes on behind this token
}

// atValueEnd reports whether the value of the attribute ends before the current token. A new attribute ends an open
// list too, because no list has a "name =".
func (s *scanner) atValueEnd() bool {
	t := s.token(0)
	if t.Type == hclsyntax.TokenEOF {
		return true
	}
	if len(s.opened) == 0 {
		isLineEnd := t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenCBrace
		return isLineEnd || t.Type == hclsyntax.TokenComment && t.Bytes[len(t.Bytes)-1] == '\n'
	}
	inner := s.opened[len(s.opened)-1]
	if inner != hclsyntax.TokenOBrack && inner != hclsyntax.TokenOParen {
		return false
	}
	return s.is(-1, hclsyntax.TokenNewline) && t.Type == hclsyntax.TokenIdent && s.is(1, hclsyntax.TokenEqual)
}

// valueToken reads a token of a value.
func (s *scanner) valueToken() {
	t := s.token(0)
	switch t.Type {
	case hclsyntax.TokenIdent:
		s.word()
		return
	case hclsyntax.TokenOQuote:
		if text, size := s.quoted(0); size > 0 {
			s.literal(text, size)
			return
		}
		s.opened = append(s.opened, t.Type)
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
		hclsyntax.TokenTemplateControl, hclsyntax.TokenOHeredoc:
		s.opened = append(s.opened, t.Type)
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
		hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		s.opened = s.opened[:max(0, len(s.opened)-1)]
	case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit:
		s.mark(StringToken, spanOf(t))
	case hclsyntax.TokenNumberLit:
		s.mark(NumberToken, spanOf(t))
	case hclsyntax.TokenComment:
		s.mark(CommentToken, spanOf(t))
	}
	s.i++
}

// isDirect reports whether the current token belongs to the value itself, or to an element of its list.
func (s *scanner) isDirect() bool {
	return len(s.opened) == 0 || slices.Equal(s.opened, []hclsyntax.TokenType{hclsyntax.TokenOBrack})
}

// isKey reports whether the current words are a key of an object, with some tokens before the sign.
func (s *scanner) isKey(size int) bool {
	return len(s.opened) > 0 && s.opened[len(s.opened)-1] == hclsyntax.TokenOBrace &&
		(s.is(size, hclsyntax.TokenEqual) || s.is(size, hclsyntax.TokenColon))
}

// literal reads a literal text.
func (s *scanner) literal(text Text, size int) {
	switch {
	case s.isKey(size):
		s.key(text)
	case s.isDirect():
		s.attribute.Texts = append(s.attribute.Texts, text)
	}
	s.mark(StringToken, Span{text.Span.Start - 1, text.Span.End + 1})
	s.i += size
}

func (s *scanner) key(text Text) {
	if len(s.opened) == 1 {
		s.attribute.Keys = append(s.attribute.Keys, text)
	}
}

// word reads a word of an expression: a key, a call or a reference.
func (s *scanner) word() {
	text := textOf(s.token(0))
	switch {
	case s.isKey(1):
		s.key(text)
		s.mark(AttributeToken, text.Span)
		s.i++
	case s.is(1, hclsyntax.TokenOParen):
		s.tree.Calls = append(s.tree.Calls, Call{text, s.block})
		s.mark(FunctionToken, text.Span)
		s.i++
	default:
		s.reference(text)
	}
}

// reference reads the first word of a reference, and its steps.
func (s *scanner) reference(root Text) {
	ref := Reference{Root: root, Block: s.block, Attribute: s.attribute}
	s.mark(ReferenceToken, root.Span)
	for s.i++; ; {
		step, size := s.step()
		if size == 0 {
			break
		}
		ref.Steps = append(ref.Steps, step)
		s.mark(NameToken, step.Span)
		s.i += size
	}
	if len(ref.Steps) == 0 && s.isDirect() {
		s.attribute.Names = append(s.attribute.Names, root)
	}
	s.tree.References = append(s.tree.References, ref)
}

// step returns the next step of a reference, and the number of its tokens.
func (s *scanner) step() (Step, int) {
	start := s.token(0).Range.Start.Byte
	if s.is(0, hclsyntax.TokenDot) && s.is(1, hclsyntax.TokenIdent) {
		name := textOf(s.token(1))
		return Step{Text: name, Access: Span{start, name.Span.End}}, 2
	}
	if !s.is(0, hclsyntax.TokenOBrack) {
		return Step{}, 0
	}
	text, size := s.quoted(1)
	if size == 0 || !s.is(1+size, hclsyntax.TokenCBrack) {
		return Step{}, 0
	}
	return Step{Text: text, Access: Span{start, s.token(1 + size).Range.End.Byte}, IsIndex: true}, size + 2
}

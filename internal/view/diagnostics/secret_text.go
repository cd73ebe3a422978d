package diagnostics

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/internal/suggest"
)

// hiddenText stands in place of a literal that may be a secret.
const hiddenText = "***"

// byteSpan is a part of a source.
type byteSpan struct{ start, end int }

// secretLiterals returns the literals of a source that may be secrets, in order: in the arguments of sensitive(…), in a
// block with sensitive = true, and in the variables of an include block. The search reads tokens, because the source
// may have errors, in these names too.
func secretLiterals(source []byte) []byteSpan {
	if !bytes.Contains(source, []byte("sen")) && !bytes.Contains(source, []byte("variables")) {
		return nil
	}
	search := newSecretSearch(source)
	var open []int // the tokens of open brackets
	for i, token := range search.tokens {
		switch {
		case isOpening(token):
			open = append(open, i)
		case isClosing(token) && len(open) > 0:
			search.addBracket(open[len(open)-1], i)
			open = open[:len(open)-1]
		}
	}
	for _, i := range open {
		search.addBracket(i, len(search.tokens)-1)
	}
	var literals []byteSpan
	for i, token := range search.tokens {
		if search.isHidden[i] {
			literals = append(literals, byteSpan{token.Range.Start.Byte, token.Range.End.Byte})
		}
	}
	return literals
}

func isOpening(token hclsyntax.Token) bool {
	switch token.Type {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		return true
	}
	return false
}

func isClosing(token hclsyntax.Token) bool {
	switch token.Type {
	case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
		return true
	}
	return false
}

func isLiteral(token hclsyntax.Token) bool {
	switch token.Type {
	case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit, hclsyntax.TokenNumberLit, hclsyntax.TokenInvalid,
		hclsyntax.TokenBadUTF8:
		return true
	}
	return false
}

// secretSearch finds the literals of a source that may be secrets.
type secretSearch struct {
	tokens hclsyntax.Tokens
	// sensitive are the offsets of `sensitive = …`, with wrong letters too, unless the value is false.
	sensitive []int
	// isHidden reports for each token whether the token is such a literal.
	isHidden []bool
}

func newSecretSearch(source []byte) *secretSearch {
	s := &secretSearch{}
	s.tokens, _ = hclsyntax.LexConfig(source, "", hcl.InitialPos)
	s.isHidden = make([]bool, len(s.tokens))
	attribute := regexp.MustCompile(`\bsen\w*\s*=\s*(\w*)`)
	for _, found := range attribute.FindAllSubmatchIndex(source, -1) {
		if string(source[found[2]:found[3]]) != "false" {
			s.sensitive = append(s.sensitive, found[0])
		}
	}
	return s
}

// addBracket hides the literals between an opening and a closing bracket, if these may be secrets.
func (s *secretSearch) addBracket(opening, closing int) {
	name := s.nameBefore(opening)
	switch s.tokens[opening].Type {
	case hclsyntax.TokenOParen:
		if name == "sensitive" || name != "nonsensitive" && suggest.Nearest(name, []string{"sensitive"}) != "" {
			s.hide(opening, closing, nil)
		}
	case hclsyntax.TokenOBrace:
		start, end := s.tokens[opening].Range.Start.Byte, s.tokens[closing].Range.End.Byte
		isWithin := func(offset int) bool { return start < offset && offset < end }
		switch {
		case name == "variables":
			s.hide(opening, closing, nil)
		case slices.ContainsFunc(s.sensitive, isWithin):
			s.hide(opening, closing, []string{"description", "nullable", "sensitive", "type"})
		}
	}
}

// hide hides the literals between two brackets, but not in these attributes.
func (s *secretSearch) hide(opening, closing int, except []string) {
	depth, attribute := 0, ""
	for i := opening + 1; i <= closing; i++ {
		switch token := s.tokens[i]; {
		case isOpening(token):
			depth++
		case isClosing(token):
			depth--
		case token.Type == hclsyntax.TokenNewline && depth == 0:
			attribute = ""
		case token.Type == hclsyntax.TokenEqual && depth == 0:
			attribute = s.nameBefore(i)
		case isLiteral(token) && !slices.Contains(except, attribute):
			s.isHidden[i] = true
		}
	}
}

// nameBefore returns the name before a bracket or an equals sign, also with an equals sign between.
func (s *secretSearch) nameBefore(token int) string {
	at := token - 1
	if at > 0 && s.tokens[at].Type == hclsyntax.TokenEqual {
		at--
	}
	if at < 0 || s.tokens[at].Type != hclsyntax.TokenIdent {
		return ""
	}
	return string(s.tokens[at].Bytes)
}

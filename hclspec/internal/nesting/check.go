package nesting

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// MaxDepth is the number of levels that a file or an expression may have.
const MaxDepth = 1000

// mayBeTooDeep reports whether a text has enough bytes that begin a level. The answer no is cheap and certain.
func mayBeTooDeep(text []byte) bool {
	levels := 0
	for _, b := range text {
		switch b {
		case '(', '[', '{', '?', '!', '-', '+', '*', '/', '%', '<', '>', '=', '&', '|':
			levels++
		}
	}
	return levels > MaxDepth
}

// FileTokens checks the tokens of a file. The error is at the first token that is too deep.
func FileTokens(tokens hclsyntax.Tokens) *hcl.Diagnostic {
	return check(tokens, level{hasLines: true})
}

// level is a bracket, quote or template that is open, or the whole text.
type level struct {
	closedBy hclsyntax.TokenType
	// hasLines reports whether a newline ends an element.
	hasLines bool
	// weight is the depth of the level itself.
	weight int
	// chain is the depth without brackets: operators, indexes, and directives such as %{ if }.
	chain int
}

func check(tokens hclsyntax.Tokens, root level) *hcl.Diagnostic {
	levels, depth := []level{root}, 0
	for i, token := range tokens {
		top := &levels[len(levels)-1]
		if top.isElementEnd(token) {
			depth -= top.chain
			top.chain = 0
		}
		change := chainChange(tokens, i)
		top.chain, depth = top.chain+change, depth+change
		if next, opens := opening(tokens, i); opens {
			levels, depth = append(levels, next), depth+next.weight
		} else {
			for n := closedLevels(levels, token.Type); n > 0; n-- {
				last := levels[len(levels)-1]
				levels, depth = levels[:len(levels)-1], depth-last.weight-last.chain
			}
		}
		if depth > MaxDepth {
			return diag.ErrorAt(token.Range, "too many levels", "Brackets, blocks, templates and operators may be nested "+
				"in at most %d levels. Give a part of this a name in a locals block, and use the name here.", MaxDepth)
		}
	}
	return nil
}

// isElementEnd reports whether a token ends an element of a level. The token of a comment may have the newline.
func (l level) isElementEnd(token hclsyntax.Token) bool {
	switch token.Type {
	case hclsyntax.TokenComma:
		return true
	case hclsyntax.TokenNewline:
		return l.hasLines
	case hclsyntax.TokenComment:
		return l.hasLines && bytes.HasSuffix(token.Bytes, []byte("\n"))
	}
	return false
}

// opening returns the level that a token opens.
func opening(tokens hclsyntax.Tokens, i int) (level, bool) {
	switch tokens[i].Type {
	case hclsyntax.TokenOBrace:
		return level{closedBy: hclsyntax.TokenCBrace, weight: 1, hasLines: !isWord(tokens[i+1:], "for")}, true
	case hclsyntax.TokenOBrack:
		return level{closedBy: hclsyntax.TokenCBrack, weight: 1}, true
	case hclsyntax.TokenOParen:
		return level{closedBy: hclsyntax.TokenCParen, weight: 1}, true
	case hclsyntax.TokenOQuote:
		return level{closedBy: hclsyntax.TokenCQuote}, true
	case hclsyntax.TokenOHeredoc:
		return level{closedBy: hclsyntax.TokenCHeredoc}, true
	case hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		return level{closedBy: hclsyntax.TokenTemplateSeqEnd, weight: 1}, true
	}
	return level{}, false
}

// closedLevels returns the number of levels that a token closes. In a text with mistakes the inner levels may have no
// end of their own.
func closedLevels(levels []level, token hclsyntax.TokenType) int {
	switch token {
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
		hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		for n := len(levels) - 1; n > 0; n-- {
			if levels[n].closedBy == token {
				return len(levels) - n
			}
		}
	}
	return 0
}

// chainChange returns the change of the chain by a token.
func chainChange(tokens hclsyntax.Tokens, i int) int {
	switch tokens[i].Type {
	case hclsyntax.TokenQuestion, hclsyntax.TokenBang, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenPlus,
		hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent, hclsyntax.TokenEqualOp,
		hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan,
		hclsyntax.TokenGreaterThanEq:
		return 1
	case hclsyntax.TokenOBrack:
		if i > 0 && endsOperand(tokens[i-1].Type) {
			return 1 // an index, no list
		}
	case hclsyntax.TokenTemplateControl:
		switch {
		case isWord(tokens[i+1:], "if"), isWord(tokens[i+1:], "for"):
			return 1
		case isWord(tokens[i+1:], "endif"), isWord(tokens[i+1:], "endfor"):
			return -1
		}
	}
	return 0
}

func endsOperand(token hclsyntax.TokenType) bool {
	switch token {
	case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenStar, hclsyntax.TokenCParen,
		hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		return true
	}
	return false
}

// isWord reports whether the first token, newlines and comments aside, is a word.
func isWord(tokens hclsyntax.Tokens, word string) bool {
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
		default:
			return token.Type == hclsyntax.TokenIdent && string(token.Bytes) == word
		}
	}
	return false
}

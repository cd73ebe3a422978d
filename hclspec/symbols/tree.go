package symbols

// Span is a range of bytes in a chunk or in a file: the offsets of the first byte, and of the byte behind the last.
type Span struct{ Start, End int }

// Contains reports whether an offset is in the span or at one of its ends.
func (s Span) Contains(offset int) bool { return s.Start <= offset && offset <= s.End }

// Shift returns the span behind some more bytes.
func (s Span) Shift(by int) Span { return Span{s.Start + by, s.End + by} }

// Tree holds the symbols of a chunk. All spans start at the chunk's first byte.
type Tree struct {
	Blocks []*Block
	// Attributes are the attributes outside of blocks, as in a file with values of variables.
	Attributes []*Attribute
	References []Reference
	Calls      []Call
	// Tokens are the words for semantic highlighting, in order.
	Tokens []Token
	// end is the place in the syntax at the end of the text.
	end place
}

// Block is a block with its content.
type Block struct {
	Type     string
	TypeSpan Span
	Labels   []Text
	// Span starts at the type and ends behind the closing brace. Without a brace, the span ends with the chunk.
	Span       Span
	Parent     *Block
	Blocks     []*Block
	Attributes []*Attribute
}

// Label returns the first label, or an empty text.
func (b *Block) Label() string {
	if len(b.Labels) == 0 {
		return ""
	}
	return b.Labels[0].Value
}

// Top returns the block outside of all other blocks.
func (b *Block) Top() *Block {
	for b.Parent != nil {
		b = b.Parent
	}
	return b
}

// Attribute returns an attribute of the block by name, or nil.
func (b *Block) Attribute(name string) *Attribute {
	for _, a := range b.Attributes {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Text is a literal text. The span has no quotes.
type Text struct {
	Value string
	Span  Span
}

// Attribute is an attribute of a block, or of a file.
type Attribute struct {
	Name     string
	NameSpan Span
	// Value is the span of the value.
	Value Span
	// Keys are the keys of the value, if the value is an object. Texts are the literal texts of the value, or of the
	// elements of its list. Names are the single words of its list, as in the params of a function.
	Keys, Texts, Names []Text
}

// Reference is a use of a name, such as var.x or task["a.b"].stdout.
type Reference struct {
	Root  Text
	Steps []Step
	// Block is the innermost block, Attribute the attribute with the reference.
	Block     *Block
	Attribute *Attribute
}

// Span returns the span of the reference with all steps.
func (r Reference) Span() Span {
	if len(r.Steps) == 0 {
		return r.Root.Span
	}
	return Span{r.Root.Span.Start, r.Steps[len(r.Steps)-1].Access.End}
}

// Step is a step of a reference: ".x", or ["x"].
type Step struct {
	Text
	// Access is the span with the dot or the brackets.
	Access  Span
	IsIndex bool
}

// Call is the call of a function.
type Call struct {
	Text
	Block *Block
}

// TokenKind is the kind of a word for highlighting.
type TokenKind int

// The kinds of words.
const (
	KeywordToken TokenKind = iota
	AttributeToken
	NameToken
	FunctionToken
	ReferenceToken
	StringToken
	NumberToken
	CommentToken
)

// Token is a word for highlighting.
type Token struct {
	Kind TokenKind
	Span Span
}

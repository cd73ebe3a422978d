package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tasks/hclspec"
	"tasks/hclspec/symbols"
)

// completer finds the candidates at a place.
type completer struct {
	server *Server
	s      *snapshot
	file   sourceFile
	cursor symbols.Cursor
	// replaced is the range of the word at the place.
	replaced Range
	items    []CompletionItem
}

// completion answers with the candidates at a place.
func (s *Server) completion(_ context.Context, p positionParams) (any, error) {
	at, err := s.placeOf(p)
	if err != nil {
		return nil, err
	}
	file, offset := at.file, at.offset
	c := &completer{server: s, s: at.snapshot, file: file, cursor: file.symbols.At(offset)}
	start := offset - len(c.cursor.Word)
	c.replaced = file.lines.rangeOf(symbols.Span{Start: start, End: wordEnd(file.text(), offset, c.cursor.Kind)})
	c.complete()
	if c.items == nil {
		c.items = []CompletionItem{}
	}
	return CompletionList{Items: c.items}, nil
}

// wordEnd returns the end of the word around a place. A text ends at its quote or line.
func wordEnd(text []byte, offset int, kind symbols.CursorKind) int {
	for offset < len(text) {
		r, size := utf8.DecodeRune(text[offset:])
		isWord := r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if kind == symbols.InText || kind == symbols.InHeader {
			isWord = r != '"' && r != '\n' && r != '\r'
		}
		if !isWord {
			break
		}
		offset += size
	}
	return offset
}

func (c *completer) add(item CompletionItem, text string) {
	item.TextEdit = TextEdit{c.replaced, text}
	c.items = append(c.items, item)
}

// names adds names with the same kind and detail.
func (c *completer) names(kind int, detail string, names ...string) {
	for _, n := range names {
		c.add(CompletionItem{Label: n, Kind: kind, Detail: detail}, n)
	}
}

func (c *completer) complete() {
	switch c.cursor.Kind {
	case symbols.InStatement:
		c.statement()
	case symbols.InExpression:
		c.expression()
	case symbols.InText:
		c.text()
	case symbols.InKey:
		c.key()
	case symbols.InHeader:
		c.header()
	}
}

// statement adds the attributes and blocks of the current block.
func (c *completer) statement() {
	attributes, blocks := describe(hclspec.Describe(), c.cursor.Block)
	for _, a := range attributes {
		if c.cursor.Block.Attribute(a.Name) != nil {
			continue
		}
		item := CompletionItem{Label: a.Name, Kind: kindProperty, Detail: a.Type, Documentation: attributeDoc(a)}
		c.add(item, a.Name+" = ")
	}
	for _, b := range blocks {
		if b.Single && hasBlock(c.cursor.Block, b.Name) {
			continue
		}
		item := CompletionItem{Label: b.Name, Kind: kindKeyword, Detail: "block", Documentation: markdown(b.Doc)}
		text := b.Name
		if b.Label != "" {
			text += fmt.Sprintf(" \"${1:%s}\"", b.Label)
		}
		text += " {\n  $0\n}"
		if !c.server.usesSnippets {
			text = strings.NewReplacer("${1:"+b.Label+"}", b.Label, "$0", "").Replace(text)
		} else {
			item.InsertTextFormat = insertSnippet
		}
		c.add(item, text)
	}
}

func hasBlock(b *symbols.Block, blockType string) bool {
	return b != nil && slices.ContainsFunc(b.Blocks, func(inner *symbols.Block) bool { return inner.Type == blockType })
}

// describe returns the description of a block's content. No block is the top of a file.
func describe(m hclspec.Metadata, b *symbols.Block) ([]hclspec.AttributeInfo, []hclspec.BlockInfo) {
	if b == nil {
		return nil, m.Blocks
	}
	_, outer := describe(m, b.Parent)
	for _, info := range outer {
		if info.Name == b.Type {
			return info.Attributes, info.Blocks
		}
	}
	return nil, nil
}

// attributeAt returns the description of an attribute.
func attributeAt(b *symbols.Block, attribute string) (hclspec.AttributeInfo, bool) {
	attributes, _ := describe(hclspec.Describe(), b)
	for _, a := range attributes {
		if a.Name == attribute || a.Alias == attribute {
			return a, true
		}
	}
	return hclspec.AttributeInfo{}, false
}

// header adds the compose services for the label of a service block.
func (c *completer) header() {
	if len(c.cursor.Path) == 1 && c.cursor.Path[0] == "service" {
		c.services()
	}
}

// expression adds the words of an expression.
func (c *completer) expression() {
	if len(c.cursor.Path) > 0 {
		c.members()
		return
	}
	if info, ok := attributeAt(c.cursor.Block, c.attribute()); ok && strings.Contains(info.Type, "bool") {
		c.names(kindValue, "bool", "true", "false")
	}
	typed := []string{"variable", "arg", "flag"}
	if b := c.cursor.Block; b != nil && slices.Contains(typed, b.Type) && c.attribute() == "type" {
		c.names(kindValue, "type", "string", "number", "bool", "any")
		return
	}
	m := hclspec.Describe()
	for _, v := range m.Values {
		c.names(kindModule, "values", v.Name)
	}
	if b := c.cursor.Block; b != nil && b.Type == "function" {
		for _, a := range []string{"params", "variadic_param"} {
			if params := b.Attribute(a); params != nil {
				for _, p := range params.Names {
					c.names(kindVariable, "parameter", p.Value)
				}
			}
		}
	}
	c.functions(m)
}

// functions adds the functions of the language and of the files.
func (c *completer) functions(m hclspec.Metadata) {
	add := func(n, detail string, doc *MarkupContent) {
		item := CompletionItem{Label: n, Kind: kindFunction, Detail: detail, Documentation: doc}
		if text := n + "("; !c.server.usesSnippets {
			c.add(item, text)
		} else {
			item.InsertTextFormat = insertSnippet
			c.add(item, text+"$0)")
		}
	}
	for _, f := range m.Functions {
		add(f.Name, f.Signature, functionDoc(f))
	}
	for _, b := range c.topBlocks("function") {
		add(b.Label(), "function of the project", nil)
	}
}

func (c *completer) attribute() string {
	if c.cursor.Attribute == nil {
		return ""
	}
	return c.cursor.Attribute.Name
}

// topBlocks returns the blocks of a type in the files with the prefix of this file.
func (c *completer) topBlocks(blockType string) []*symbols.Block {
	var found []*symbols.Block
	for f, chunk := range c.s.chunks {
		if !slices.Contains(f.prefixes, c.file.prefix()) {
			continue
		}
		for _, b := range chunk.Blocks {
			if b.Type == blockType {
				found = append(found, b)
			}
		}
	}
	return found
}

// members adds the members behind the first words of a reference.
func (c *completer) members() {
	path := c.cursor.Path
	switch {
	case path[0] == "var" && len(path) == 1:
		c.variables()
	case path[0] == "local" && len(path) == 1:
		for _, b := range c.topBlocks("locals") {
			for _, a := range b.Attributes {
				c.names(kindVariable, "local", a.Name)
			}
		}
	case path[0] == "task" && len(path) == 1:
		c.tasks()
	case path[0] == "task" && len(path) == 2:
		c.names(kindProperty, "result", hclspec.TaskResults()...)
	case slices.Contains([]string{"arg", "flag", "matrix"}, path[0]) && len(path) == 1:
		c.parameters(kind(path[0]))
	case path[0] == "service":
		c.serviceMembers(path)
	case path[0] == "job" && len(path) == 1:
		if project := c.project(); project != nil {
			c.names(kindRef, "job", project.JobNames()...)
		}
	case path[0] == "compose" && len(path) == 2 && path[1] == "env":
		if project := c.project(); project != nil {
			c.names(kindVariable, "variable of Compose", sortedKeys(project.Variables())...)
		}
	case len(path) == 1:
		for _, v := range hclspec.Describe().Values {
			if v.Name == path[0] {
				c.names(kindProperty, v.Name, v.Members...)
			}
		}
	}
}

func (c *completer) variables() {
	for _, b := range c.topBlocks("variable") {
		item := CompletionItem{Label: b.Label(), Kind: kindVariable, Detail: "variable"}
		if a := b.Attribute("description"); a != nil && len(a.Texts) == 1 {
			item.Documentation = markdown(a.Texts[0].Value)
		}
		c.add(item, b.Label())
	}
}

// tasks adds the tasks that this file can refer to. A name that needs brackets cannot follow a dot, so only an index
// has such names.
func (c *completer) tasks() {
	for f, chunk := range c.s.chunks {
		for _, prefix := range f.prefixes {
			inner, isBelow := strings.CutPrefix(prefix, c.file.prefix())
			if !isBelow {
				continue
			}
			for _, b := range chunk.Blocks {
				n := inner + b.Label()
				if b.Type != "task" || !c.cursor.IsIndex && !isIdentifier(n) {
					continue
				}
				item := CompletionItem{Label: n, Kind: kindRef, Detail: "task"}
				if a := b.Attribute("description"); a != nil && len(a.Texts) == 1 {
					item.Documentation = markdown(a.Texts[0].Value)
				}
				c.add(item, n)
			}
		}
	}
}

// isIdentifier reports whether a name can stand behind a dot.
func isIdentifier(n string) bool {
	for i, r := range n {
		isLetter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf
		if !isLetter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return n != ""
}

// parameters adds the arguments, flags or matrix keys of the current task and of its bases.
func (c *completer) parameters(k kind) {
	if c.cursor.Block == nil {
		return
	}
	seen := map[string]bool{}
	for todo := []string{c.cursor.Block.Top().Label()}; len(todo) > 0; todo = todo[1:] {
		b := c.s.taskBlock(c.file.prefix(), todo[0])
		if b == nil || seen[todo[0]] {
			continue
		}
		seen[todo[0]] = true
		for _, inner := range b.Blocks {
			if inner.Type == string(k) {
				c.names(kindVariable, string(k), inner.Label())
			}
		}
		if a := b.Attribute("matrix"); a != nil && k == matrixName {
			for _, key := range a.Keys {
				c.names(kindVariable, string(k), key.Value)
			}
		}
		for _, ref := range b.chunk.References {
			if ref.Attribute == b.Attribute("extends") && ref.Attribute != nil && len(ref.Steps) > 0 {
				todo = append(todo, ref.Steps[0].Value)
			}
		}
	}
}

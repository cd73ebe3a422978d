package lsp

import (
	"slices"
	"strings"

	"tasks/hclspec/symbols"
)

// kind is the kind of a name.
type kind string

const (
	variableName kind = "variable"
	localName    kind = "local"
	taskName     kind = "task"
	functionName kind = "function"
	argName      kind = "arg"
	flagName     kind = "flag"
	matrixName   kind = "matrix"
	paramName    kind = "parameter"
	serviceName  kind = "service"
	jobName      kind = "job"
	includeName  kind = "include"
)

// name is a name of a project, apart from its places.
type name struct {
	kind kind
	// prefix is the first prefix of the file that declares the name: a file that is included several times has several.
	// Services and jobs belong to the compose project.
	prefix string
	// owner is the task or function of an argument, a flag, a matrix key or a parameter.
	owner string
	text  string
}

// occurrence is a place of a name.
type occurrence struct {
	name
	file sourceFile
	// span is the place of the text, access that of the whole step, with a dot or brackets.
	span, access  symbols.Span
	isDeclaration bool
	// step is empty for a declaration.
	isDotted bool
	// block is the declaring block in its chunk.
	block *symbols.Block
	chunk symbols.Chunk
}

// at returns the occurrence at an offset of a file.
func (s *snapshot) at(f sourceFile, offset int) (occurrence, bool) {
	for o := range s.occurrencesIn(f, f.symbols.ChunkAt(offset)) {
		if o.span.Contains(offset) {
			return o, true
		}
	}
	return occurrence{}, false
}

// all yields the occurrences of a name in all files.
func (s *snapshot) all(n name) func(func(occurrence) bool) {
	return func(yield func(occurrence) bool) {
		for _, f := range s.files {
			for _, c := range f.symbols.Chunks {
				if n.text != "" && !strings.Contains(c.Text, n.text) {
					continue
				}
				for o := range s.occurrencesIn(f, c) {
					if o.name == n && !yield(o) {
						return
					}
				}
			}
		}
	}
}

// declaration returns the declaration of a name.
func (s *snapshot) declaration(n name) (occurrence, bool) {
	for o := range s.all(n) {
		if o.isDeclaration {
			return o, true
		}
	}
	return occurrence{}, false
}

// occurrencesIn yields the occurrences of all names in a chunk.
func (s *snapshot) occurrencesIn(f sourceFile, c symbols.Chunk) func(func(occurrence) bool) {
	return func(yield func(occurrence) bool) {
		isMore := true
		r := resolver{s: s, file: f, chunk: c, yield: func(o occurrence) { isMore = isMore && yield(o) }}
		if len(f.prefixes) == 0 {
			for _, a := range c.Attributes { // a file with values of variables
				r.add(name{kind: variableName, text: a.Name}, a.NameSpan, a.NameSpan, false, nil)
			}
			return
		}
		r.prefix = f.prefix()
		for _, b := range c.Blocks {
			r.block(b)
		}
		for _, ref := range c.References {
			r.includes(ref)
			r.reference(ref)
		}
		for _, call := range c.Calls {
			r.add(name{functionName, r.prefix, "", call.Value}, call.Span, call.Span, false, nil)
		}
	}
}

// resolver finds the names of a chunk under the first prefix of its file.
type resolver struct {
	s      *snapshot
	file   sourceFile
	chunk  symbols.Chunk
	prefix string
	yield  func(occurrence)
}

func (r resolver) add(n name, span, access symbols.Span, isDeclaration bool, b *symbols.Block) {
	n.prefix = r.s.firstPrefix(n.prefix)
	r.yield(occurrence{
		name: n, file: r.file, span: span.Shift(r.chunk.Start), access: access.Shift(r.chunk.Start),
		isDeclaration: isDeclaration, block: b, chunk: r.chunk,
	})
}

// block finds the names that a block declares or holds in its header and texts.
func (r resolver) block(b *symbols.Block) {
	if len(b.Labels) > 0 {
		label := b.Labels[0]
		switch b.Type {
		case "variable", "task", "function", "include":
			r.add(name{kind(b.Type), r.prefix, "", label.Value}, label.Span, label.Span, true, b)
		case "arg", "flag":
			r.add(name{kind(b.Type), r.prefix, b.Top().Label(), label.Value}, label.Span, label.Span, true, b)
		case "service":
			r.add(name{kind: serviceName, text: label.Value}, label.Span, label.Span, false, b)
		}
	}
	for _, a := range b.Attributes {
		r.attribute(b, a)
	}
	for _, inner := range b.Blocks {
		r.block(inner)
	}
}

// attribute finds the names in the keys and texts of an attribute.
func (r resolver) attribute(b *symbols.Block, a *symbols.Attribute) {
	switch {
	case b.Type == "locals":
		r.add(name{localName, r.prefix, "", a.Name}, a.NameSpan, a.NameSpan, true, b)
	case b.Type == "task" && a.Name == "matrix":
		for _, key := range a.Keys {
			r.add(name{matrixName, r.prefix, b.Label(), key.Value}, key.Span, key.Span, true, b)
		}
	case b.Type == "include" && a.Name == "variables":
		for _, key := range a.Keys {
			r.add(name{variableName, r.prefix + b.Label() + ":", "", key.Value}, key.Span, key.Span, false, b)
		}
	case b.Type == "function" && (a.Name == "params" || a.Name == "variadic_param"):
		for _, param := range a.Names {
			r.add(name{paramName, r.prefix, b.Label(), param.Value}, param.Span, param.Span, true, b)
		}
	case (b.Type == "task" || b.Type == "defaults") && (a.Name == "service" || a.Name == "job") && len(a.Texts) == 1:
		r.add(name{kind: kind(a.Name), text: a.Texts[0].Value}, a.Texts[0].Span, a.Texts[0].Span, false, b)
	}
}

// includes finds the names of include blocks in a reference: task["infra:deploy"].
func (r resolver) includes(ref symbols.Reference) {
	if ref.Root.Value != "task" || len(ref.Steps) == 0 {
		return
	}
	step := ref.Steps[0]
	declared, _, _ := strings.Cut(step.Value, "@")
	start := 0
	for i := range len(declared) {
		if declared[i] == ':' {
			span := symbols.Span{Start: step.Span.Start + start, End: step.Span.Start + i}
			r.add(name{includeName, r.prefix + declared[:start], "", declared[start:i]}, span, span, false, nil)
			start = i + 1
		}
	}
}

// reference finds the name of a reference.
func (r resolver) reference(ref symbols.Reference) {
	if ref.Block != nil && ref.Block.Type == "function" && ref.Attribute.Name == "result" && r.isParam(ref) {
		r.add(name{paramName, r.prefix, ref.Block.Label(), ref.Root.Value}, ref.Root.Span, ref.Root.Span, false, nil)
		return
	}
	if len(ref.Steps) == 0 {
		return
	}
	step := ref.Steps[0]
	n, span, ok := r.nameOf(ref, step)
	if !ok {
		return
	}
	n.prefix = r.s.firstPrefix(n.prefix)
	r.yield(occurrence{
		name: n, file: r.file, span: span.Shift(r.chunk.Start), access: step.Access.Shift(r.chunk.Start),
		isDotted: !step.IsIndex, chunk: r.chunk,
	})
}

func (r resolver) isParam(ref symbols.Reference) bool {
	for _, attr := range []string{"params", "variadic_param"} {
		if a := ref.Block.Attribute(attr); a != nil && slices.ContainsFunc(a.Names, func(t symbols.Text) bool {
			return t.Value == ref.Root.Value
		}) {
			return true
		}
	}
	return false
}

// nameOf returns the name of the second word of a reference, and the place of the name in the word.
func (r resolver) nameOf(ref symbols.Reference, step symbols.Step) (n name, span symbols.Span, ok bool) {
	span = step.Span
	switch ref.Root.Value {
	case "var":
		return name{variableName, r.prefix, "", step.Value}, span, true
	case "local":
		return name{localName, r.prefix, "", step.Value}, span, true
	case "service", "job":
		return name{kind: kind(ref.Root.Value), text: step.Value}, span, true
	case "task":
		declared, _, _ := strings.Cut(step.Value, "@") // a cell of a matrix
		span.End = span.Start + len(declared)
		colon := strings.LastIndex(declared, ":") + 1
		span.Start += colon
		return name{taskName, r.prefix + declared[:colon], "", declared[colon:]}, span, true
	case "arg", "flag", "matrix":
		if ref.Block == nil || ref.Block.Top().Type != "task" {
			return name{}, span, false
		}
		n := name{kind(ref.Root.Value), r.prefix, ref.Block.Top().Label(), step.Value}
		n.owner = r.s.ownerOf(n, map[string]bool{})
		return n, span, true
	}
	return name{}, span, false
}

// ownerOf returns the task that declares an argument, a flag or a matrix key: the task itself or one of its bases.
func (s *snapshot) ownerOf(n name, seen map[string]bool) string {
	seen[n.owner] = true
	b := s.taskBlock(n.prefix, n.owner)
	if b == nil {
		return n.owner
	}
	if declares(b.Block, n) {
		return n.owner
	}
	extends := b.Attribute("extends")
	if extends == nil {
		return n.owner
	}
	for _, ref := range b.chunk.References {
		if ref.Attribute != extends || len(ref.Steps) == 0 || ref.Root.Value != "task" || seen[ref.Steps[0].Value] {
			continue
		}
		base := n
		base.owner = ref.Steps[0].Value
		owner := s.ownerOf(base, seen)
		if found := s.taskBlock(n.prefix, owner); found != nil && declares(found.Block, n) {
			return owner
		}
	}
	return n.owner
}

// declares reports whether a task block declares an argument, a flag or a matrix key.
func declares(b *symbols.Block, n name) bool {
	for _, inner := range b.Blocks {
		if inner.Type == string(n.kind) && inner.Label() == n.text {
			return true
		}
	}
	a := b.Attribute("matrix")
	isKey := func(t symbols.Text) bool { return t.Value == n.text }
	return n.kind == matrixName && a != nil && slices.ContainsFunc(a.Keys, isKey)
}

// blockInChunk is a block with its chunk and file.
type blockInChunk struct {
	*symbols.Block
	chunk symbols.Chunk
	file  sourceFile
}

// taskBlock returns the block of a task, or nil.
func (s *snapshot) taskBlock(prefix, task string) *blockInChunk {
	return s.topBlock("task", prefix, task)
}

// topBlock returns a block at the top of a file by type and label, or nil.
func (s *snapshot) topBlock(blockType, prefix, label string) *blockInChunk {
	for f, c := range s.chunks {
		if !slices.Contains(f.prefixes, prefix) {
			continue
		}
		for _, b := range c.Blocks {
			if b.Type == blockType && b.Label() == label {
				return &blockInChunk{b, c, f}
			}
		}
	}
	return nil
}

// chunks yields the chunks of all files.
func (s *snapshot) chunks(yield func(sourceFile, symbols.Chunk) bool) {
	for _, f := range s.files {
		for _, c := range f.symbols.Chunks {
			if !yield(f, c) {
				return
			}
		}
	}
}

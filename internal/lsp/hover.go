package lsp

import (
	"context"
	"fmt"
	"strings"

	"tasks/hclspec"
	"tasks/hclspec/symbols"
)

// markdown returns a text of the documentation.
func markdown(text string) *MarkupContent {
	if text == "" {
		return nil
	}
	return &MarkupContent{Kind: "markdown", Value: text}
}

// attributeDoc returns the documentation of an attribute.
func attributeDoc(a hclspec.AttributeInfo) *MarkupContent {
	lines := []string{fmt.Sprintf("**%s** — %s", a.Name, a.Type), "", a.Doc + "."}
	if a.Default != "" {
		lines = append(lines, "", "Default: "+a.Default+".")
	}
	if len(a.Kinds) > 0 {
		lines = append(lines, "", "Tasks: "+strings.Join(a.Kinds, ", ")+".")
	}
	lines = append(lines, "", "```hcl", a.Name+" = "+a.Example, "```")
	return markdown(strings.Join(lines, "\n"))
}

// functionDoc returns the documentation of a function.
func functionDoc(f hclspec.FunctionInfo) *MarkupContent {
	example := fmt.Sprintf("```hcl\n%s\n# %s\n```", f.Example, f.Result)
	return markdown(fmt.Sprintf("**%s**\n\n%s.\n\n%s", f.Signature, f.Doc, example))
}

// hover answers with the documentation of the word at a place.
func (s *Server) hover(_ context.Context, p positionParams) (any, error) {
	at, err := s.placeOf(p)
	if err != nil {
		return nil, err
	}
	if o, ok := at.snapshot.at(at.file, at.offset); ok {
		if text := at.snapshot.describe(o, at.file.prefix()); text != "" {
			return Hover{*markdown(text), at.file.lines.rangeOf(o.span)}, nil
		}
	}
	c := at.file.symbols.ChunkAt(at.offset)
	inner := at.offset - c.Start
	answer := func(doc *MarkupContent, span symbols.Span) (any, error) {
		if doc == nil {
			return nil, nil
		}
		return Hover{*doc, at.file.lines.rangeOf(span.Shift(c.Start))}, nil
	}
	for _, call := range c.Calls {
		if call.Span.Contains(inner) {
			return answer(functionNamed(call.Value), call.Span)
		}
	}
	for _, ref := range c.References {
		if ref.Root.Span.Contains(inner) {
			return answer(markdown(rootDoc(ref.Root.Value)), ref.Root.Span)
		}
	}
	for b := range allBlocks(c.Blocks) {
		if b.TypeSpan.Contains(inner) {
			return answer(blockDoc(b), b.TypeSpan)
		}
		for _, a := range b.Attributes {
			if info, ok := attributeAt(b, a.Name); ok && a.NameSpan.Contains(inner) {
				return answer(attributeDoc(info), a.NameSpan)
			}
		}
	}
	return nil, nil
}

// allBlocks yields blocks with their inner blocks.
func allBlocks(blocks []*symbols.Block) func(func(*symbols.Block) bool) {
	return func(yield func(*symbols.Block) bool) {
		var walk func([]*symbols.Block) bool
		walk = func(blocks []*symbols.Block) bool {
			for _, b := range blocks {
				if !yield(b) || !walk(b.Blocks) {
					return false
				}
			}
			return true
		}
		walk(blocks)
	}
}

func functionNamed(n string) *MarkupContent {
	for _, f := range hclspec.Describe().Functions {
		if f.Name == n {
			return functionDoc(f)
		}
	}
	return nil
}

// rootDoc returns the members of a first word.
func rootDoc(root string) string {
	for _, v := range hclspec.Describe().Values {
		if v.Name == root && len(v.Members) > 0 {
			return fmt.Sprintf("**%s** — members: %s", root, strings.Join(v.Members, ", "))
		}
	}
	return ""
}

func blockDoc(b *symbols.Block) *MarkupContent {
	_, blocks := describe(hclspec.Describe(), b.Parent)
	for _, info := range blocks {
		if info.Name == b.Type {
			return markdown(fmt.Sprintf("**%s** — %s.", info.Name, info.Doc))
		}
	}
	return nil
}

// describe returns the text about a name. The text has no value of a sensitive variable, no value of an environment and
// no expression with sensitive().
func (s *snapshot) describe(o occurrence, prefix string) string {
	if o.kind == serviceName || o.kind == jobName {
		return s.describeService(o.name, prefix)
	}
	declared, ok := s.declaration(o.name)
	if !ok {
		return ""
	}
	title := fmt.Sprintf("**%s** %s", o.kind, o.text)
	if o.owner != "" {
		title += " of " + o.owner
	}
	lines := []string{title}
	b := declared.block
	source := func(span symbols.Span) string { return declared.chunk.Text[span.Start:span.End] }
	if o.kind == localName {
		if value := b.Attribute(o.text); value != nil {
			lines = append(lines, codeBlock(o.text+" = "+source(value.Value)))
		}
		return strings.Join(lines, "\n\n")
	}
	for _, attribute := range []string{"description", "type", "default"} {
		a := b.Attribute(attribute)
		if o.kind == matrixName || o.kind == paramName || a == nil || attribute == "default" && isSensitive(b, source) {
			continue
		}
		if attribute == "description" && len(a.Texts) == 1 {
			lines = append(lines, a.Texts[0].Value)
			continue
		}
		lines = append(lines, codeBlock(attribute+" = "+source(a.Value)))
	}
	if usage := s.usage(o.name); usage != "" {
		lines = append(lines, codeBlock(usage))
	}
	return strings.Join(lines, "\n\n")
}

// usage returns the call of a task, with its arguments.
func (s *snapshot) usage(n name) string {
	if n.kind != taskName || s.state.ws == nil {
		return ""
	}
	for _, t := range s.state.ws.File.Tasks() {
		if t.Name == n.prefix+n.text {
			return strings.TrimSpace("tasks run " + t.Name + " " + t.ArgsText)
		}
	}
	return ""
}

// maxHoverText is the longest excerpt of a file in a hover.
const maxHoverText = 500

func codeBlock(text string) string {
	if strings.Contains(text, "sensitive(") {
		text, _, _ = strings.Cut(text, "=")
		text += "= " + hclspec.Masked
	}
	if len(text) > maxHoverText {
		text = strings.ToValidUTF8(text[:maxHoverText], "") + "…"
	}
	return "```hcl\n" + strings.ReplaceAll(text, "```", "'''") + "\n```"
}

// isSensitive reports whether a variable is declared as sensitive, or may be.
func isSensitive(b *symbols.Block, source func(symbols.Span) string) bool {
	a := b.Attribute("sensitive")
	return a != nil && strings.TrimSpace(source(a.Value)) != "false"
}

// describeService returns the image, ports and dependencies of a service, and the names in its environment.
func (s *snapshot) describeService(n name, prefix string) string {
	project := s.composeProject(prefix)
	if project == nil {
		return ""
	}
	service, ok := project.Service(n.text)
	if !ok {
		return fmt.Sprintf("**%s** %s", n.kind, n.text)
	}
	lines := []string{fmt.Sprintf("**%s** %s", n.kind, n.text)}
	add := func(title string, values []string) {
		if len(values) > 0 {
			lines = append(lines, title+": `"+strings.Join(values, "`, `")+"`")
		}
	}
	if service.Image != "" {
		add("image", []string{service.Image})
	}
	var ports []string
	for _, port := range service.Ports {
		ports = append(ports, portText(port))
	}
	add("ports", ports)
	add("depends on", service.GetDependencies())
	add("environment", sortedKeys(service.Environment))
	add("profiles", service.Profiles)
	return strings.Join(lines, "\n\n")
}

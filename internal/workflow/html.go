package workflow

import (
	_ "embed"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"tasks/hclspec"
)

// pageFrame is the page without its title and its body.
//
//go:embed page.html
var pageFrame string

// element is an element of a page. encoding/xml escapes its attributes and texts. With html/template, the linker would
// have to keep every exported method of the program (docs/adr/0005-start-up.md).
type element struct {
	name  string
	attrs []xml.Attr
	// content has the elements and texts inside.
	content []any
}

// phrase is a text of this package, with the spaces at its ends. A string is a text from outside: the page shows a
// string on one line, without control characters.
type phrase string

// newline ends a line of the file, where white space shows nothing.
const newline = phrase("\n")

// el returns an element with elements, texts and lists of both inside.
func el(name string, content ...any) element { return element{name: name, content: content} }

// with returns the element with one more attribute.
func (e element) with(name, value string) element {
	e.attrs = append(e.attrs[:len(e.attrs):len(e.attrs)], xml.Attr{Name: xml.Name{Local: name}, Value: value})
	return e
}

// MarshalXML writes the element, and always an end tag: HTML has no short form for an element without content.
func (e element) MarshalXML(encoder *xml.Encoder, _ xml.StartElement) error {
	start := xml.StartElement{Name: xml.Name{Local: e.name}, Attr: e.attrs}
	if err := encoder.EncodeToken(start); err != nil {
		return err
	}
	if err := encodeContent(encoder, e.content); err != nil {
		return err
	}
	return encoder.EncodeToken(start.End())
}

func encodeContent(encoder *xml.Encoder, content []any) error {
	for _, c := range content {
		var err error
		switch c := c.(type) {
		case element:
			err = c.MarshalXML(encoder, xml.StartElement{})
		case []any:
			err = encodeContent(encoder, c)
		case phrase:
			err = encoder.EncodeToken(xml.CharData(c))
		case string:
			err = encoder.EncodeToken(xml.CharData(clean(c)))
		default:
			err = fmt.Errorf("a page has no content of the type %T", c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// HTML returns the page as one file without references to other files.
func (p Page) HTML() (string, error) {
	title, err := htmlText(p.Title)
	if err != nil {
		return "", err
	}
	body, err := htmlText(p.body()...)
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("{{title}}", title, "{{body}}", body).Replace(pageFrame), nil
}

// htmlText returns elements and texts as HTML, each element of the page on a line.
func htmlText(content ...any) (string, error) {
	var b strings.Builder
	for i, c := range content {
		if i > 0 {
			b.WriteByte('\n')
		}
		encoder := xml.NewEncoder(&b)
		if err := encodeContent(encoder, []any{c}); err != nil {
			return "", err
		}
		if err := encoder.Close(); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func (p Page) body() []any {
	body := []any{el("h1", p.Title), el("p", strings.ReplaceAll(notice, "`", "")).with("class", "dim"), p.navigation()}
	for _, g := range p.Groups {
		name := g.Name
		if name == "" {
			name = "Tasks"
		}
		body = append(body, el("h2", name))
		for _, t := range g.Tasks {
			body = append(body, t.html())
		}
	}
	if len(p.Variables) > 0 {
		body = append(body, el("h2", "Variables"), variablesHelp(), variableTable(p.Variables))
	}
	if len(p.Graph.Edges) > 0 {
		body = append(body, el("h2", "Dependencies"), el("div", draw(p.Graph).svg()).with("class", "graph"),
			el("p", graphHelp).with("class", "dim"))
	}
	return body
}

const graphHelp = "An arrow leads to what a task needs. A broken arrow leads to a task that follows. " +
	"Round boxes are services."

func (p Page) navigation() element {
	nav := el("nav")
	for _, g := range p.Groups {
		for _, t := range g.Tasks {
			target := url.URL{Fragment: t.Name}
			nav.content = append(nav.content, el("a", t.Name).with("href", target.String()), newline)
		}
	}
	return nav
}

// html returns the section of a task.
func (t Task) html() element {
	section := el("section", newline, el("h3", t.Name), newline).with("id", t.Name)
	add := func(e element) { section.content = append(section.content, e, newline) }
	if t.Description != "" {
		add(el("p", t.Description))
	}
	add(el("pre", "$ "+t.Call))
	add(t.properties())
	if len(t.Params) > 0 {
		rows := []any{el("tr", el("th", "argument"), el("th", "meaning"), el("th"))}
		for _, p := range t.Params {
			rows = append(rows, el("tr", el("td", el("code", p.Name)), el("td", p.Description),
				el("td", p.Details).with("class", "dim")))
		}
		add(table(rows))
	}
	return section
}

// properties returns the list of a task's properties.
func (t Task) properties() element {
	list := el("dl", newline)
	add := func(isSet bool, name string, content ...any) {
		if isSet {
			list.content = append(list.content, el("dt", name), el("dd", content...), newline)
		}
	}
	add(true, "runs", t.Runs)
	add(len(t.Before) > 0, "before", strings.Join(t.Before, ", "))
	add(len(t.After) > 0, "afterwards, also after a failure", strings.Join(t.After, ", "))
	add(len(t.EnvNames) > 0, "environment", el("code", strings.Join(t.EnvNames, " ")))
	add(len(t.Aliases) > 0, "other names", el("code", strings.Join(t.Aliases, " ")))
	add(t.IsDefault, "default", phrase("of "), el("code", "tasks run"))
	add(t.HasMatrix, "matrix", "a run for each combination")
	add(t.HasWatch, "watch", el("code", "tasks watch "+t.Name))
	return list
}

func table(rows []any) element {
	table := el("table", newline)
	for _, r := range rows {
		table.content = append(table.content, r, newline)
	}
	return el("div", table).with("class", "table")
}

func variablesHelp() element {
	return el("p", phrase("Set a variable with "), el("code", "--var NAME=VALUE"),
		phrase(" or "), el("code", "TASKS_VAR_NAME"), ".")
}

func variableTable(variables []hclspec.VariableInfo) element {
	rows := []any{el("tr", el("th", "variable"), el("th", "type"), el("th", "meaning"))}
	for _, v := range variables {
		meaning := v.Description
		if v.IsRequired {
			meaning += " (required)"
		}
		rows = append(rows, el("tr", el("td", el("code", v.Name)), el("td", v.Type), el("td", meaning)))
	}
	return table(rows)
}

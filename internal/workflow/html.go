package workflow

import (
	_ "embed"
	"html/template"
	"strings"
)

//go:embed page.html
var pageTemplate string

// plainNotice is the notice without the marks of Markdown.
func plainNotice() string { return strings.ReplaceAll(notice, "`", "") }

// HTML returns the page as one file without references to other files.
func (p Page) HTML() (string, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"clean": clean, "join": strings.Join, "notice": plainNotice,
		"draw": draw,
	}).Parse(pageTemplate)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, p)
	return b.String(), err
}

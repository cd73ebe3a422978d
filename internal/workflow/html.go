package workflow

import (
	_ "embed"
	"html/template"
	"strings"
)

//go:embed page.html
var pageTemplate string

// HTML returns the page as one file without references to other files.
func (p Page) HTML() (string, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"clean": clean, "join": strings.Join, "notice": func() string { return strings.ReplaceAll(notice, "`", "") },
		"draw": draw,
	}).Parse(pageTemplate)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, p)
	return b.String(), err
}

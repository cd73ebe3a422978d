package workflow

import (
	"fmt"
	"strings"
)

// notice stands at the top of each page.
const notice = "This page is made by `tasks docs`. Change the descriptions in the files of the tasks, not this page."

// Markdown returns the page as Markdown.
func (p Page) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", markdownText(p.Title), notice)
	for _, g := range p.Groups {
		if g.Name != "" {
			fmt.Fprintf(&b, "\n## %s\n", markdownText(g.Name))
		} else {
			b.WriteString("\n## Tasks\n")
		}
		for _, t := range g.Tasks {
			t.writeMarkdown(&b)
		}
	}
	if len(p.Variables) > 0 {
		b.WriteString("\n## Variables\n\nSet a variable with `--var NAME=VALUE` or `TASKS_VAR_NAME`.\n\n")
		b.WriteString("| variable | type | meaning |\n|---|---|---|\n")
		for _, v := range p.Variables {
			meaning := markdownText(v.Description)
			if v.IsRequired {
				meaning = strings.TrimSpace(meaning + " (required)")
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", markdownCode(v.Name), markdownText(v.Type), meaning)
		}
	}
	if len(p.Graph.Edges) > 0 {
		b.WriteString("\n## Dependencies\n\n```mermaid\n" + p.Graph.Mermaid() + "```\n")
	}
	return b.String()
}

func (t Task) writeMarkdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n### %s\n\n", markdownText(t.Name))
	if t.Description != "" {
		fmt.Fprintf(b, "%s\n\n", markdownParagraph(t.Description))
	}
	fmt.Fprintf(b, "```console\n$ %s\n```\n\n", clean(t.Call))
	item := func(label string, texts []string) {
		if len(texts) > 0 {
			fmt.Fprintf(b, "- %s: %s\n", label, strings.Join(texts, ", "))
		}
	}
	item("runs", []string{markdownText(t.Runs)})
	item("before", markdownTexts(t.Before))
	item("afterwards, also after a failure", markdownTexts(t.After))
	item("environment", markdownCodes(t.EnvNames))
	item("other names", markdownCodes(t.Aliases))
	item("marks", t.marks())
	if len(t.Params) == 0 {
		return
	}
	b.WriteString("\n| argument | meaning | |\n|---|---|---|\n")
	for _, p := range t.Params {
		fmt.Fprintf(b, "| %s | %s | %s |\n", markdownCode(p.Name), markdownText(p.Description), markdownText(p.Details))
	}
}

// markdownText escapes the characters with a meaning in Markdown or in a table.
func markdownText(text string) string {
	var b strings.Builder
	for _, r := range clean(text) {
		if strings.ContainsRune("\\`*_[]<>#|~&", r) {
			b.WriteRune('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// markdownParagraph escapes a text that stands alone: its first characters must not begin a list, a line or a heading.
func markdownParagraph(text string) string {
	text = markdownText(text)
	rest := strings.TrimLeft(text, "0123456789")
	if rest != "" && strings.ContainsRune("-+=.)", rune(rest[0])) {
		return text[:len(text)-len(rest)] + "\\" + rest
	}
	return text
}

func markdownTexts(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = markdownText(text)
	}
	return all
}

// markdownCode is a text as code. A text with a character that ends the code is escaped instead.
func markdownCode(text string) string {
	if text = clean(text); strings.ContainsAny(text, "`|") || text == "" {
		return markdownText(text)
	}
	return "`" + text + "`"
}

func markdownCodes(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = markdownCode(text)
	}
	return all
}

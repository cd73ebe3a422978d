package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"tasks/hclspec/internal/shellwords"
)

// TaskUsage is how a task is called: what its `arg` and `flag` blocks say. Nothing is evaluated for it.
type TaskUsage struct {
	TaskName, Description string
	Args, Flags           []ParamUsage
	// TakesArgs says that words behind `--` reach the command.
	TakesArgs bool
}

// ParamUsage is one argument or flag of a task.
type ParamUsage struct {
	Name, Short, Description, Env string
	// Type is as Terraform writes it; Default the expression as it is written, empty where there is none.
	Type, Default          string
	Enum                   []string
	IsRequired, IsVariadic bool
}

// TaskUsage tells how a task is called, by its name or an alias; nil where there is no such task.
func (f *File) TaskUsage(name string) *TaskUsage {
	t := f.findTask(declaredName(name))
	if t == nil {
		return nil
	}
	u := &TaskUsage{TaskName: t.name, Description: t.description, TakesArgs: f.takesArgs(t)}
	for _, p := range t.args {
		u.Args = append(u.Args, f.paramUsage(p))
	}
	for _, p := range t.flags {
		u.Flags = append(u.Flags, f.paramUsage(p))
	}
	return u
}

// IsHelpRequest says that the words of a target ask how the task is used. Tasks that declare their words understand it, and those
// that take none: of the others it is a word like any other.
func (f *File) IsHelpRequest(t Target) bool {
	task := f.findTask(declaredName(t.Name))
	if task == nil {
		return false
	}
	if !task.hasDeclaredParams() {
		return len(t.Args) > 0 && (t.Args[0] == "--help" || t.Args[0] == "-h") && !f.takesArgs(task)
	}
	r, _ := readArgs(task, t.Args)
	return r.isHelpRequested
}

func (f *File) paramUsage(p *param) ParamUsage {
	out := ParamUsage{
		Name: p.name, Short: p.shortFlag, Description: p.description, Env: p.env, Type: "string",
		Enum: slices.Clone(p.enum), IsRequired: p.isRequired(), IsVariadic: p.isVariadic,
	}
	if a := p.attrs["type"]; a != nil {
		out.Type = f.sourceText(a)
	}
	if p.defaultAttr != nil {
		out.Default = f.sourceText(p.defaultAttr)
	}
	return out
}

// written is the text of an expression, on one line.
func (f *File) sourceText(a *decodedAttribute) string {
	at := a.expr.Range()
	return strings.Join(strings.Fields(string(at.SliceBytes(f.files[at.Filename].Bytes))), " ")
}

// usageLine is the call of a task in one line.
func (t *taskBlock) usageLine() string {
	line := "tasks run " + shellwords.QuoteWord(t.name)
	if len(t.flags) > 0 {
		line += " [FLAGS]"
	}
	for _, p := range t.args {
		word := strings.ToUpper(p.name)
		if p.isVariadic {
			word += "…"
		}
		if !p.isRequired() {
			word = "[" + word + "]"
		}
		line += " " + word
	}
	return line
}

// HelpText is the usage of a task for a reader at a terminal.
func (f *File) HelpText(name string) string {
	u, t := f.TaskUsage(name), f.findTask(declaredName(name))
	var text strings.Builder
	if u.Description != "" {
		text.WriteString(u.Description + "\n\n")
	}
	line := t.usageLine()
	if u.TakesArgs {
		line += " [-- ARGS…]"
	}
	text.WriteString("Usage:\n  " + line + "\n")
	writeParams(&text, "Arguments", u.Args, func(p ParamUsage) string { return strings.ToUpper(p.Name) })
	writeParams(&text, "Flags", u.Flags, func(p ParamUsage) string {
		name := "--" + p.Name
		if p.Short != "" {
			name = "-" + p.Short + ", " + name
		}
		if p.Type != "bool" {
			name += " VALUE"
		}
		return name
	})
	return text.String()
}

func writeParams(text *strings.Builder, heading string, params []ParamUsage, name func(ParamUsage) string) {
	if len(params) == 0 {
		return
	}
	width := 0
	for _, p := range params {
		width = max(width, len(name(p)))
	}
	text.WriteString("\n" + heading + ":\n")
	for _, p := range params {
		text.WriteString(strings.TrimRight(fmt.Sprintf("  %-*s  %s", width, name(p), p.descriptionText()), " ") + "\n")
	}
}

// explained is the description with what values there are.
func (p ParamUsage) descriptionText() string {
	var notes []string
	if p.Type != "string" && p.Type != "bool" {
		notes = append(notes, p.Type)
	}
	if len(p.Enum) > 0 {
		notes = append(notes, "one of "+strings.Join(p.Enum, ", "))
	}
	if p.Default != "" {
		notes = append(notes, "default "+p.Default)
	}
	if p.Env != "" {
		notes = append(notes, "from $"+p.Env)
	}
	if p.IsRequired {
		notes = append(notes, "required")
	}
	if len(notes) == 0 {
		return p.Description
	}
	return strings.TrimSpace(p.Description + " (" + strings.Join(notes, "; ") + ")")
}

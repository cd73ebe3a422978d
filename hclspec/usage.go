package hclspec

import (
	"fmt"
	"slices"
	"strings"
)

// Usage is how a task is called: what its `arg` and `flag` blocks say. Nothing is evaluated for it.
type Usage struct {
	Task, Description string
	Args, Flags       []Param
	// TakesArgs says that words behind `--` reach the command.
	TakesArgs bool
}

// Param is one argument or flag of a task.
type Param struct {
	Name, Short, Description, Env string
	// Type is as Terraform writes it; Default the expression as it is written, empty where there is none.
	Type, Default      string
	Enum               []string
	Required, Variadic bool
}

// Usage tells how a task is called, by its name or an alias; nil where there is no such task.
func (f *File) Usage(name string) *Usage {
	t := f.taskNamed(blockName(name))
	if t == nil {
		return nil
	}
	u := &Usage{Task: t.name, Description: t.description, TakesArgs: f.takesWords(t)}
	for _, p := range t.args {
		u.Args = append(u.Args, f.paramOf(p))
	}
	for _, p := range t.flags {
		u.Flags = append(u.Flags, f.paramOf(p))
	}
	return u
}

// HelpWanted says that the words of a target ask how the task is used. Tasks that declare their words understand it, and those
// that take none: of the others it is a word like any other.
func (f *File) HelpWanted(t Target) bool {
	task := f.taskNamed(blockName(t.Name))
	if task == nil {
		return false
	}
	if !task.declares() {
		return len(t.Words) > 0 && (t.Words[0] == "--help" || t.Words[0] == "-h") && !f.takesWords(task)
	}
	r, _ := readWords(task, t.Words)
	return r.help
}

func (f *File) paramOf(p *param) Param {
	out := Param{
		Name: p.name, Short: p.short, Description: p.description, Env: p.env, Type: "string",
		Enum: slices.Clone(p.enum), Required: p.required(), Variadic: p.variadic,
	}
	if a := p.attrs["type"]; a != nil {
		out.Type = f.written(a)
	}
	if p.def != nil {
		out.Default = f.written(p.def)
	}
	return out
}

// written is the text of an expression, on one line.
func (f *File) written(a *attr) string {
	at := a.expr.Range()
	return strings.Join(strings.Fields(string(at.SliceBytes(f.files[at.Filename].Bytes))), " ")
}

// usageLine is the call of a task in one line.
func (t *taskBlock) usageLine() string {
	line := "tasks run " + quoteWord(t.name)
	if len(t.flags) > 0 {
		line += " [FLAGS]"
	}
	for _, p := range t.args {
		word := strings.ToUpper(p.name)
		if p.variadic {
			word += "…"
		}
		if !p.required() {
			word = "[" + word + "]"
		}
		line += " " + word
	}
	return line
}

// UsageText is the usage of a task for a reader at a terminal.
func (f *File) UsageText(name string) string {
	u, t := f.Usage(name), f.taskNamed(blockName(name))
	var text strings.Builder
	if u.Description != "" {
		text.WriteString(u.Description + "\n\n")
	}
	line := t.usageLine()
	if u.TakesArgs {
		line += " [-- ARGS…]"
	}
	text.WriteString("Usage:\n  " + line + "\n")
	writeParams(&text, "Arguments", u.Args, func(p Param) string { return strings.ToUpper(p.Name) })
	writeParams(&text, "Flags", u.Flags, func(p Param) string {
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

func writeParams(text *strings.Builder, heading string, params []Param, name func(Param) string) {
	if len(params) == 0 {
		return
	}
	width := 0
	for _, p := range params {
		width = max(width, len(name(p)))
	}
	text.WriteString("\n" + heading + ":\n")
	for _, p := range params {
		text.WriteString(strings.TrimRight(fmt.Sprintf("  %-*s  %s", width, name(p), p.explained()), " ") + "\n")
	}
}

// explained is the description with what values there are.
func (p Param) explained() string {
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
	if p.Required {
		notes = append(notes, "required")
	}
	if len(notes) == 0 {
		return p.Description
	}
	return strings.TrimSpace(p.Description + " (" + strings.Join(notes, "; ") + ")")
}

package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"tasks/hclspec/internal/arguments"
	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/shellwords"
	"tasks/internal/plaintext"
)

// TaskUsage describes the call of a task: its `arg` and `flag` blocks. It needs no evaluation.
type TaskUsage struct {
	TaskName, Description string
	Args, Flags           []ParamUsage
	// TakesArgs reports whether words behind `--` reach the command.
	TakesArgs bool
}

// ParamUsage is an argument or a flag of a task.
type ParamUsage struct {
	Name, Short, Description, Env string
	// Type is in Terraform's notation. Default is the expression; empty without a default.
	Type, Default          string
	Enum                   []string
	IsRequired, IsVariadic bool
}

// TaskUsage returns the call of a task, by name or alias; nil for an unknown task.
func (f *File) TaskUsage(name string) *TaskUsage {
	t := f.config.FindTask(config.DeclaredName(name))
	if t == nil {
		return nil
	}
	u := &TaskUsage{TaskName: t.Name, Description: t.Description, TakesArgs: f.config.TakesArgs(t)}
	for _, p := range t.Args {
		u.Args = append(u.Args, paramUsage(f.config, p))
	}
	for _, p := range t.Flags {
		u.Flags = append(u.Flags, paramUsage(f.config, p))
	}
	return u
}

// IsHelpRequest reports whether the arguments of a target ask for help: --help or -h directly behind the name of any
// task, or anywhere among declared arguments. A task may declare a flag -h of its own.
func (f *File) IsHelpRequest(target Target) bool {
	return asksForHelp(f.config, target.Name, target.Args)
}

func asksForHelp(f *config.File, name string, args []string) bool {
	task := f.FindTask(config.DeclaredName(name))
	if task == nil {
		return false
	}
	if !task.HasDeclaredParams() {
		return len(args) > 0 && (args[0] == "--help" || args[0] == "-h")
	}
	parsed, _ := arguments.Parse(task, args)
	return parsed.IsHelpRequested
}

// HelpText returns the usage of a task for the terminal. Control characters are spelled out.
func (f *File) HelpText(name string) string {
	u, t := f.TaskUsage(name), f.config.FindTask(config.DeclaredName(name))
	text := "Usage:\n  " + plaintext.Escape(usageSummary(f.config, t)) + "\n" + u.ParamsText("Arguments", "Flags")
	if !t.HasDeclaredParams() && u.TakesArgs {
		text += "\nWORDS belong to the command. `--` before the words passes on --help too.\n"
	}
	if u.Description != "" {
		text = plaintext.Message(u.Description) + "\n\n" + text
	}
	return text
}

// ParamsText returns the declared arguments and flags, each list below its heading.
func (u *TaskUsage) ParamsText(argsHeading, flagsHeading string) string {
	var text strings.Builder
	writeParams(&text, argsHeading, u.Args, func(p ParamUsage) string { return strings.ToUpper(p.Name) })
	writeParams(&text, flagsHeading, u.Flags, func(p ParamUsage) string {
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

func paramUsage(f *config.File, p *config.Param) ParamUsage {
	out := ParamUsage{
		Name: p.Name, Short: p.ShortFlag, Description: p.Description, Env: p.Env, Type: "string",
		Enum: slices.Clone(p.Enum), IsRequired: p.IsRequired(), IsVariadic: p.IsVariadic,
	}
	if a := p.Attrs["type"]; a != nil {
		out.Type = f.SourceText(a)
	}
	if p.DefaultAttr != nil {
		out.Default = f.SourceText(p.DefaultAttr)
	}
	return out
}

// usageLine returns the call of a task in one line.
func usageLine(t *config.Task) string {
	line := "tasks run " + shellwords.QuoteWord(t.Name)
	if len(t.Flags) > 0 {
		line += " [FLAGS]"
	}
	if args := argsText(t); args != "" {
		line += " " + args
	}
	return line
}

// argsText returns the declared arguments, optional ones in brackets.
func argsText(t *config.Task) string {
	var words []string
	for _, p := range t.Args {
		word := strings.ToUpper(p.Name)
		if p.IsVariadic {
			word += "…"
		}
		if !p.IsRequired() {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
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
		line := fmt.Sprintf("  %-*s  %s", width, name(p), p.descriptionText())
		text.WriteString(plaintext.Escape(strings.TrimRight(line, " ")) + "\n")
	}
}

// descriptionText returns the description with the accepted values.
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
		return strings.TrimSpace(p.Description)
	}
	return strings.TrimSpace(strings.TrimSpace(p.Description) + " (" + strings.Join(notes, "; ") + ")")
}

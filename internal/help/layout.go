package help

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"tasks/internal/view"
)

// Page is the help page of a command.
type Page struct {
	// Command is the name of the command; empty for the program itself.
	Command string
	// Summary is one line, Synopsis the call: "tasks run [flags] TASK".
	Summary, Synopsis string
	// Commands are the commands of the program, for its own page.
	Commands []Command
	// Flags are the command's own. GlobalFlags are the names of global flags with an effect on the command.
	Flags       *pflag.FlagSet
	GlobalFlags []string
}

// Command is a line of the page of the program.
type Command struct{ Name, Summary string }

// defaultWidth is the width of a page outside of a terminal.
const defaultWidth = 100

// Text returns the page for a terminal with this number of columns; 0: no terminal.
func (p Page) Text(width int) string {
	width = cmp.Or(width, defaultWidth)
	words := pages()[p.Command]
	var b strings.Builder
	section := func(title, text string) {
		if text != "" {
			b.WriteString("\n" + title + ":\n" + text)
		}
	}
	writeParagraph(&b, cmp.Or(words.text, p.Summary+"."), width)
	section("Usage", view.HangingText("  "+p.Synopsis, 0, "", width))
	for _, group := range groups() {
		section(group, commandLines(p.Commands, group, width))
	}
	section("Examples", exampleLines(words.examples))
	section("Flags", flagLines(p.Flags, nil, width))
	b.WriteString("\n")
	writeParagraph(&b, "Global flags (`tasks help flags` explains them): "+strings.Join(p.GlobalFlags, ", "), width)
	b.WriteString("\n")
	writeParagraph(&b, documentationNote, width)
	return b.String()
}

// documentationNote names the documentation.
const documentationNote = "Documentation: docs/commands.md and docs/language.md of the source of tasks"

func writeParagraph(b *strings.Builder, text string, width int) {
	for _, line := range view.WrapWords(text, width) {
		b.WriteString(line + "\n")
	}
}

// commandLines returns a line for each command of a group.
func commandLines(commands []Command, group string, width int) string {
	column := 0
	for _, c := range commands {
		column = max(column, len("  "+c.Name+"  "))
	}
	var b strings.Builder
	for _, name := range commandsOf(group) {
		i := slices.IndexFunc(commands, func(c Command) bool { return c.Name == name })
		if i >= 0 {
			b.WriteString(view.HangingText("  "+name, column, commands[i].Summary, width))
		}
	}
	return b.String()
}

func exampleLines(examples []string) string {
	var b strings.Builder
	for _, example := range examples {
		b.WriteString("  $ " + example + "\n")
	}
	return b.String()
}

// maxFlagColumn limits the column of the texts of flags.
const maxFlagColumn = 32

// flagLines returns the lines of flags. note adds a text behind the usage of a flag; nil: none.
func flagLines(flags *pflag.FlagSet, note func(name string) string, width int) string {
	if flags == nil {
		return ""
	}
	column := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if n := len(flagLabel(f)) + 2; !f.Hidden && n <= maxFlagColumn {
			column = max(column, n)
		}
	})
	var b strings.Builder
	visitFlags(flags, note, func(f *pflag.Flag, text string) {
		b.WriteString(view.HangingText(flagLabel(f), column, text, width))
	})
	return b.String()
}

// visitFlags calls a function with each flag that is not hidden, and with its explanation.
func visitFlags(flags *pflag.FlagSet, note func(name string) string, visit func(f *pflag.Flag, text string)) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		_, text := pflag.UnquoteUsage(f)
		if f.Name == "help" {
			text = "print this page"
		}
		if note != nil {
			text += note(f.Name)
		}
		visit(f, text+defaultText(f))
	})
}

// flagLabel returns "  -f, --file FILE".
func flagLabel(f *pflag.Flag) string {
	label := "      --" + f.Name
	if f.Shorthand != "" && f.ShorthandDeprecated == "" {
		label = "  -" + f.Shorthand + ", --" + f.Name
	}
	if metavar, _ := pflag.UnquoteUsage(f); metavar != "" {
		label += " " + metavar
	}
	return label
}

// defaultText names the default of a flag, if the default is no zero value.
func defaultText(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "0", "0s", "false", "[]":
		return ""
	}
	return fmt.Sprintf(" (default %s)", f.DefValue)
}

// GlobalFlags returns the page of the global flags. commandsFor returns the commands that a flag acts on; nil: all.
func GlobalFlags(flags *pflag.FlagSet, commandsFor func(string) []string, width int) string {
	width = cmp.Or(width, defaultWidth)
	var b strings.Builder
	writeParagraph(&b, pages()["flags"].text, width)
	b.WriteString("\nGlobal flags:\n" + flagLines(flags, commandNote(commandsFor), width) + "\n")
	writeParagraph(&b, documentationNote, width)
	return b.String()
}

// commandNote returns a function that names the commands of a flag, in brackets.
func commandNote(commandsFor func(string) []string) func(name string) string {
	return func(name string) string {
		if commands := commandsFor(name); commands != nil {
			return " [" + strings.Join(commands, ", ") + "]"
		}
		return ""
	}
}

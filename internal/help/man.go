package help

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// ManPage returns the page as a manual page in the language of man(7). The page of the program explains the global
// flags. version stands in the footer. The page has no date, so that two builds of a release are equal.
func (p Page) ManPage(version string, global *pflag.FlagSet, commandsFor func(string) []string) string {
	words := pages()[p.Command]
	name := "tasks"
	if p.Command != "" {
		name += "-" + p.Command
	}
	var b strings.Builder
	section := func(title, text string) {
		if text != "" {
			b.WriteString(".SH " + title + "\n" + text)
		}
	}
	fmt.Fprintf(&b, ".TH %s 1 \"\" %q %q\n", strings.ToUpper(roff(name)), "tasks "+version, "Manual of tasks")
	section("NAME", roff(name)+` \- `+roff(p.Summary)+"\n")
	section("SYNOPSIS", ".B "+roff(p.Synopsis)+"\n")
	section("DESCRIPTION", roff(cmp.Or(words.text, p.Summary+"."))+"\n")
	section("COMMANDS", p.manCommands())
	section("OPTIONS", manFlags(p.Flags, nil))
	if p.Command == "" {
		section("GLOBAL OPTIONS", roff(pages()["flags"].text)+"\n"+manFlags(global, commandNote(commandsFor)))
	} else {
		names := roff(strings.Join(p.GlobalFlags, ", "))
		section("GLOBAL OPTIONS", "These options of\n.BR tasks (1)\nhave an effect:\n"+names+".\n")
	}
	section("EXAMPLES", manExamples(words.examples))
	if p.Command != "" {
		section("SEE ALSO", ".BR tasks (1)\n")
	}
	return b.String()
}

// manCommands lists the commands by group, each with the name of its own page.
func (p Page) manCommands() string {
	var b strings.Builder
	for _, group := range groups() {
		names := commandsOf(group)
		for i, name := range names {
			for _, c := range p.Commands {
				if c.Name != name {
					continue
				}
				if i == 0 {
					b.WriteString(".SS " + roff(group) + "\n")
				}
				fmt.Fprintf(&b, ".TP\n.BR %s (1)\n%s\n", roff("tasks-"+name), roff(c.Summary))
			}
		}
	}
	return b.String()
}

func manFlags(flags *pflag.FlagSet, note func(string) string) string {
	var b strings.Builder
	visitFlags(flags, note, func(f *pflag.Flag, text string) {
		fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(flagLabel(f))), roff(text))
	})
	return b.String()
}

func manExamples(examples []string) string {
	var b strings.Builder
	for _, example := range examples {
		b.WriteString(".PP\n.EX\n$ " + roff(example) + "\n.EE\n")
	}
	return b.String()
}

// roff escapes a text, and makes words between backquotes bold. groff reads only ASCII without an option.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	text = regexp.MustCompile("`([^`]*)`").ReplaceAllString(text, `\fB$1\fR`)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text // no request of man(7)
	}
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}

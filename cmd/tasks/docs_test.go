package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/help"
	"tasks/internal/view"
)

// pages are those that users read; docs/language.md is checked by hclspec as well.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) < 3 {
		t.Fatalf("pages %q, %v", names, err)
	}
	all := map[string]string{}
	examples, err := filepath.Glob("../../examples/*/README.md")
	if err != nil || len(examples) < 6 {
		t.Fatalf("pages %q, %v", examples, err)
	}
	names = append(names, "../../README.md", "../../CONTRIBUTING.md", "../../SECURITY.md")
	for _, name := range append(names, examples...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

// fences are the blocks of a language in a page.
func fences(text, language string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// included is what examples include: a file with the task that they name.
func included(path string) ([]hclspec.Source, error) {
	text := "variable \"mode\" {}\n\ntask \"build\" {\n  command = \"true\"\n}\n"
	return []hclspec.Source{{Name: path, Path: path, Bytes: []byte(text)}}, nil
}

func TestDocsShowLanguageThatParses(t *testing.T) {
	checked := 0
	for page, text := range pages(t) {
		blocks := fences(text, "hcl")
		if filepath.Base(page) == "tutorial.md" { // the files of one project
			blocks = []string{strings.Join(blocks, "\n")}
		}
		for _, block := range blocks {
			checked++
			parser := hclspec.Parser{ReadInclude: included}
			if _, diags := parser.Parse([]hclspec.Source{{Name: page, Path: "/" + page, Bytes: []byte(block)}}); diags.HasErrors() {
				t.Errorf("%s: %s\n%s", page, diags, block)
			}
		}
	}
	if checked == 0 {
		t.Error("no block of hcl in any page")
	}
}

// TestDocsShowCommandsThatExist: every `$ tasks …` line names a command, with flags that it has.
func TestDocsShowCommandsThatExist(t *testing.T) {
	checked := 0
	for page, text := range pages(t) {
		for _, block := range fences(text, "console") {
			for line := range strings.Lines(block) {
				words, ok := commandLine(line)
				if !ok {
					continue
				}
				checked++
				if err := parseCommandLine(words); err != nil {
					t.Errorf("%s: %s: %v", page, strings.TrimSpace(line), err)
				}
			}
		}
	}
	if checked < 8 {
		t.Errorf("only %d command lines found", checked)
	}
}

func commandLine(line string) ([]string, bool) {
	line, _, _ = strings.Cut(line, " #")
	for _, prefix := range []string{"$ tasks", "$ go run ./cmd/tasks"} {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), prefix); ok {
			return strings.Fields(rest), true
		}
	}
	return nil, false
}

// parseCommandLine parses a command line as the program would, and stops before it does anything.
func parseCommandLine(words []string) error {
	if len(words) > 0 && words[0] == "[flags]" {
		return nil // the synopsis
	}
	root := newRootCommand(&app{printer: view.NewPrinter(os.Stdin, os.Stdout, os.Stderr)})
	cmd, args, err := root.Find(words)
	if err != nil {
		return err
	}
	return cmd.ParseFlags(args)
}

func TestDocsListEveryCommandAndFlag(t *testing.T) {
	text := pages(t)["../../docs/commands.md"]
	root := newRootCommand(&app{printer: view.NewPrinter(os.Stdin, os.Stdout, os.Stderr)})
	for _, cmd := range root.Commands() {
		if !strings.Contains(text, "`tasks "+cmd.Name()) {
			t.Errorf("docs/commands.md does not tell of the command %s", cmd.Name())
		}
		for _, flag := range flagNames(cmd) {
			if !strings.Contains(text, "--"+flag) {
				t.Errorf("docs/commands.md does not tell of --%s of %s", flag, cmd.Name())
			}
		}
	}
}

// TestHelpPages: every command has a page with an example, and a place on the page of the program.
func TestHelpPages(t *testing.T) {
	root := newRootCommand(&app{printer: view.NewPrinter(os.Stdin, os.Stdout, os.Stderr)})
	var page help.Page
	for _, cmd := range root.Commands() {
		page.Commands = append(page.Commands, help.Command{Name: cmd.Name(), Summary: "summary of " + cmd.Name()})
	}
	overview := page.Text(0)
	for _, cmd := range root.Commands() {
		if !strings.Contains(overview, "summary of "+cmd.Name()) {
			t.Errorf("the command %s is in no group", cmd.Name())
		}
		text := help.Page{Command: cmd.Name(), Flags: cmd.LocalNonPersistentFlags()}.Text(60)
		if !strings.Contains(text, "$ tasks "+cmd.Name()) && cmd.Name() != "list" {
			t.Errorf("the page of %s has no example", cmd.Name())
		}
		for line := range strings.Lines(text) {
			isFixed := strings.HasPrefix(line, "  $ ") || !strings.Contains(strings.TrimSpace(line), " ")
			if utf8.RuneCountInString(line) > 61 && !isFixed {
				t.Errorf("%s: a line is not wrapped: %q", cmd.Name(), line)
			}
		}
	}
}

// flagNames are the flags of a command, those of every command too.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.InheritedFlags()} {
		set.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	return names
}

// TestTroubleshootingNamesMessages: the program still writes each message that the page explains.
func TestTroubleshootingNamesMessages(t *testing.T) {
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	err = filepath.WalkDir("../..", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		source.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	messages := regexp.MustCompile("(?m)^\\*\\*`([^`]+)`\\*\\*").FindAllStringSubmatch(string(page), -1)
	if len(messages) < 12 {
		t.Errorf("only %d messages", len(messages))
	}
	for _, m := range messages {
		if !strings.Contains(source.String(), m[1]) {
			t.Errorf("no message has %q", m[1])
		}
	}
}

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
	"mvdan.cc/sh/v3/syntax"

	"tasks/hclspec"
	"tasks/internal/help"
	"tasks/internal/view"
)

// pages are all Markdown files of the repository, by their path from here; docs/language.md is checked by hclspec as well.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != "../.."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".md"):
			return nil
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil || len(all) < 20 {
		t.Fatalf("%d pages, %v", len(all), err)
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

// TestDocsShowCommandsThatExist: every `$ tasks …` line, and every `tasks …` in the text, is a command with its flags and a fitting
// number of arguments.
func TestDocsShowCommandsThatExist(t *testing.T) {
	inText := regexp.MustCompile("`(tasks(?: [^`]*)?)`")
	blocks, texts := 0, 0
	for page, text := range pages(t) {
		for _, block := range fences(text, "console") {
			for line := range strings.Lines(block) {
				for _, words := range commandLines(t, page, line) {
					blocks++
					if err := parseCommandLine(words); err != nil {
						t.Errorf("%s: %s: %v", page, strings.TrimSpace(line), err)
					}
				}
			}
		}
		if filepath.Base(page) == "CHANGELOG.md" {
			continue // also names commands that have gone, and names of other tools
		}
		prose := regexp.MustCompile("(?ms)^ *```.*?^ *```").ReplaceAllString(text, "")
		for _, m := range inText.FindAllStringSubmatch(prose, -1) {
			call := strings.ReplaceAll(strings.Join(strings.Fields(m[1]), " "), `\|`, "|")
			if isPattern(call) {
				continue
			}
			texts++
			for _, words := range commandLines(t, page, "$ "+call) {
				if err := parseCommandLine(words); err != nil {
					t.Errorf("%s: `%s`: %v", page, call, err)
				}
			}
		}
	}
	if blocks < 60 || texts < 100 {
		t.Errorf("only %d command lines in blocks and %d in the text found", blocks, texts)
	}
}

// isPattern reports whether a text in code names a form, or a block of the language, in place of a call.
func isPattern(call string) bool {
	return strings.ContainsAny(call, "[]…{") || strings.Contains(call, "...") || strings.HasPrefix(call, "tasks \"")
}

// commandLines returns the words of each call of tasks in a line of a shell.
func commandLines(t *testing.T, page, line string) [][]string {
	t.Helper()
	line, isCommand := strings.CutPrefix(strings.TrimSpace(line), "$ ")
	if !isCommand || line == "tasks [flags] COMMAND" {
		return nil
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(line), page)
	if err != nil {
		t.Errorf("%s: %s: %v", page, line, err)
		return nil
	}
	var all [][]string
	syntax.Walk(file, func(node syntax.Node) bool {
		if call, isCall := node.(*syntax.CallExpr); isCall {
			words := make([]string, len(call.Args))
			for i, arg := range call.Args {
				words[i] = plainWord(line, arg)
			}
			if len(words) > 0 && words[0] == "tasks" {
				all = append(all, words[1:])
			} else if len(words) > 2 && words[0] == "go" && words[1] == "run" && words[2] == "./cmd/tasks" {
				all = append(all, words[3:])
			}
		}
		return true
	})
	return all
}

// plainWord is a word of a shell without quotes. A word with an expansion is its text.
func plainWord(line string, word *syntax.Word) string {
	var text strings.Builder
	for _, part := range word.Parts {
		switch p := part.(type) {
		case *syntax.SglQuoted:
			text.WriteString(p.Value)
		default:
			text.WriteString(strings.Trim(line[p.Pos().Offset():p.End().Offset()], `"`))
		}
	}
	return text.String()
}

// parseCommandLine parses a command line as the program would, and stops before it does anything.
func parseCommandLine(words []string) error {
	root := newRootCommand(&app{printer: view.NewPrinter(os.Stdin, os.Stdout, os.Stderr)})
	root.InitDefaultHelpCmd()
	cmd, args, err := root.Find(words)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(args); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
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

// TestSecurityNamesEveryCommand: the page says of each command what the command runs.
func TestSecurityNamesEveryCommand(t *testing.T) {
	rows := strings.Join(regexp.MustCompile(`(?m)^\| [^|]*`).FindAllString(pages(t)["../../SECURITY.md"], -1), "\n")
	root := newRootCommand(&app{printer: view.NewPrinter(os.Stdin, os.Stdout, os.Stderr)})
	for _, cmd := range root.Commands() {
		if !cmd.Hidden && !strings.Contains(rows, "`"+cmd.Name()+"`") {
			t.Errorf("no row of SECURITY.md has %s", cmd.Name())
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

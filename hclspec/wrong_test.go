package hclspec

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what the wrong files are expected to say")

// TestWrongFiles checks what is said about wrong files, literally. Each archive of testdata/wrong holds files of the
// language, files of values (those named *.auto.tasksvars are found, other *.tasksvars given), files in directories, which are there to be included, and, under "want", the message. Lines of its comment say what is done with the files besides parsing:
//
//	run: TASK WORDS…    evaluate this target; several lines, several targets
//	compose             evaluate the compose block
//	var: NAME=VALUE     as --var does
//	env: NAME=VALUE     in the environment
//	version: v1.2.3     of the program
//	broken project      the compose project cannot be loaded
func TestWrongFiles(t *testing.T) {
	eachWrong(t, func(t *testing.T, path string, archive *txtar.Archive) {
		got := readWrong(path, archive).messages(t)
		last := &archive.Files[len(archive.Files)-1]
		if last.Name != "want" {
			t.Fatal("the last file of an archive is want")
		}
		if *update {
			last.Data = []byte(got)
			if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got == "" {
			t.Error("nothing is said about this file")
		}
		if diff := cmp.Diff(string(last.Data), got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// eachWrong calls a test for each archive of testdata/wrong.
func eachWrong(t *testing.T, test func(t *testing.T, path string, archive *txtar.Archive)) {
	t.Helper()
	archives, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil || len(archives) < 150 {
		t.Fatalf("only %d archives, error %v", len(archives), err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			test(t, path, archive)
		})
	}
}

// wrongCase is one archive.
type wrongCase struct {
	files       []txtar.File
	targets     []Target
	vars, env   map[string]string
	version     string
	compose     bool
	projectFail bool
	// placeless says that it is about mistakes outside of the files.
	placeless bool
}

func readWrong(path string, archive *txtar.Archive) wrongCase {
	name := strings.TrimSuffix(filepath.Base(path), ".txtar")
	c := wrongCase{vars: map[string]string{}, env: map[string]string{}, placeless: slices.Contains(summariesWithoutRange(), name)}
	comment, files := string(archive.Comment), archive.Files
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name, text, _ := strings.Cut(value, "=")
		switch key {
		case "run":
			words := strings.Fields(value)
			c.targets = append(c.targets, Target{Name: words[0], Args: words[1:]})
		case "var":
			c.vars[name] = text
		case "env":
			c.env[name] = text
		case "version":
			c.version = value
		case "compose":
			c.compose = true
		case "broken project":
			c.projectFail = true
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name, ".hcl") || strings.HasSuffix(file.Name, ".tasksvars") {
			c.files = append(c.files, file)
		}
	}
	return c
}

func (c wrongCase) messages(t *testing.T) string {
	f, diags := c.diagnostics(t)
	return strings.ReplaceAll(diagnosticsText(f, diags), "\u00a0", " ")
}

func (c wrongCase) diagnostics(t *testing.T) (*File, hcl.Diagnostics) {
	in := inputsIn("/project", c.env)
	in.Vars = c.vars
	if c.projectFail {
		in.Project = func() (Project, error) { return nil, errors.New("compose.yaml: no such file") }
	}
	var sources, all []Source
	parser := Parser{Version: c.version}
	for _, file := range c.files {
		source := Source{Name: file.Name, Path: filepath.Join(in.Root, file.Name), Bytes: file.Data}
		all = append(all, source)
		switch {
		case strings.Contains(file.Name, "/"):
		case strings.HasSuffix(file.Name, AutoVariablesSuffix):
			parser.VariableFiles.Automatic = append(parser.VariableFiles.Automatic, source)
		case strings.HasSuffix(file.Name, ".tasksvars"):
			parser.VariableFiles.Explicit = append(parser.VariableFiles.Explicit, source)
		default:
			sources = append(sources, source)
		}
	}
	parser.ReadInclude = includeFrom(all)
	f, diags := parser.Parse(sources)
	if len(c.targets) > 0 {
		spec, more := f.Evaluate(in, c.targets)
		if more.HasErrors() != (spec == nil) {
			t.Errorf("errors: %t, but the spec is %v", more.HasErrors(), spec)
		}
		if diags.HasErrors() {
			diags = more // those of Parse among them
		} else {
			diags = append(diags, more...)
		}
	}
	if !diags.HasErrors() && c.compose {
		_, more := f.Compose(in)
		diags = append(diags, more...)
	}
	checkRanges(t, all, diags, func(*hcl.Diagnostic) bool { return c.placeless })
	if c.placeless && !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool { return d.Subject == nil }) {
		t.Error("it need not be among those without places")
	}
	return f, diags
}

// includeFrom gives the sources that have a path, or are in a directory of that path.
func includeFrom(all []Source) func(string) ([]Source, error) {
	return func(path string) ([]Source, error) {
		var found []Source
		for _, s := range all {
			if s.Path == path || filepath.Dir(s.Path) == path {
				found = append(found, s)
			}
		}
		if found == nil {
			return nil, fmt.Errorf("there is no file %s", path)
		}
		return found, nil
	}
}

// outside says of a mistake without a place whether it may have none: it is one of the command line or the environment.
type outsideFilter func(*hcl.Diagnostic) bool

// allowNone: all that can be wrong stands in the files.
func allowNone(*hcl.Diagnostic) bool { return false }

// isArgumentError are the mistakes in the words of a task.
func isArgumentError(d *hcl.Diagnostic) bool {
	return strings.HasPrefix(d.Summary, "invalid arguments for task ")
}

// summariesWithoutRange are the archives that are about mistakes outside of the files: targets of the command line, their words,
// and variables that are given.
func summariesWithoutRange() []string {
	return []string{
		"matrix-choice-typed", "matrix-none", "no-task-at-all", "undeclared-var", "unknown-target", "wanted-twice", "words-enum",
		"words-for-a-group", "words-missing", "words-name-a-task", "words-name-another-task", "words-unknown-flag",
	}
}

// checkRanges fails for a diagnostic that points outside of its file, or nowhere though it is not about the outside.
func checkRanges(t testing.TB, sources []Source, diags hcl.Diagnostics, beyond outsideFilter) {
	t.Helper()
	for _, d := range diags {
		switch {
		case d.Summary == "" || d.Detail == "":
			t.Errorf("a diagnostic without text: %+v", d)
		case d.Subject == nil && !beyond(d):
			t.Errorf("%q has no place: %s", d.Summary, d.Detail)
		case d.Subject != nil && !isInSources(sources, *d.Subject):
			t.Errorf("%q points to %v, which is outside of the files", d.Summary, d.Subject)
		}
	}
}

// isInSources says whether a range is one of a file's.
func isInSources(sources []Source, at hcl.Range) bool {
	size, known := sizesOf(sources)[at.Filename]
	return known && at.Start.Byte <= at.End.Byte && at.End.Byte <= size && at.Start.Line > 0 && at.Start.Column > 0
}

func sizesOf(sources []Source) map[string]int {
	sizes := map[string]int{}
	for _, s := range sources {
		sizes[s.Name] = len(s.Bytes)
	}
	return sizes
}

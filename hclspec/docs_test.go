package hclspec

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/funcs"
)

const referencePage = "../docs/language.md"

func readReference(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// includedExample is what the examples of the page include.
const includedExample = `
variable "mode" {}

task "build" {
  command = ["npm", "run", "build", var.mode]
}
`

// TestDocumentedExamples: every example is a file that is right, and every task of it has values.
func TestDocumentedExamples(t *testing.T) {
	fences := regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(readReference(t), -1)
	if len(fences) < 8 {
		t.Fatalf("only %d examples", len(fences))
	}
	for i, fence := range fences {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			in := testInputs(t)
			in.IncludedProject = func(string) (Project, error) { return in.Project() }
			writeFile(t, filepath.Join(in.Root, "compose.test.yaml"), "services: {}\n")
			frontend := Source{Name: "frontend/Tasks.hcl", Path: filepath.Join(in.Root, "frontend", "Tasks.hcl"), Bytes: []byte(includedExample)}
			infra := Source{Name: "infra/Tasks.hcl", Path: filepath.Join(in.Root, "infra", "Tasks.hcl"), Bytes: []byte("compose {\n}\n")}
			f, diags := Parser{ReadInclude: includeFrom([]Source{frontend, infra})}.Parse([]Source{source(in, fence[1])})
			if len(diags) > 0 {
				t.Fatal(diagnosticsText(f, diags))
			}
			for _, decl := range f.Tasks() {
				if _, diags := f.Evaluate(in, []Target{{Name: decl.Name, HasUnknownArgs: true}}); len(diags) > 0 {
					t.Error(diagnosticsText(f, diags))
				}
			}
			if _, diags := f.Compose(in); len(diags) > 0 {
				t.Error(diagnosticsText(f, diags))
			}
		})
	}
}

// TestAliasesAreDocumented: another spelling of an attribute is told beside its name.
func TestAliasesAreDocumented(t *testing.T) {
	text := readReference(t)
	eachBlockType(func(b *config.BlockType) {
		start, end := sectionOf(text, b)
		for _, a := range b.Attrs {
			row := regexp.MustCompile("(?m)^\\| `" + a.Name + "` \\| (.*)$").FindString(text[max(start, 0):max(end, 0)])
			if a.Alias != "" && b.Name != "defaults" && !strings.Contains(row, "`"+a.Alias+"`") {
				t.Errorf("the row of %s in %s does not name %s", a.Name, b.Name, a.Alias)
			}
		}
	})
}

// TestExamplesOfAttributes: the example of each attribute of a task is accepted.
func TestExamplesOfAttributes(t *testing.T) {
	for _, a := range config.TaskBlockType().Attrs {
		with := map[TaskKind]string{config.ServiceTask: "service = \"web\"\n", config.ImageTask: "image = \"i\"\n", config.HostTask: "command = [\"x\"]\n"}[a.Kinds[0]]
		switch a.Name {
		case "service", "job", "image", "command", "script":
			with = ""
		case "shell":
			with = "script = \"x\"\n"
		case "outputs":
			with += "inputs = [\"src\"]\n"
		case "shard_timings":
			with += "shard_items = [\"a\"]\nenv = { ITEMS = join(\" \", shard.items) }\n"
		case "shard_items":
			with += "env = { ITEMS = join(\" \", shard.items) }\n"
		}
		in := testInputs(t)
		for _, name := range []string{".env.test", "compose.test.yaml"} {
			if err := os.WriteFile(filepath.Join(in.Root, name), []byte("A=1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		evaluateOne(t, in, fmt.Sprintf("task \"t\" {\n%s%s = %s\n}\n\ntask \"lint\" {\n  command = \"x\"\n}\n", with, a.Name, a.Example), "t")
	}
}

// TestDocumentedFunctions compares the table of functions with the page, and with -update writes it there.
func TestDocumentedFunctions(t *testing.T) {
	const begin, end = "-update` -->\n", "<!-- end of functions -->"
	text := readReference(t)
	before, rest, found := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("the place of the functions is not marked")
	}
	var table strings.Builder
	table.WriteString("| function | gives | example | is |\n|---|---|---|---|\n")
	cell := strings.NewReplacer("|", "\\|", "\n", " ").Replace
	for _, f := range funcs.All() {
		call := funcs.Signature(f.Name, f.Build(funcs.Inputs{}))
		fmt.Fprintf(&table, "| `%s` | %s | `%s` | `%s` |\n", call, cell(f.Doc), cell(f.Example), cell(f.Result))
	}
	want := before + begin + table.String() + end + after
	if *update {
		if err := os.WriteFile(referencePage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != want {
		t.Error("the functions of the page are not those of the table: run with -update")
	}
}

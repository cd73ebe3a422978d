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
variable "mode" {
  default = "production"
}

task "build" {
  command = ["npm", "run", "build", var.mode]
}
`

// examplePages have blocks of the language, each of which is a file for itself.
func examplePages() []string {
	return []string{
		referencePage, "../docs/cookbook.md", "../docs/coming-from.md", "../docs/concurrency.md", "../README.md",
		"../docs/secrets.md", "../docs/projects.md", "../docs/sharding.md",
	}
}

// TestDocumentedExamples: every example is a file that is right, and every task of it has values.
func TestDocumentedExamples(t *testing.T) {
	for _, page := range examplePages() {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		fences := regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(string(text), -1)
		if len(fences) == 0 {
			t.Errorf("%s has no examples", page)
		}
		for i, fence := range fences {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(page), i+1), func(t *testing.T) { checkExample(t, fence[1]) })
		}
	}
}

func checkExample(t *testing.T, example string) {
	env := map[string]string{}
	for _, name := range regexp.MustCompile(`TASKS_VAR_\w+`).FindAllString(example, -1) {
		env[name] = "only-for-tests"
	}
	in := inputsIn(t.TempDir(), env)
	in.IncludedProject = func(string) (Project, error) { return in.Project() }
	for _, name := range []string{"compose.test.yaml", "compose.postgres-15.yaml", "compose.postgres-16.yaml", "compose.postgres-17.yaml"} {
		writeFile(t, filepath.Join(in.Root, name), "services: {}\n")
	}
	writeFile(t, filepath.Join(in.Root, ".env"), "A=1\n")
	var files []Source
	for dir, text := range map[string]string{"frontend": includedExample, "api": includedExample, "web": includedExample, "infra": "compose {\n}\n"} {
		files = append(files, Source{Name: dir + "/Tasks.hcl", Path: filepath.Join(in.Root, dir, "Tasks.hcl"), Bytes: []byte(text)})
	}
	f, diags := Parser{ReadInclude: includeFrom(files)}.Parse([]Source{source(in, example)})
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

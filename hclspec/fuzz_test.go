package hclspec

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"
)

// fuzzInput are the files of one input: one of the project, a second one beside it, and one that every include block brings in.
// Empty ones of the latter two are not there.
type fuzzInput struct{ text, second, included string }

func (z fuzzInput) parse(in Inputs) (*File, []Source, hcl.Diagnostics) {
	own := []Source{source(in, z.text)}
	if z.second != "" {
		own = append(own, Source{Name: "second.tasks.hcl", Path: filepath.Join(in.Root, "second.tasks.hcl"), Bytes: []byte(z.second)})
	}
	all, parser := own, Parser{}
	if z.included != "" {
		included := Source{Name: "sub/Tasks.hcl", Path: filepath.Join(in.Root, "sub", "Tasks.hcl"), Bytes: []byte(z.included)}
		all = append(slices.Clone(own), included)
		parser.ReadInclude = func(string) ([]Source, error) { return []Source{included}, nil }
	}
	file, diags := parser.Parse(own)
	return file, all, diags
}

// fuzzInputs are the inputs of a project that is nowhere, whose included files have a project of their own.
func fuzzInputs() Inputs {
	in := inputsIn("/nowhere", nil)
	in.IncludedProject = func(string) (Project, error) { return namedProject{fakeProject{"db", "web"}, "inner"}, nil }
	return in
}

// fuzzInputOf are the files of an archive as an input: the first, the next one beside it, and the first in a directory.
func fuzzInputOf(archive *txtar.Archive) fuzzInput {
	z := fuzzInput{text: string(archive.Files[0].Data)}
	for _, file := range archive.Files[1:] {
		into := &z.second
		if strings.Contains(file.Name, "/") {
			into = &z.included
		}
		if strings.HasSuffix(file.Name, ".hcl") && *into == "" {
			*into = string(file.Data)
		}
	}
	return z
}

// seeds are all files that the tables hold, right and wrong ones.
func seeds(f *testing.F) []fuzzInput {
	inputs := []fuzzInput{
		{text: includesNS, included: includedNS},
		{text: sampleFile, second: workflow},
		{
			text:     "include \"a\" {\n  source = \"a\"\n}\n\ntask \"t\" {\n  finally = [task[\"a:t\"]]\n  command = [project.name]\n}\n",
			included: "compose {\n}\n\ntask \"t\" {\n  service = \"web\"\n  env = { P = project.name, I = service.db.image }\n  depends_on = [service.db]\n}\n",
		},
		{text: "include \"a\" {\n  source = \"a\"\n}\n\ntask \"t\" {\n  depends_on = [task[\"a:t\"]]\n}\n", included: "include \"b\" {\n  source = \"b\"\n}\n"},
	}
	all := []string{
		sampleFile, withDefaults, includedNS, includesNS,
		withFunctions + "task \"t\" {\n  command = [image(\"a\", \"b\"), of_v(1), first_word()]\n}\n",
		withSecret + "task \"t\" {\n  command = [sensitive(\"x\"), nonsensitive(local.header), try(var.key.a[0], 1)]\n}\n",
	}
	for _, c := range commandCases {
		all = append(all, commandFile(c.body))
	}
	for _, c := range attributeCases {
		all = append(all, attributeFile(c.body))
	}
	for _, c := range resolveCases {
		all = append(all, resolveFile(c.body))
	}
	for _, c := range extendCases {
		all = append(all, c.file)
	}
	for _, text := range append(all, deploy, workflow, matrices, withRetry, withFinally) {
		inputs = append(inputs, fuzzInput{text: text})
	}
	archives, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		inputs = append(inputs, fuzzInputOf(archive))
	}
	return inputs
}

// TestSeedsHaveSeveralFiles: what only several files can do is among the seeds.
func TestSeedsHaveSeveralFiles(t *testing.T) {
	archives, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seconds, includes := 0, 0
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		z := fuzzInputOf(archive)
		if z.second != "" {
			seconds++
		}
		if z.included != "" {
			includes++
		}
	}
	if seconds < 4 || includes < 7 {
		t.Errorf("%d seeds with a second file, %d with an included one", seconds, includes)
	}
}

// FuzzParse looks for files that make the parser panic or point outside of them.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed.text, seed.second, seed.included)
	}
	f.Fuzz(func(t *testing.T, text, second, included string) {
		file, sources, diags := fuzzInput{text, second, included}.parse(inputsIn("/project", nil))
		if file == nil {
			t.Fatal("no file")
		}
		checkRanges(t, sources, diags, allowNone)
		diagnosticsText(file, diags)
		for _, decl := range file.Tasks() {
			if !isInSources(sources, decl.DeclRange) || decl.Name == "" && len(diags) == 0 {
				t.Errorf("task %q at %v", decl.Name, decl.DeclRange)
			}
		}
	})
}

// FuzzEvaluate looks for files that pass the checks and make the evaluation panic, point outside of them, or hold
// back a value that is known.
func FuzzEvaluate(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed.text, seed.second, seed.included, "word")
	}
	f.Fuzz(func(t *testing.T, text, second, included, word string) {
		in := fuzzInputs()
		file, sources, parsed := fuzzInput{text, second, included}.parse(in)
		for _, decl := range file.Tasks() {
			spec, diags := file.Evaluate(in, []Target{{Name: decl.Name, Args: []string{word}}})
			checkRanges(t, sources, diags, isArgumentError)
			if (spec == nil) != diags.HasErrors() || spec != nil && parsed.HasErrors() {
				t.Fatalf("spec %v with %v", spec, diags)
			}
			if spec != nil {
				resolveAll(t, spec)
			}
		}
		if _, diags := file.Compose(in); diags.HasErrors() {
			checkRanges(t, sources, diags, allowNone)
		}
	})
}

// resolveAll resolves every task as if all had run.
func resolveAll(t *testing.T, spec *Spec) {
	results := RunResults{Tasks: map[string]TaskResult{}}
	for name := range spec.Tasks {
		results.Tasks[name] = TaskResult{Stdout: "out", ExitCode: 1}
	}
	for _, task := range spec.Tasks {
		got, diags := task.Resolve(results)
		if !diags.HasErrors() && len(got.Deferred) > 0 {
			t.Errorf("task %q still defers %v", task.Name, got.Deferred)
		}
	}
}

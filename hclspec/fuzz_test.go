package hclspec

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// seeds are all files that the tables hold, right and wrong ones.
func seeds(f *testing.F) []string {
	all := []string{
		picture, withDefaults, includedNS, includesNS,
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
	all = append(all, deploy, workflow, matrices, withRetry, withFinally)
	archives, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, string(archive.Files[0].Data))
	}
	return all
}

// FuzzParse looks for files that make the parser panic or point outside of them.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := inputsIn("/project", nil)
		src := source(in, text)
		file, diags := Parse([]Source{src})
		if file == nil {
			t.Fatal("no file")
		}
		checkPlaces(t, []Source{src}, diags)
		rendered(file, diags)
		for _, decl := range file.Tasks() {
			if r := decl.DeclRange; r.End.Byte > len(text) || decl.Name == "" && len(diags) == 0 {
				t.Errorf("task %q at %v", decl.Name, r)
			}
		}
	})
}

// FuzzEvaluate looks for files that pass the checks and make the evaluation panic, point outside of them, or hold
// back a value that is known.
func FuzzEvaluate(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed, "word")
	}
	f.Fuzz(func(t *testing.T, text, word string) {
		in := inputsIn("/nowhere", nil)
		src := source(in, text)
		file, parsed := Parse([]Source{src})
		for _, decl := range file.Tasks() {
			spec, diags := file.Evaluate(in, []Target{{Name: decl.Name, Words: []string{word}}})
			checkPlaces(t, []Source{src}, diags)
			if (spec == nil) != diags.HasErrors() || spec != nil && parsed.HasErrors() {
				t.Fatalf("spec %v with %v", spec, diags)
			}
			if spec != nil {
				resolveAll(t, spec)
			}
		}
		if _, diags := file.Compose(in); diags.HasErrors() {
			checkPlaces(t, []Source{src}, diags)
		}
	})
}

// resolveAll resolves every task as if all had run.
func resolveAll(t *testing.T, spec *Spec) {
	results := Results{Tasks: map[string]Result{}}
	for name := range spec.Tasks {
		results.Tasks[name] = Result{Stdout: "out", ExitCode: 1}
	}
	for _, task := range spec.Tasks {
		got, diags := task.Resolve(results)
		if !diags.HasErrors() && len(got.Deferred) > 0 {
			t.Errorf("task %q still defers %v", task.Name, got.Deferred)
		}
	}
}

package hclspec

import (
	"encoding/json"
	"testing"

	"tasks/hclspec/internal/funcs"
	"tasks/internal/view/diagnostics"
)

// FuzzValidate looks for files that make the check of everything panic or point outside of them, and whose mistakes
// programs cannot be told.
func FuzzValidate(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed.text, seed.second, seed.included)
	}
	f.Fuzz(func(t *testing.T, text, second, included string) {
		in := fuzzInputs()
		file, sources, diags := fuzzInput{text, second, included}.parse(in)
		_, all := file.Validate(in)
		if diags.HasErrors() && len(all) < len(diags) {
			t.Errorf("%d mistakes, but %d where values are looked at too", len(diags), len(all))
		}
		checkRanges(t, sources, all, allowNone)
		checkDocuments(t, sources, diagnostics.NewDocuments(all))
		for _, o := range file.TaskSummaries() {
			if shown, diags := file.Show(in, o.Name); !diags.HasErrors() && shown.Task.DeclaredName != o.Name {
				t.Errorf("task %q is shown as %q", o.Name, shown.Task.DeclaredName)
			}
		}
	})
}

// checkDocuments fails for a record that has no place or points outside of the files, or cannot be written as JSON.
func checkDocuments(t testing.TB, sources []Source, records []diagnostics.Document) {
	t.Helper()
	sizes := sizesOf(sources)
	if _, err := json.Marshal(records); err != nil {
		t.Error(err)
	}
	for _, r := range records {
		if r.Range == nil {
			t.Errorf("%q has no place", r.Summary)
			continue
		}
		for _, p := range append(r.Related, *r.Range) {
			size, known := sizes[p.File]
			if !known || p.Start.Byte > size || p.Start.Line < 1 || p.Start.Column < 1 || p.End != nil && (p.End.Byte > size || p.End.Byte < p.Start.Byte) {
				t.Errorf("%s: %+v is outside of %d bytes", r.Summary, p, size)
			}
		}
	}
}

// FuzzConsole looks for expressions that make the console panic, point outside of them, or say nothing.
func FuzzConsole(f *testing.F) {
	for _, function := range funcs.All() {
		f.Add(function.Example)
		f.Add(function.Result)
	}
	for _, text := range []string{"var.x", "local.y", "task.t.stdout", "[for a in args : a]", "<<EOT\nx\nEOT", "{", "self.name", "var.secret"} {
		f.Add(text)
	}
	in := inputsIn("/nowhere", nil)
	file := parseFile(f, in, `
variable "x" {
  default = "v"
}

variable "secret" {
  default   = "s3cret"
  sensitive = true
}

locals {
  y = [var.x]
}

task "t" {
  command = ["x"]
}
`)
	console := file.Evaluator(in)
	f.Fuzz(func(t *testing.T, text string) {
		answer := console.Evaluate(text)
		IsIncompleteExpression(text)
		if answer.Value == "" && len(answer.Diagnostics) == 0 {
			t.Errorf("nothing is said to %q", text)
		}
		for _, d := range answer.Diagnostics {
			if d.Subject == nil || d.Subject.Filename == ExpressionFilename && d.Subject.End.Byte > len(text)+1 {
				t.Errorf("%q: %s points to %v", text, d.Summary, d.Subject)
			}
		}
	})
}

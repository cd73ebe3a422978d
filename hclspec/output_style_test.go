package hclspec

import "testing"

func TestOutputStyle(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
tasks {
  output_style = "group"
}

defaults {
  output_style = "quiet"
}

task "own" {
  command      = ["x"]
  output_style = "prefix"
}

task "default" {
  command = ["x"]
}

task "terminal" {
  image = "i"
  tty   = true
}

task "detached" {
  image  = "i"
  detach = true
}
`)
	for name, want := range map[string]OutputStyle{"own": StylePrefix, "default": StyleQuiet, "terminal": "", "detached": ""} {
		spec, diags := f.Evaluate(in, []Target{{Name: name}})
		if diags.HasErrors() {
			t.Errorf("%s:\n%s", name, diagnosticsText(f, diags))
			continue
		}
		if got := spec.Tasks[name].OutputStyle; got != want || spec.OutputStyle != StyleGroup {
			t.Errorf("%s: %q, of all %q; want %q", name, got, spec.OutputStyle, want)
		}
	}
}

package hclspec

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"tasks/internal/suggest"
)

// TestListFromBrokenFiles: what can be read is there to be listed, and nothing is evaluated.
func TestListFromBrokenFiles(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"wrong attribute":  {"task \"a\" {\n  comand = \"x\"\n}\ntask \"b\" {\n}\n", []string{"a", "b"}},
		"unknown names":    {"task \"a\" {\n  command = [var.x]\n}\n", []string{"a"}},
		"shell expansion":  {"task \"a\" {\n  script = \"${#a}\"\n}\ntask \"b\" {\n  command = \"x\"\n}\n", []string{"a", "b"}},
		"syntax at end":    {"task \"a\" {\n  command = \"x\"\n}\ntask \"b\" {\n  command = [\n", []string{"a", "b"}},
		"duplicates":       {"task \"a\" {\n}\ntask \"a\" {\n comand = 1\n}\n", []string{"a"}},
		"nothing of use":   {"}}}", nil},
		"not text":         {"\xff\xfe\x00", nil},
		"computed summary": {"task \"a\" {\n  description = var.x\n  command = \"x\"\n}\n", []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := testInputs(t)
			f, diags := Parse([]Source{source(in, c.text)})
			if !diags.HasErrors() {
				t.Fatal("nothing is wrong with it")
			}
			var names []string
			for _, decl := range f.Tasks() {
				names = append(names, decl.Name)
			}
			if diff := cmp.Diff(c.want, names); diff != "" {
				t.Error(diff)
			}
			if spec, diags := f.Evaluate(in, []Target{{Name: "a"}}); spec != nil || !diags.HasErrors() {
				t.Errorf("a broken file evaluates to %v", spec)
			}
		})
	}
}

func TestParseNothing(t *testing.T) {
	f, diags := Parse(nil)
	if f == nil || len(diags) > 0 || len(f.Tasks()) > 0 || len(f.Variables()) > 0 {
		t.Errorf("%v, %v", f, diags)
	}
}

func TestProjectErrorKeepsTheError(t *testing.T) {
	in := testInputs(t)
	broken := errors.New("compose.yaml: no such file")
	calls := 0
	in.Project = func() (Project, error) {
		calls++
		return nil, broken
	}
	f := parseFile(t, in, "task \"t\" {\n  service = \"web\"\n  command = [project.name]\n  depends_on = [service.db]\n}\n")
	spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
	if spec != nil || len(diags) != 1 || calls != 1 {
		t.Fatalf("spec %v, %d diagnostics, %d calls", spec, len(diags), calls)
	}
	extra, ok := hcl.DiagnosticExtra[ProjectError](diags[0])
	if !ok || extra.Err != broken {
		t.Errorf("extra is %#v", diags[0].Extra)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"command", "depends_on", "web", "db", "test", "lint", "retry"}
	for given, want := range map[string]string{
		"comand": "command", "Command": "command", "depends-on": "depends_on", "wbe": "web", "tset": "test",
		"lnit": "lint", "d": "", "x": "", "": "", "deploy": "", "zzzz": "", "bd": "db", "dbb": "db",
		"b": "", "xy": "", "retries": "retry", "Entries": "",
	} {
		if got := suggest.Nearest(given, names); got != want {
			t.Errorf("nearest to %q is %q, not %q", given, got, want)
		}
	}
}

// TestManyTasks guards against a cost that grows with the square of the file.
func TestManyTasks(t *testing.T) {
	var text strings.Builder
	text.WriteString("locals {\n  l0 = \"x\"\n")
	const n = 3000
	for i := 1; i < n; i++ {
		fmt.Fprintf(&text, "  l%d = local.l%d\n", i, i-1)
	}
	text.WriteString("}\n\ntask \"t0\" {\n  command = [\"x\", args]\n}\n\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&text, "task \"t%d\" {\n  depends_on = [task.t%d]\n  command    = [\"x\", local.l%d]\n}\n\n", i, i-1, i%10)
	}
	in := testInputs(t)
	start := time.Now()
	f := parseFile(t, in, text.String())
	spec, diags := f.Evaluate(in, []Target{{Name: fmt.Sprintf("t%d", n-1)}})
	if len(diags) > 0 || len(spec.Tasks) != n {
		t.Fatalf("%d tasks, %v", len(spec.Tasks), diags)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%d tasks took %s", n, took)
	}
}

package hclspec

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
	"tasks/internal/view/diagnostics"
)

// positions are the places of an expression where a name may stand.
func positionsOfNames() []string {
	return []string{
		`@`, `(@)`, `"${@}"`, `"x ${@} y"`, `[@]`, `[[1, @], 2]`, `{ a = @ }`, `{ (@) = 1 }`, `{ "${@}" = 1 }`,
		`true ? @ : ""`, `false ? "" : @`, `@ ? 1 : 2`, `upper(@)`, `concat([@]...)`, `try(@, "")`, `can(@)`,
		`[for x in ["a"] : @]`, `[for x in [@] : x]`, `[for x in ["a"] : x if @]`, `{ for x in ["a"] : @ => x }`, `{ for x in ["a"] : x => @ }`,
		`@ == ""`, `1 + @`, `!@`, `-@`, `["a"][@]`, `[@][0]`, `[{ a = @ }][*].a`,
		"\"%{ if @ }x%{ endif }\"", "\"%{ for x in [@] }${x}%{ endfor }\"", "<<EOT\nx ${@}\nEOT\n", "<<-EOT\n    ü ${@}\n    EOT\n",
		"[\n  1, # é\n  @,\n]", `["é", "日本", @]`,
	}
}

// wrongNames are references with a mistake, what of them must be underlined, and what was meant.
func wrongNames() [][3]string {
	return [][3]string{
		{"var.nmae", "var.nmae", "name"}, {`var["nmae"]`, `var["nmae"]`, "name"}, {"var.nmae.x[0]", "var.nmae", "name"},
		{"local.greting", "local.greting", "greeting"},
		{"task.biuld.stdout", "task.biuld", "build"}, {`task["biuld"].stdout`, `task["biuld"]`, "build"},
		{"task.build.stduot", "task.build.stduot", "stdout"}, {"task.build.exitcode", "task.build.exitcode", "exit_code"},
		{"self.nmae", "self.nmae", "name"}, {"path.roto", "path.roto", "root"}, {"platform.arhc", "platform.arhc", "arch"},
		{"project.nmae", "project.nmae", "name"},
		{"arg.taget", "arg.taget", "target"}, {"flag.qiuet", "flag.qiuet", "quiet"}, {"matrix.pyhton", "matrix.pyhton", "python"},
		{"vra.name", "vra", "var"}, {"locl.greeting", "locl", "local"}, {"agrs", "agrs", "args"}, {"slef.name", "slef", "self"},
		{"name", "name", "var.name"}, {"greeting", "greeting", "local.greeting"},
		{`uper("x")`, "uper", "upper"}, {`shout("x", uper("y"))`, "uper", "upper"}, {`shuot("x", "y")`, "shuot", "shout"},
	}
}

// TestWrongNameAnywhere: a wrong name is underlined, and what was meant suggested, wherever an expression may have it.
func TestWrongNameAnywhere(t *testing.T) {
	for _, wrong := range wrongNames() {
		for _, position := range positionsOfNames() {
			if hclsyntax.ValidIdentifier(wrong[0]) && strings.Contains(position, "${@}") {
				continue // a shell expansion in a command
			}
			expr := strings.Replace(position, "@", wrong[0], 1)
			t.Run(expr, func(t *testing.T) {
				checkWrongName(t, "  command = ["+expr+"]\n", wrong[1], wrong[2])
			})
		}
	}
}

// TestWrongNameInEveryAttribute does the same for each attribute of a task that takes an expression.
func TestWrongNameInEveryAttribute(t *testing.T) {
	checked := 0
	for _, a := range config.TaskBlockType().Attrs {
		if a.IsStatic {
			continue
		}
		checked++
		t.Run(a.Name, func(t *testing.T) {
			body := fmt.Sprintf("  %s = var.nmae\n", a.Name)
			switch {
			case slices.Contains([]string{"service", "image", "command", "script"}, a.Name):
			case a.Name == "shell":
				body += "  script = \"x\"\n"
			case slices.Contains(a.Kinds, ServiceTask):
				body += "  service = \"web\"\n"
			default:
				body += "  command = [\"x\"]\n"
			}
			checkWrongName(t, body, "var.nmae", "name")
		})
	}
	if checked < 20 {
		t.Errorf("only %d attributes", checked)
	}
}

func checkWrongName(t *testing.T, body, covered, meant string) {
	t.Helper()
	in := testInputs(t)
	text := "# ünïcode before\n" + `variable "name" {
  default = "x"
}

locals {
  greeting = "x"
}

function "shout" {
  params = [a, b]
  result = upper(a)
}

task "build" {
  command = ["x"]
}

task "t" {
  matrix = { python = ["3"] }
` + body + `
  arg "target" {
    default = "x"
  }

  flag "quiet" {
    type = bool
  }
}
`
	// The matrix above is in the way of the attribute itself.
	if strings.HasPrefix(body, "  matrix ") {
		text = strings.Replace(text, "  matrix = { python = [\"3\"] }\n", "", 1)
	}
	f, diags := Parse([]Source{source(in, text)})
	for i, d := range diags {
		if d.Severity != hcl.DiagError || d.Subject == nil {
			continue
		}
		at := *d.Subject
		if got := text[at.Start.Byte:at.End.Byte]; got == covered && diagnostics.NewDocuments(diags)[i].Suggestion == meant {
			if line := strings.Split(text, "\n")[at.Start.Line-1]; !strings.Contains(line, strings.Split(covered, "\n")[0]) {
				t.Errorf("line %d is %q", at.Start.Line, line)
			}
			return
		}
	}
	t.Errorf("no message underlines %s and suggests %q:\n%s", covered, meant, diagnosticsText(f, diags))
}

// TestMisspeltBlocksAndAttributes: every name of the language, with its first letter doubled, is underlined and suggested.
func TestMisspeltBlocksAndAttributes(t *testing.T) {
	count := 0
	var walk func(b *config.BlockType, head, tail string)
	walk = func(b *config.BlockType, head, tail string) {
		var names []string
		for _, a := range b.Attrs {
			names = append(names, a.Name+" = 1")
		}
		for _, inner := range b.Blocks {
			names = append(names, inner.Name+" {}")
			label := ""
			if inner.Label != "" {
				label = ` "x"`
			}
			walk(inner, head+inner.Name+label+" {\n", "}\n"+tail)
		}
		for _, text := range names {
			name, rest, _ := strings.Cut(text, " ")
			wrong := misspelledName(name, b)
			if wrong == "" || b.IsOpen {
				continue
			}
			count++
			file := head + wrong + " " + rest + "\n" + tail
			if d := errorOn(file, wrong); d == nil {
				t.Errorf("%q is not underlined:\n%s", wrong, file)
			} else if got := diag.ExtraOf(d).Suggestion; got != name {
				t.Errorf("%q suggests %q, not %q: %s", wrong, got, name, d.Detail)
			}
		}
	}
	walk(config.FileBlockType(), "", "")
	if count < 60 {
		t.Errorf("only %d names", count)
	}
}

// misspelledName doubles the first letter of a name; empty where that is another name of the block.
func misspelledName(name string, b *config.BlockType) string {
	wrong := name[:1] + name
	if slices.Contains(b.Names(), wrong) {
		return ""
	}
	return wrong
}

// errorOn finds the message about a text.
func errorOn(file, text string) *hcl.Diagnostic {
	_, diags := Parse([]Source{{Name: "Tasks.hcl", Path: "/project/Tasks.hcl", Bytes: []byte(file)}})
	for _, d := range diags {
		if d.Subject != nil && file[d.Subject.Start.Byte:d.Subject.End.Byte] == text {
			return d
		}
	}
	return nil
}

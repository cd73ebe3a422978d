package diagnostics

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

// TestSnippetsHideSecrets: a line of a diagnostic shows no literal that may be a secret, also in a source with mistakes.
func TestSnippetsHideSecrets(t *testing.T) {
	for name, source := range map[string]string{
		"call":                   `command = ["x", sensitive("TOP")]`,
		"call of a wrong name":   `command = ["x", sensitve("TOP")]`,
		"call in a template":     `command = "x ${sensitive("TOP")}"`,
		"nested in a call":       `command = [sensitive(upper("TOP"))]`,
		"number":                 `command = [sensitive(7777)]`,
		"default":                "variable \"v\" {\n  sensitive = true\n  default = \"TOP\"\n}",
		"default before":         "variable \"v\" {\n  default = \"TOP\"\n  sensitive = true\n}",
		"wrong name of default":  "variable \"v\" {\n  sensitive = true\n  defualt = \"TOP\"\n}",
		"wrong name of the mark": "variable \"v\" {\n  senstive = true\n  default = \"TOP\"\n}",
		"two defaults":           "variable \"v\" {\n  sensitive = true\n  default = \"TOP\"\n  default = \"TOP\"\n}",
		"open string":            "variable \"v\" {\n  sensitive = true\n  default = \"TOP\n}\n",
		"open string before":     "variable \"v\" {\n  default = \"TOP\n  sensitive = true\n}\n",
		"open call":              "command = [sensitive(\"TOP\n",
		"wrong escape":           `command = [sensitive("TOP\q-TOP")]`,
		"heredoc":                "variable \"v\" {\n  sensitive = true\n  default = <<-EOT\n    TOP\n  EOT\n}",
		"object":                 "variable \"v\" {\n  sensitive = true\n  default = { a = [\"TOP\"] }\n}",
		"rule":                   "variable \"v\" {\n  sensitive = true\n  validation {\n    condition = var.v != \"TOP\"\n  }\n}",
		"include":                "include \"x\" {\n  source = \"y\"\n  variables = { token = \"TOP\" }\n}",
		"include block":          "include \"x\" {\n  variables {\n    token = \"TOP\"\n  }\n}",
	} {
		t.Run(name, func(t *testing.T) {
			for i, line := 0, 0; i < len(source); i++ {
				at := hcl.Pos{Line: line + 1, Column: 1, Byte: i}
				d := newError(&hcl.Range{Filename: "f", Start: at, End: at}, "s", "")
				if got := renderDiagnostic(t, source, d, TextOptions{}); strings.Contains(got, "TOP") || strings.Contains(got, "7777") {
					t.Fatalf("at byte %d:\n%s", i, got)
				}
				line += strings.Count(source[i:i+1], "\n")
			}
		})
	}
}

// TestSnippetsShowOtherText: the other literals of a source with secrets are shown.
func TestSnippetsShowOtherText(t *testing.T) {
	for _, source := range []string{
		"variable \"v\" {\n  sensitive = true\n  description = \"TOP\"\n}",
		"variable \"v\" {\n  sensitive = false\n  default = \"TOP\"\n}",
		"variable \"v\" {\n  sensitive = true\n}\nvariable \"w\" {\n  default = \"TOP\"\n}",
		`command = [nonsensitive("TOP"), sensitive("x")]`,
		`command = [sensitive("x"), "TOP"]`,
	} {
		at := strings.Index(source, "TOP")
		place := hcl.Range{Filename: "f", Start: hcl.Pos{Line: 1, Column: 1, Byte: at}, End: hcl.Pos{Line: 1, Column: 4, Byte: at + 3}}
		if got := renderDiagnostic(t, source, newError(&place, "s", ""), TextOptions{}); !strings.Contains(got, "TOP") ||
			!strings.Contains(got, "^^^") {
			t.Errorf("%s\n%s", source, got)
		}
	}
}

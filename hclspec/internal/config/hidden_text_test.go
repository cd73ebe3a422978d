package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestHiddenText: an error in a file outside of the project has the place, and no text of the file.
func TestHiddenText(t *testing.T) {
	for name, text := range map[string]string{
		"a wrong syntax":     "AKIAtopsecret oops",
		"a string":           "\"AKIAtopsecret",
		"an unknown block":   "AKIAtopsecret \"AKIAtopsecret\" {\n}\n",
		"an unknown setting": "AKIAtopsecret = \"AKIAtopsecret\"\n",
		"a wrong value":      "task \"AKIAtopsecret\" {\n  command = 1 + AKIAtopsecret\n}\n",
		"several errors":     "AKIAtopsecret = 1\nAKIAtopsecret = 2\n",
	} {
		for _, isValueFile := range []bool{false, true} {
			outside := Source{Name: "outside", Path: "/outside", Bytes: []byte(text), IsTextHidden: true}
			main := "task \"a\" {\n  command = \"true\"\n}\n"
			p := Parser{VariableFiles: VariableFiles{Automatic: []Source{outside}}}
			if !isValueFile {
				main += "include \"x\" {\n  source = \"/outside\"\n}\n"
				p = Parser{ReadInclude: func(string) ([]Source, error) { return []Source{outside}, nil }}
			}
			f := p.Parse([]Source{{Name: "Tasks.hcl", Path: "/p/Tasks.hcl", Bytes: []byte(main)}})
			all := ""
			for _, d := range f.Diags {
				all += fmt.Sprintf("%s %s %s %v\n", d.Subject, d.Summary, d.Detail, d.Extra)
			}
			if len(f.Diags) != 1 || !strings.HasPrefix(all, "outside:") || strings.Contains(all, "AKIA") {
				t.Errorf("%s: %q", name, all)
			}
			if f.ShownFiles()["outside"] != nil || f.ShownFiles()["Tasks.hcl"] == nil {
				t.Errorf("%s: the text is among the files", name)
			}
		}
	}
}

// TestTextOfAnIncludedFile: a file of the language outside of the project is like any other.
func TestTextOfAnIncludedFile(t *testing.T) {
	outside := Source{Name: "outside", Path: "/outside", Bytes: []byte("task \"b\" {\n  command = \"true\"\n}\n"), IsTextHidden: true}
	p := Parser{ReadInclude: func(string) ([]Source, error) { return []Source{outside}, nil }}
	f := p.Parse([]Source{{Name: "Tasks.hcl", Path: "/p/Tasks.hcl", Bytes: []byte("include \"x\" {\n  source = \"/outside\"\n}\n")}})
	if f.Diags.HasErrors() || f.ShownFiles()["outside"] == nil {
		t.Errorf("%v, files %v", f.Diags, f.ShownFiles())
	}
}

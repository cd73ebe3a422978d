package nesting

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

// kinds are the ways to nest: what opens a level, what stands inside, and what closes the level.
var kinds = map[string]kind{
	"parentheses":  {"(", "1", ")"},
	"list":         {"[", "", "]"},
	"lines":        {"[\n", "", "]"},
	"object":       {"{a=", "1", "}"},
	"call":         {"upper(", "\"a\"", ")"},
	"template":     {"\"${", "1", "}\""},
	"not":          {"!", "true", ""},
	"minus":        {"-", "1", ""},
	"condition":    {"true?1:", "1", ""},
	"conditions":   {"true?", "1", ":2"},
	"sum":          {"1+", "1", ""},
	"comparison":   {"1<", "1", ""},
	"and":          {"true&&", "true", ""},
	"indexes":      {"", "local.y", "[local.i]"},
	"inner index":  {"local.y[", "1", "]"},
	"splat":        {"", "local.y", "[*]"},
	"list for":     {"[for x in ", "[]", ": x]"},
	"object for":   {"{for k, x in ", "{}", ": k => x}"},
	"broken lines": {"{for k, x in {}: k => 1+\n1+\n", "1", "}"},
	"sum in lines": {"(1+\n1+\n", "1", ")"},
}

// many levels need more stack than the tests allow.
const many = 20_000

func (k kind) text(n int) string {
	return strings.Repeat(k[0], n) + k[1] + strings.Repeat(k[2], n)
}

type kind [3]string

// TestDepthIsBounded: each kind of nesting is parsed up to the bound, and an error beyond. The bound on the stack is much
// lower than that of a program: without our bound this test dies.
func TestDepthIsBounded(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(8 << 20))
	all := map[string]kind{}
	for name, k := range kinds {
		all[name] = k
	}
	all["directives"] = kind{"%{if true}", "x", "%{endif}"}
	for name, k := range all {
		parse := ParseExpression
		if name == "directives" {
			parse = ParseTemplate
		}
		if _, diags := parse([]byte(k.text(300)), "f"); diags.HasErrors() {
			t.Errorf("%s: 300 levels: %v", name, diags)
		}
		for _, text := range []string{k.text(many), strings.Repeat(k[0], many), strings.Repeat(k[2], many)} {
			expr, diags := parse([]byte(text), "f")
			if !diags.HasErrors() || diags[0].Subject == nil || diags[0].Subject.Start.Byte > len(text) {
				t.Errorf("%s: %.20q…: %v, %v", name, text, expr, diags)
			}
		}
		tooDeep := isTooDeep(parse([]byte(k.text(many)), "f"))
		if !tooDeep {
			t.Errorf("%s: %d levels are not too many", name, many)
		}
	}
}

func isTooDeep(_ any, diags hcl.Diagnostics) bool {
	return len(diags) == 1 && diags[0].Summary == "too many levels"
}

// TestMixedNestingIsBounded: two kinds in turn do not hide each other's levels, and mistakes hide nothing.
func TestMixedNestingIsBounded(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(8 << 20))
	names := []string{"parentheses", "lines", "object", "template", "not", "conditions", "inner index", "object for"}
	for _, name := range names {
		for _, other := range names {
			one, two := kinds[name], kinds[other]
			for _, text := range []string{
				strings.Repeat(one[0]+two[0], many/20) + two[1] + strings.Repeat(two[2]+one[2], many/20),
				strings.Repeat(one[0]+two[0], many/20),
				strings.Repeat(one[0]+one[2]+two[0], many/20),
			} {
				if _, diags := ParseFile([]byte("x = "+text+"\n"), "f", nil); !diags.HasErrors() {
					t.Errorf("%s and %s: %.20q… is no error", name, other, text)
				}
			}
		}
	}
}

// TestLevelsOfFile: the bound is on depth. Long files, long lists and long texts have few levels.
func TestLevelsOfFile(t *testing.T) {
	block := "task \"t\" {\n  command = [\"a\", -1, x ? y[0] : \"${b}-${c}\"] # (\n}\n"
	list := "x = [" + strings.Repeat("-1, {a = [!b]}, \"((((\",\n", 2000) + "]\n"
	text := "x = \"" + strings.Repeat("${a}%{if b}c%{endif}", 2000) + "\"\n"
	heredoc := "x = <<EOT\n" + strings.Repeat("${a[0]} ((( %{ for b in c }${b}%{ endfor }\n", 2000) + "EOT\n"
	body := "locals {\n" + strings.Repeat("  a = 1 + 1 # sum\n  b = 2 - 1\n", 2000) + "}\n"
	for name, source := range map[string]string{
		"blocks": strings.Repeat(block, 2000), "list": list, "text": text, "heredoc": heredoc, "body": body,
	} {
		if _, diags := ParseFile([]byte(source), "f", nil); isTooDeep(nil, diags) {
			t.Errorf("%s: %v", name, diags)
		}
	}
	blocks := strings.Repeat("a {\n", 20_000) + strings.Repeat("}\n", many)
	if file, diags := ParseFile([]byte(blocks), "f", nil); !isTooDeep(file, diags) || diags[0].Subject.Start.Line != MaxDepth+1 {
		t.Errorf("blocks: %v", diags)
	}
	// A mistake early in a long file is told as such.
	if _, diags := ParseFile([]byte("x = upper(\"${lower(\"a\"}\"\n"+strings.Repeat(block, 2000)), "f", nil); isTooDeep(nil, diags) {
		t.Errorf("mistake: %v", diags)
	}
}

// TestEveryReaderIsBounded: no other place of the product parses HCL.
func TestEveryReaderIsBounded(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	parses := regexp.MustCompile(`hclsyntax\.Parse(Config|Expression|Template)|hclparse\.|hclwrite\.ParseConfig`)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		isProduct := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
		if err != nil || !isProduct || filepath.Base(filepath.Dir(path)) == "nesting" || strings.HasPrefix(path, filepath.Join(root, "bench")) {
			return err
		}
		text, err := os.ReadFile(path)
		if found := parses.Find(text); found != nil {
			t.Errorf("%s: %s has no bound on nesting: use this package", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

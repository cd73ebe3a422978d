package hclspec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/funcs"
)

// calculate evaluates an expression that has only functions.
func calculate(t *testing.T, in Inputs, text string) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(text), "test", hcl.Pos{Line: 1, Column: 1})
	if diags.HasErrors() {
		t.Fatalf("%s: %v", text, diags)
	}
	return expr.Value(&hcl.EvalContext{Functions: funcs.Build(in.forFunctions(in.Root, nil))})
}

// checkCalculation compares a call with the value of another expression, as the type that the call has.
func checkCalculation(t *testing.T, in Inputs, call, result string) {
	t.Helper()
	got, diags := calculate(t, in, call)
	if diags.HasErrors() {
		t.Errorf("%s: %v", call, diags)
		return
	}
	want, diags := calculate(t, in, result)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", result, diags)
	}
	want, err := convert.Convert(want, got.Type())
	if err != nil {
		t.Errorf("%s is %#v, not %s: %v", call, got, result, err)
		return
	}
	if !got.RawEquals(want) {
		t.Errorf("%s is %#v, not %s", call, got, result)
	}
}

func TestExamplesOfFunctions(t *testing.T) {
	in := testInputs(t)
	writeFile(t, filepath.Join(in.Root, "example.txt"), "text")
	names := map[string]bool{}
	for _, f := range funcs.All() {
		t.Run(f.Name, func(t *testing.T) {
			if names[f.Name] {
				t.Error("it is in the table twice")
			}
			names[f.Name] = true
			if f.Doc == "" || !strings.Contains(f.Example, f.Name+"(") {
				t.Errorf("no doc, or an example that does not call it: %q, %q", f.Doc, f.Example)
			}
			checkCalculation(t, in, f.Example, f.Result)
		})
	}
}

func TestMoreOfFunctions(t *testing.T) {
	in := inputsIn(t.TempDir(), map[string]string{"SET": "s", "EMPTY": ""})
	writeFile(t, filepath.Join(in.Root, "dir", "f.txt"), "f")
	writeFile(t, filepath.Join(in.Root, "t.txt"), "%{ for x in a }<${x}>%{ endfor }${env(\"SET\")}")
	writeFile(t, filepath.Join(in.Root, ".tasks", "state.txt"), "ours")
	writeFile(t, filepath.Join(in.Root, "loop.tmpl"), "${templatefile(\"loop.tmpl\", {})}")
	outside := t.TempDir()
	writeFile(t, filepath.Join(outside, "secret.txt"), "s")
	for name, to := range map[string]string{"link.txt": filepath.Join(outside, "secret.txt"), "linked": outside} {
		if err := os.Symlink(to, filepath.Join(in.Root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for call, result := range map[string]string{
		`env("SET")`:                                  `"s"`,
		`env("SET", "d")`:                             `"s"`,
		`env("EMPTY", "d")`:                           `""`,
		`env("NOPE", null) == null`:                   `true`,
		`length("äöü")`:                               `3`,
		`length({ a = 1 })`:                           `1`,
		`replace("aXbX", "X", "-")`:                   `"a-b-"`,
		`replace("a1b22", "/[0-9]+/", "#")`:           `"a#b#"`,
		`coalesce("", null, 0)`:                       `0`,
		`one([])`:                                     `null`,
		`alltrue([])`:                                 `true`,
		`anytrue([])`:                                 `false`,
		`anytrue([null, true])`:                       `true`,
		`alltrue([null])`:                             `false`,
		`shellquote("a b")`:                           `"'a b'"`,
		`shellquote([1, null, ["x"]])`:                `"1 x"`,
		`shellsplit("a;b | c")`:                       `["a;b", "|", "c"]`,
		`fileexists("dir/f.txt")`:                     `true`,
		`fileexists("dir")`:                           `false`,
		`file("dir/../dir/f.txt")`:                    `"f"`,
		`try(env("NOPE"), "fallback")`:                `"fallback"`,
		`can(env("NOPE"))`:                            `false`,
		`jsondecode(jsonencode({ a = [1] })).a`:       `[1]`,
		`yamldecode(yamlencode({ a = ["x"] })).a`:     `["x"]`,
		`max([1, 5, 3]...)`:                           `5`,
		`fileset(".", "**/*.txt")`:                    `toset(["dir/f.txt", "t.txt"])`,
		`fileset("dir", "*")`:                         `toset(["f.txt"])`,
		`fileset(".", "*.none")`:                      `toset([])`,
		`fileset(".", "**")`:                          `toset(["dir/f.txt", "t.txt", "loop.tmpl"])`,
		`filehash("dir/f.txt") == sha256("f")`:        `true`,
		`templatefile("t.txt", { a = ["x", "y"] })`:   `"<x><y>s"`,
		`dotenvdecode("")`:                            `{}`,
		`dotenvdecode("# c\nA='x y'\n")`:              `{ A = "x y" }`,
		`dotenvdecode("A=$SET").A`:                    `""`,
		`deepmerge()`:                                 `{}`,
		`deepmerge({ a = [1] }, null, { a = [2] })`:   `{ a = [2] }`,
		`deepmerge({ a = { b = 1 } }, { a = null })`:  `{ a = null }`,
		`deepmerge({ a = 1 }, { a = { b = 1 } }).a.b`: `1`,
		`deepmerge(tomap({ a = "1" }), { b = 2 })`:    `{ a = "1", b = 2 }`,
		`nonsensitive("a")`:                           `"a"`,
		`timeadd("2026-01-01T00:00:00Z", "-1s")`:      `"2025-12-31T23:59:59Z"`,
	} {
		checkCalculation(t, in, call, result)
	}
}

func TestFunctionErrors(t *testing.T) {
	in := testInputs(t)
	writeFile(t, filepath.Join(in.Root, "binary"), "\xff\xfe")
	writeFile(t, filepath.Join(in.Root, "t.tmpl"), "\n${x}")
	writeFile(t, filepath.Join(in.Root, "l.tmpl"), "${templatefile(\"l.tmpl\", {})}")
	writeFile(t, filepath.Join(in.Root, "s.tmpl"), "${")
	outside := t.TempDir()
	writeFile(t, filepath.Join(outside, "secret"), "s")
	writeFile(t, filepath.Join(in.Root, "dir", "f"), "f")
	for name, to := range map[string]string{
		"link": filepath.Join(outside, "secret"), "linked": outside, "dir/up": "../..", "dir/again": "../link",
		"absolute": filepath.Join(in.Root, "binary"), "round": "round",
	} {
		if err := os.Symlink(to, filepath.Join(in.Root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for call, want := range map[string]string{
		`env("NOPE")`:                    "NOPE is not set",
		`env("A", "b", "c")`:             "one default",
		`file("../x")`:                   "outside of the project",
		`file("` + outside + `/secret")`: "outside of the project",
		`file("link")`:                   "the symbolic link link leads to " + outside + "/secret, out of the project's directory: only the project's files may be read",
		`file("linked/secret")`:          "the symbolic link linked leads to " + outside + ", out",
		`file("dir/up/x")`:               "the symbolic link dir/up leads to ../.., out",
		`file("dir/again")`:              "the symbolic link dir/again leads to ../link, out",
		`file("absolute")`:               "leads to the absolute path " + in.Root + "/binary: only relative links",
		`file("round")`:                  "round: too many",
		`fileexists("link")`:             "the symbolic link link leads",
		`fileset("linked", "*")`:         "the symbolic link linked leads",
		`file("nope.txt")`:               "there is no nope.txt",
		`file("./binari")`:               "there is no ./binari, but ./binary",
		`file("binary")`:                 "not UTF-8",
		`file(".")`:                      "not a file",
		`base64decode("%")`:              "not base64",
		`filehash("link")`:               "the symbolic link link leads",
		`filehash("nope")`:               "there is no nope",
		`fileset("..", "*")`:             "outside of the project",
		`fileset(".", "../*")`:           "not a glob",
		`fileset(".", "[")`:              "not a glob",
		`fileset("nope", "*")`:           "there is no nope",
		`fileset("binary", "*")`:         "not a directory",
		`templatefile("link", {})`:       "the symbolic link link leads",
		`templatefile("t.tmpl", {})`:     "t.tmpl:2:3: unknown variable",
		`templatefile("t.tmpl", "x")`:    "must be a map",
		`templatefile("l.tmpl", {})`:     "l.tmpl:1:3: call to unknown function",
		`templatefile("s.tmpl", {})`:     "s.tmpl:1:",
		`dotenvdecode("A='x")`:           "not the text of a dotenv file",
		`deepmerge({}, ["a"])`:           "must be a map",
		`formatdate("DD", "x")`:          "RFC3339",
		`sum([])`:                        "empty",
		`one(["a", "b"])`:                "more than one",
		`one("a")`:                       "must be a list",
		`index(["a"], "b")`:              "does not hold it",
		`coalesce(null, "")`:             "all arguments",
		`replace("a", "/(/", "b")`:       "missing closing",
		`shellsplit("'a")`:               "not closed",
		`shellquote({})`:                 "a string or a list",
	} {
		v, diags := calculate(t, in, call)
		if !diags.HasErrors() {
			t.Errorf("%s is %#v, not an error", call, v)
			continue
		}
		if said := diags.Error(); !strings.Contains(said, want) {
			t.Errorf("%s: no %q in %s", call, want, said)
		}
	}
}

// TestFunctionsOfUnknownValues guards deferred values: no function may fail or invent something for them.
func TestFunctionsOfUnknownValues(t *testing.T) {
	in := testInputs(t)
	unknown := &hcl.EvalContext{
		Functions: funcs.Build(in.forFunctions(in.Root, nil)),
		Variables: map[string]cty.Value{"x": cty.UnknownVal(cty.String)},
	}
	for _, call := range []string{
		`upper(x)`, `length(x)`, `shellquote(["a", x])`, `shellsplit(x)`, `coalesce(x, "a")`, `one([x])`, `index(["a", x], "b")`,
		`alltrue([x == "a"])`, `sum([1, length(x)])`, `replace(x, "a", "b")`, `startswith(x, "a")`, `file(x)`, `env(x)`, `sha256(x)`,
		`base64encode(x)`, `jsonencode([x])`, `yamldecode(x)`, `element(["a", "b"], length(x))`, `fileexists(x)`, `anytrue([x == "b", false])`,
		`filehash(x)`, `fileset(x, "*")`, `templatefile("t", { a = x })`, `dotenvdecode(x)`, `deepmerge({ a = x }, { b = 1 })`, `nonsensitive(x)`,
	} {
		expr, _ := hclsyntax.ParseExpression([]byte(call), "test", hcl.Pos{Line: 1, Column: 1})
		v, diags := expr.Value(unknown)
		if diags.HasErrors() || v.IsWhollyKnown() {
			t.Errorf("%s is %#v, %v", call, v, diags)
		}
	}
}

package hclspec

import (
	"path/filepath"
	"strings"
	"testing"
)

// failingExpressions fail on a sensitive value. On the left is what fails.
var failingExpressions = []string{
	`tonumber(SECRET)`, `tobool(SECRET)`, `parseint(SECRET, 16)`, `file(SECRET)`, `filehash(SECRET)`, `fileexists("/${SECRET}")`,
	`fileset(SECRET, "*")`, `fileset(".", "/${SECRET}")`, `templatefile(SECRET, {})`, `env(SECRET)`, `timeadd(SECRET, "1h")`,
	`timeadd("2026-01-02T03:04:05Z", SECRET)`, `formatdate(SECRET, "2026-01-02T03:04:05Z")`, `formatdate("YYYY", SECRET)`,
	`regex("(${SECRET}", "x")`, `replace("x", "/(${SECRET}/", "y")`, `{ for x in [SECRET, SECRET]: x => 1 }`, `jsondecode(SECRET)`,
	`yamldecode("{${SECRET}")`, `csvdecode("a,b\n${SECRET}")`, `dotenvdecode("${SECRET} x")`, `base64decode(SECRET)`,
	`shellsplit("'${SECRET}")`, `{ a = 1 }[SECRET]`, `[1][SECRET]`, `try(tonumber(SECRET))`, `format("%d", SECRET)`,
	`{ (SECRET) = 1 }.foo`, `twice(SECRET) + 1`, `tonumber(upper(SECRET))`, `tonumber(base64encode(SECRET))`,
	`tonumber(strrev(SECRET))`, `tonumber(jsonencode(split("e", SECRET)))`, `tonumber(local.made)`,
}

// TestMessagesShowNoSecret: an error about a sensitive value shows no part of the value, also where the value came from a
// function and never became a part of a task.
func TestMessagesShowNoSecret(t *testing.T) {
	const declarations = `
variable "key" { sensitive = true }

locals {
  secret = sensitive(env("SECRET"))
  made   = "${upper(local.secret)}-made"
}

function "twice" {
  params = [x]
  result = "${x}${tonumber(x)}"
}
`
	in := testInputs(t)
	in.Vars = map[string]string{"key": "topsecret12345"}
	env := in.Env
	in.Env = func(name string) (string, bool) {
		if name == "SECRET" {
			return "topsecret12345", true
		}
		return env(name)
	}
	for _, secret := range []string{"var.key", "local.secret", `sensitive("topsecret12345")`} {
		for _, expression := range failingExpressions {
			expression = strings.ReplaceAll(expression, "SECRET", secret)
			f := parseFile(t, in, declarations+"task \"t\" {\n  command = [\"x\", "+expression+"]\n}\n")
			_, diags := f.Evaluate(in, []Target{{Name: "t"}})
			if !diags.HasErrors() {
				t.Errorf("%s fails no more", expression)
			}
			text := strings.ToLower(strings.ReplaceAll(diagnosticsText(f, diags), `"topsecret12345"`, ""))
			for _, part := range []string{"topsec", "secret1", "12345", "54321", "tercespot", "dg9wc2"} {
				if strings.Contains(text, part) {
					t.Errorf("%s shows %q:\n%s", expression, part, text)
				}
			}
		}
	}
}

// TestAuthorMessages: the secret parts of a text for people are masked, and the other parts are not.
func TestAuthorMessages(t *testing.T) {
	in := testInputs(t)
	in.Vars = map[string]string{"key": `"open-sesame"`}
	for message, want := range map[string]string{
		`"no ${var.key}"`:                            "no ***",
		`"no ${upper(var.key)}!"`:                    "no ***!",
		`"${base64encode(var.key)} is no key"`:       "*** is no key",
		`format("no %s", strrev(var.key))`:           "no ***",
		`"it is ${var.key == "" ? "empty" : "set"}"`: "it is set",
		`"${length(var.key) + 12345} of ${var.key}"`: "*** of ***",
	} {
		f := parseFile(t, in, withSecret+"task \"t\" {\n  command = [\"x\"]\n  confirm = "+message+"\n}\n")
		spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
		if diags.HasErrors() {
			t.Fatal(diagnosticsText(f, diags))
		}
		if got := spec.Secrets.Mask(spec.Tasks["t"].Confirm); got != want {
			t.Errorf("%s: %q, not %q", message, got, want)
		}
	}
}

// TestOpenArgumentsOfWatch: a value that only a run knows is no mistake of a watch block.
func TestOpenArgumentsOfWatch(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, "task \"t\" {\n  arg \"x\" {}\n  command = [\"x\", arg.x]\n  watch { paths = [arg.x] }\n}\n")
	if _, diags := f.Validate(in); diags.HasErrors() {
		t.Error(diagnosticsText(f, diags))
	}
}

// TestWrongDotenvFile: an error of a dotenv file shows no text of the file.
func TestWrongDotenvFile(t *testing.T) {
	for text, want := range map[string]string{
		"A=1\nB='topsecret\n":    "line 3 is no NAME=VALUE",
		"topsecret is no line\n": "is no NAME=VALUE",
	} {
		in := testInputs(t)
		writeFile(t, filepath.Join(in.Root, "x.env"), text)
		f := parseFile(t, in, "task \"t\" {\n  image = \"i\"\n  env_files = [\"x.env\"]\n}\n")
		_, diags := f.Evaluate(in, []Target{{Name: "t"}})
		if got := diagnosticsText(f, diags); strings.Contains(got, "topsecret") || !strings.Contains(got, want) {
			t.Errorf("%q:\n%s", text, got)
		}
	}
}

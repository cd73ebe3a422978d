package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"tasks/hclspec"
)

// The secrets of the generated files. None is part of another, or of a word of the program.
const (
	secretToken  = "Zq7xkWvB3tPm9"        // var.token
	secretEnv    = "hYc5,RnQ2w gDs8:Lj4f" // sensitive(env("SECRET"))
	secretNumber = "826491"               // var.pin
	secretText   = "Xb1fUo6\"Ke0'Gz4<Td&" // a literal
)

// exposedTexts are texts that no output may have: the secrets, and what functions make of these.
func exposedTexts() []string {
	reverse := func(text string) string {
		runes := []rune(text)
		slices.Reverse(runes)
		return string(runes)
	}
	var all []string
	for _, secret := range []string{secretToken, secretEnv, secretNumber, secretText} {
		for _, text := range []string{secret, reverse(secret), base64.StdEncoding.EncodeToString([]byte(secret)),
			hex.EncodeToString([]byte(secret))} {
			all = append(all, text, strings.ToUpper(text), strings.ToLower(text))
		}
	}
	return all
}

// windowLength is the length of the parts of a secret that no output may have. Shorter texts are no secrets.
const windowLength = 6

// exposedWindows are all parts of the exposed texts.
func exposedWindows() map[string]bool {
	all := map[string]bool{}
	for _, text := range exposedTexts() {
		for i := 0; i+windowLength <= len(text); i++ {
			all[text[i:i+windowLength]] = true
		}
	}
	return all
}

// firstWindow returns the first of the windows in a text, or an empty text.
func firstWindow(text string, windows map[string]bool) string {
	for i := 0; i+windowLength <= len(text); i++ {
		if window := text[i : i+windowLength]; windows[window] {
			return window
		}
	}
	return ""
}

// generatedDeclarations are the start of each generated file.
const generatedDeclarations = `
variable "token" {
  sensitive = true
}

variable "pin" {
  sensitive = true
  type      = number
}

locals {
  env   = sensitive(env("SECRET"))
  list  = [var.token, "plain", local.env]
  map   = { a = var.token, b = "plain", pin = var.pin }
  words = split(",", local.env)
  up    = upper("x${var.token}")
  keyed = { (var.token) = 1, other = "plain" }
}

function "twice" {
  params = [x]
  result = "${x}${tostring(x)}"
}

function "number" {
  params = [x]
  result = x + 1
}
`

// expressionGenerator makes expressions with sensitive values.
type expressionGenerator struct {
	*rand.Rand
	functions []hclspec.FunctionInfo
	next      int
}

func newExpressionGenerator(seed uint64) *expressionGenerator {
	g := &expressionGenerator{Rand: rand.New(rand.NewPCG(seed, 17))}
	for _, f := range hclspec.Describe().Functions {
		if f.Name != "nonsensitive" { // the author's word that a value may be shown
			g.functions = append(g.functions, f)
		}
	}
	g.functions = append(g.functions, hclspec.FunctionInfo{Name: "twice", Parameters: []string{"x"}},
		hclspec.FunctionInfo{Name: "number", Parameters: []string{"x"}})
	return g
}

func (g *expressionGenerator) pick(texts ...string) string { return texts[g.IntN(len(texts))] }

// expression returns an expression with at least one sensitive value, and all functions in turn at the top.
func (g *expressionGenerator) expression() string {
	g.next++
	f := g.functions[g.next%len(g.functions)]
	switch g.next % 4 {
	case 0:
		return g.operation(2)
	case 1:
		return g.call(f, 2)
	}
	return g.example(f, 2)
}

// literals are the texts and numbers of an example.
var literals = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\b[0-9]+(?:[.][0-9]+)?\b`)

// example returns the example of a function, with sensitive values in place of some literals. So the call has values of
// the right types, and most calls have a result.
func (g *expressionGenerator) example(f hclspec.FunctionInfo, depth int) string {
	if f.Example == "" {
		return g.call(f, depth)
	}
	first := true
	return literals.ReplaceAllStringFunc(f.Example, func(literal string) string {
		isText := literal[0] == '"'
		if !first && g.IntN(2) == 0 {
			return literal
		}
		first = false
		switch {
		case g.IntN(3) == 0:
			return "sensitive(" + literal + ")"
		case depth > 0 && g.IntN(2) == 0:
			return g.nestedExample(isText, depth-1)
		case isText:
			return g.pick("var.token", "local.env", "local.list[0]", literal[:len(literal)-1]+`${var.token}"`, "local.map.a",
				"arg.word", fmt.Sprintf("sensitive(%q)", secretText))
		}
		return g.pick("var.pin", "local.map.pin", "length(var.token)", "(var.pin - 826489)", "sensitive(2)")
	})
}

// nestedExample returns the example of a function with a text or a number as result.
func (g *expressionGenerator) nestedExample(isText bool, depth int) string {
	for {
		f := g.functions[g.IntN(len(g.functions))]
		if f.Result != "" && (f.Result[0] == '"') == isText && (isText || f.Result[0] >= '0' && f.Result[0] <= '9') {
			return g.example(f, depth)
		}
	}
}

// value returns an expression of a depth. Most end in a sensitive value.
func (g *expressionGenerator) value(depth int) string {
	switch {
	case g.IntN(5) == 0:
		return g.pick(`"x"`, `1`, `0`, `true`, `null`, `["a", "b"]`, `{ a = 1 }`, `"2026-01-02T03:04:05Z"`, `"%s %d %q"`, `"/a(/"`,
			`16`, `-1`, `[]`, `""`)
	case depth == 0 || g.IntN(4) == 0:
		return g.pick(`var.token`, `var.pin`, `local.env`, `local.list`, `local.map`, `local.words`, `local.up`, `local.keyed`,
			`local.list[0]`, `local.map.a`, fmt.Sprintf("sensitive(%q)", secretText), `sensitive(env("SECRET"))`,
			`"a ${var.token} b"`, `"/(${var.token}/"`, `"YYYY ${local.env}"`, `arg.word`, `arg.list`)
	case g.IntN(2) == 0:
		return g.operation(depth - 1)
	}
	return g.call(g.functions[g.IntN(len(g.functions))], depth-1)
}

// call returns a call of a function with generated arguments.
func (g *expressionGenerator) call(f hclspec.FunctionInfo, depth int) string {
	var args []string
	for range f.Parameters {
		args = append(args, g.value(depth))
	}
	if f.Variadic != "" {
		for range 1 + g.IntN(2) {
			args = append(args, g.value(depth))
		}
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

// operation returns an expression of the syntax of HCL.
func (g *expressionGenerator) operation(depth int) string {
	a, b, c := g.value(depth), g.value(depth), g.value(depth)
	switch g.IntN(14) {
	case 0, 1:
		return "(" + a + " " + g.pick("+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||") + " " + b + ")"
	case 2:
		return "(" + g.pick("!", "-") + a + ")"
	case 3:
		return "(" + a + " ? " + b + " : " + c + ")"
	case 4:
		return "\"${(" + a + ")}-${(" + b + ")}\""
	case 5:
		return "\"%{ if " + a + " }x%{ else }${(" + b + ")}%{ endif }%{ for v in " + c + " }${v},%{ endfor }\""
	case 6:
		return "(" + a + ")[" + b + "]"
	case 7:
		return "(" + a + ")" + g.pick(".a", ".b", ".foo", "[0]", "[*].a", ".*.a")
	case 8:
		return "[for v in " + a + ": " + g.pick("v", "upper(v)", "tonumber(v)", "v.a", "v[0]", b) + "]"
	case 9:
		return "{ for k, v in " + a + ": " + g.pick("v", "k", "\"same\"", b) + " => " + g.pick("v", c) + " }"
	case 10:
		return "{ for v in [" + a + ", " + a + "]: v => " + b + " }"
	case 11:
		return "{ (" + a + ") = " + b + ", c = " + c + " }"
	case 12:
		return "[for v in " + a + ": v if " + b + "]"
	}
	return "[" + a + ", " + b + "]"
}

// attributes are places for an expression in a task, with the word EXPR.
var attributes = []string{
	`command = ["echo", EXPR]`, `command = EXPR`, `script = EXPR`, `env = { A = EXPR }`, `env = EXPR`,
	`enabled = EXPR`, `confirm = EXPR`, `confirm = "x ${EXPR}"`, `timeout = EXPR`, `inputs = [EXPR]`, `lock = EXPR`,
	`matrix = { a = EXPR }`, `matrix = EXPR`, `workdir = EXPR`, `allow_failure = EXPR`, `dependency_policy = EXPR`,
	`output_style = EXPR`, `stop_signal = EXPR`, `stop_grace_period = EXPR`, "image = \"i\"\n  pass_env = [EXPR]", `env_files = [EXPR]`,
	`image = EXPR`, "script = \"true\"\n  shell = EXPR", "image = \"i\"\n  labels = { a = EXPR }", "image = \"i\"\n  volumes = [EXPR]\n  ports = [EXPR]\n  user = EXPR", `outputs = EXPR`,
	"precondition {\n    condition = EXPR\n    error_message = \"no ${var.token}\"\n  }",
	"precondition {\n    condition = var.token == \"\"\n    error_message = EXPR\n  }",
	"precondition {\n    condition = var.token == \"\"\n    error_message = \"wrong: ${EXPR}!\"\n  }",
	"retry {\n    attempts = EXPR\n    delay = EXPR\n  }",
	"watch {\n    paths = [EXPR]\n    debounce = EXPR\n  }",
	"depends {\n    task = task.callee\n    args = [EXPR]\n  }",
	"depends {\n    task = task.chooser\n    args = [EXPR, \"--level\", EXPR]\n  }",
}

// task returns a task with an expression in some attribute.
func (g *expressionGenerator) task(name, expression string) string {
	attribute := attributes[g.IntN(len(attributes))]
	if strings.HasPrefix(attribute, "matrix") && g.next/tasksPerFile%4 > 0 {
		attribute = attributes[0] // a mistake in a matrix hides all other mistakes of the file
	}
	var body strings.Builder
	if !strings.HasPrefix(attribute, "command") && !strings.HasPrefix(attribute, "script") {
		body.WriteString("  command = [\"true\"]\n")
	}
	body.WriteString("  arg \"word\" {\n    default = var.token\n  }\n  arg \"list\" {\n    type    = list(string)\n" +
		"    default = local.list\n  }\n")
	return fmt.Sprintf("task %q {\n%s  %s\n}\n\n", name, &body, strings.ReplaceAll(attribute, "EXPR", expression))
}

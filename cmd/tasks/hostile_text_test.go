package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

// hostile is text that acts on a terminal, as the language spells the text, and that tries to look like another line.
// %s is the place of the text, so that a failure tells the place.
const hostile = `\u001b]0;%s\u0007\u009b2J\u202e\u2066\u007f\r\nFORGED %s`

// hostileFile has hostile text in each place that the language leaves free.
const hostileFile = `
variable "v" {
  description = "@vardesc@"
  default     = "@vardefault@"
}
variable "checked" {
  default = "a"
  validation {
    condition     = var.checked != "b"
    error_message = "@validation@"
  }
}
locals {
  text = "@local@"
}
task "first" {
  matrix = {
    k = ["x@name@"]
  }
  description = "@desc@"
  group       = "@group@"
  command     = ["true", "@word@"]
  env = {
    PLAIN   = "@env@"
    CHECKED = var.checked
  }
}
task "args" {
  description = "@argsdesc@"
  command     = ["true", arg.a, flag.f]
  arg "a" {
    description = "@argdesc@"
    enum        = ["ok", "@enum@"]
    default     = "ok"
  }
  flag "f" {
    description = "@flagdesc@"
    default     = "@default@"
  }
}
task "failing" {
  matrix = {
    k = ["a", "b@failmatrix@"]
  }
  script = "exit 3"
}
task "missing" {
  matrix = {
    k = ["x@misname@"]
  }
  command = ["/nonexistent/program@program@"]
}
task "after" {
  matrix = {
    k = ["x@aftername@"]
  }
  depends_on = [task.first, task.failing]
  finally    = [task.last]
  command    = ["true"]
}
task "last" {
  matrix = {
    k = ["x@lastname@"]
  }
  command = ["true"]
}
task "slow" {
  matrix = {
    k = ["x@slowname@"]
  }
  command = ["sleep", "1.05"]
}
task "guarded" {
  command = ["true"]
  precondition {
    condition     = false
    error_message = "@precondition@"
  }
}
task "disabled" {
  matrix = {
    k = ["x@disabledname@"]
  }
  enabled = false
  command = ["true"]
}
task "asks" {
  confirm = "@confirm@"
  command = ["true"]
}
task "locked" {
  lock    = "@lock@"
  command = ["true"]
}
task "oneoff" {
  image   = "no/such:image"
  user    = "@user@"
  workdir = "/@workdir@"
  labels = {
    l = "@label@"
  }
  env = {
    E = "@imageenv@"
  }
  command    = ["sh", "@imageword@"]
  entrypoint = ["@entrypoint@"]
}
task "noimage" {
  image   = "@imagename@"
  command = ["sh"]
}
task "steps" {
  steps = [task.first, task.last]
}
`

// wrongNames has hostile text where the language refuses the text.
const wrongNames = `
task "first@name@" {
  aliases = ["one@alias@"]
  command = ["true"]
  env = {
    "@envname@" = "x"
  }
  "@attr@" = 1
}
group "@groupname@" {
  tasks = [task["@member@"]]
}
variable "@varname@" {}
include "@include@" {
  source = "@source@"
}
`

// hostileText replaces @place@ by hostile text of this place.
func hostileText(text string) string {
	var out strings.Builder
	for i, part := range strings.Split(text, "@") {
		if i%2 == 1 {
			part = strings.ReplaceAll(hostile, "%s", part)
		}
		out.WriteString(part)
	}
	return out.String()
}

// name returns hostile text as a shell passes the text.
func hostileName(text string) string {
	return strings.NewReplacer(`\u001b`, "\x1b", `\u0007`, "\a", `\u009b`, "\u009b", `\u202e`, "\u202e", `\u2066`, "\u2066",
		`\u007f`, "\x7f", `\r`, "\r", `\n`, "\n").Replace(hostileText(text))
}

// withoutText are the cases that leave hostile text out, or end before.
var withoutText = []string{
	"graph", "graph dot", "graph mermaid", "metadata", "suffixes", "values", "names json", "run locked", "run image",
	"plan isolated", "plan no image", "once engine", "ps engine", "down engine",
}

// TestHostileText: what a repository writes cannot act on the terminal, nor look like a line of the program.
func TestHostileText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stdin string
		args  []string
	}{
		"list":               {args: []string{"list"}},
		"list json":          {args: []string{"list", "--json"}},
		"show":               {args: []string{"show", "first"}},
		"show args":          {args: []string{"show", "args"}},
		"show json":          {args: []string{"show", "--json", "first"}},
		"show matrix":        {args: []string{"show", "first@k=x" + hostileName("@name@")}},
		"show image":         {args: []string{"show", "oneoff"}},
		"show no image":      {args: []string{"show", "noimage"}},
		"show after":         {args: []string{"show", "after"}},
		"show lock":          {args: []string{"show", "locked"}},
		"show asks":          {args: []string{"show", "asks"}},
		"list color":         {args: []string{"--color", "always", "list"}},
		"list no match":      {args: []string{"list", hostileName("@word@")}},
		"help of task":       {args: []string{"help", "args"}},
		"help of matrix":     {args: []string{"help", "first"}},
		"help unknown":       {args: []string{"help", hostileName("@unknown@")}},
		"show unknown":       {args: []string{"show", hostileName("@unknown@")}},
		"help":               {args: []string{"run", "args", "--help"}},
		"wrong words":        {args: []string{"run", "args", "ok", hostileName("@typed@")}},
		"wrong flag":         {args: []string{"run", hostileName("--x@flag@"), "args"}},
		"wrong flag of task": {args: []string{"run", "args", hostileName("--x@flag@")}},
		"plan":               {args: []string{"plan", "after"}},
		"plan json":          {args: []string{"plan", "--json", "after"}},
		"plan dot":           {args: []string{"plan", "--format", "dot", "after"}},
		"plan mermaid":       {args: []string{"plan", "--format", "mermaid", "after"}},
		"plan no image":      {args: []string{"plan", "noimage"}},
		"plan isolated":      {args: []string{"plan", "--isolated", "oneoff"}},
		"dry run":            {args: []string{"run", "-n", "after"}},
		"run stream":         {args: []string{"run", "first"}},
		"run verbose":        {args: []string{"run", "--verbose", "after"}},
		"run plain":          {args: []string{"run", "--progress", "plain", "-k", "after"}},
		"run group":          {args: []string{"run", "-k", "--output-style", "group", "failing"}},
		"run quiet":          {args: []string{"run", "-k", "--output-style", "quiet", "failing"}},
		"run prefix":         {args: []string{"run", "--output-style", "prefix", "-k", "failing", ":::", "missing"}},
		"run color":          {args: []string{"run", "-k", "--color", "always", "failing"}},
		"run slow":           {args: []string{"run", "slow", ":::", "first"}},
		"run steps":          {args: []string{"run", "steps"}},
		"run missing":        {args: []string{"run", "missing"}},
		"run disabled":       {args: []string{"run", "disabled"}},
		"run guarded":        {args: []string{"run", "guarded"}},
		"run asks":           {args: []string{"run", "asks"}},
		"run locked":         {args: []string{"run", "--verbose", "locked"}},
		"run image":          {args: []string{"run", "oneoff"}},
		"run unknown":        {args: []string{"run", hostileName("@unknown@")}},
		"run no run":         {args: []string{"run", "first@k=c" + hostileName("@unknown@")}},
		"unknown":            {args: []string{hostileName("@unknown@")}},
		"variable":           {args: []string{"--var", hostileName("@var@=1"), "run", "first"}},
		"validation":         {args: []string{"--var", "checked=b", "run", "first"}},
		"directory":          {args: []string{"-C", hostileName("@dir@"), "list"}},
		"file":               {args: []string{"-f", hostileName("@file@"), "list"}},
		"events":             {args: []string{"run", "--events", hostileName("/nonexistent/@file@"), "first"}},
		"validate":           {args: []string{"validate"}},
		"validate json":      {args: []string{"validate", "--json"}},
		"graph":              {args: []string{"graph"}},
		"graph dot":          {args: []string{"graph", "--format", "dot"}},
		"graph mermaid":      {args: []string{"graph", "--format", "mermaid"}},
		"graph json":         {args: []string{"graph", "--json"}},
		"metadata":           {args: []string{"metadata"}},
		"fmt check":          {args: []string{"fmt", "--check"}},
		"fmt diff":           {args: []string{"fmt", "--diff", "--check"}},
		"fmt missing":        {args: []string{"fmt", hostileName("no@file@")}},
		"completion":         {args: []string{"__complete", "run", ""}},
		"values":             {args: []string{"__complete", "run", "args", ""}},
		"variables":          {args: []string{"__complete", "run", "--var", ""}},
		"suffixes":           {args: []string{"__complete", "run", "failing@"}},
		"broken list":        {args: []string{"-f", hostileName("broken@brokenfile@.hcl"), "list"}},
		"broken fmt":         {args: []string{"fmt", hostileName("broken@brokenfile@.hcl")}},
		"names list":         {args: []string{"-f", "names.hcl", "list"}},
		"names validate":     {args: []string{"-f", "names.hcl", "validate"}},
		"names json":         {args: []string{"-f", "names.hcl", "validate", "--json"}},
		"names run":          {args: []string{"-f", "names.hcl", "run", hostileName("first@name@")}},
		"once as task":       {args: []string{"once", "--pull", "always", "--as-task", "t", "web", hostileName("@onceword@")}},
		"once wrong task":    {args: []string{"once", "--as-task", hostileName("@astask@"), "web"}},
		"once engine":        {args: []string{"once", "web", hostileName("@onceword@")}},
		"once unknown":       {args: []string{"once", hostileName("@unknown@")}},
		"ps engine":          {args: []string{"ps"}},
		"down engine":        {args: []string{"down", hostileName("@service@")}},
		"logs engine":        {args: []string{"logs", hostileName("@service@")}},
		"up engine":          {args: []string{"up", hostileName("@service@")}},
		"watch unknown":      {args: []string{"watch", hostileName("@unknown@")}},
		"watch":              {args: []string{"watch", "--exit-after", "1", "first"}},
		"project name":       {args: []string{"--project-name", hostileName("@project@"), "once", "web"}},
		"compose file":       {args: []string{"--compose-file", hostileName("@compose@"), "once", "web"}},
		"wrong compose file": {args: []string{"--compose-file", "wrong.yaml", "once", "web"}},
		"console":            {args: []string{"console"}, stdin: hostileName("local.text\n[var.v]\n\"@console@\"\nlocal.@wrong@\n")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := callInProcess(t, hostileProject(t), c.stdin, c.args...)
			checkPlain(t, output)
			if !strings.Contains(output, "FORGED") && !slices.Contains(withoutText, name) {
				t.Errorf("no hostile text: the case tests nothing:\n%s", output)
			}
		})
	}
}

// hostileProject is a directory with hostile text in all files, and in the names of files.
func hostileProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	writeText(t, filepath.Join(dir, "Tasks.hcl"), hostileText(hostileFile))
	writeText(t, filepath.Join(dir, "names.hcl"), hostileText(wrongNames))
	writeText(t, filepath.Join(dir, "wrong.yaml"), "services:\n  web:\n    image: \""+hostileText("@image@")+"\"\n    \""+
		hostileText("@key@")+"\": ${UNSET"+hostileName("@variable@")+"}\n")
	writeText(t, filepath.Join(dir, "compose.yaml"),
		"services:\n  web:\n    image: \"no/such:image\"\n    labels:\n      l: \""+hostileText("@composelabel@")+"\"\n")
	if runtime.GOOS != "windows" { // no such names there
		writeText(t, filepath.Join(dir, hostileName("x@taskfile@")+"\xff.tasks.hcl"), "task \"other\" {command=[\"true\"]}\n")
		broken := "task \"t\" {\n  command = \x1b[2J \u202e \xff\n  " + hostileName("@attribute@") + " = 1\n}\n"
		writeText(t, filepath.Join(dir, hostileName("broken@brokenfile@.hcl")), broken)
	}
	return dir
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// callInProcess runs the program in this process, and returns stdout and stderr.
func callInProcess(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	inPath, outPath := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	writeText(t, inPath, stdin)
	in, err := os.Open(inPath)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(outPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	env := workspace.Environment{WorkingDir: dir, Version: "v1.0.0", Environ: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DOCKER_HOST=unix:///nonexistent/docker.sock",
	}}
	makeApp(env, in, view.NewPrinter(in, out, out)).main(args)
	text, err := os.ReadFile(outPath)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkPlain wants text that does not act on a terminal, and no line of hostile text. The colours of the program may
// stand in the text.
func checkPlain(t *testing.T, text string) {
	t.Helper()
	for _, style := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[1;31m"} {
		text = strings.ReplaceAll(text, style, "")
	}
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "FORGED") {
			t.Errorf("a text has become a line: %q in\n%s", line, text)
		}
		for _, r := range line {
			if r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q is raw in %q", r, line)
				break
			}
		}
	}
}

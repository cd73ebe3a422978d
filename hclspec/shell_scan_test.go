package hclspec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestShellExpansions: what stands in a script, and the spelling that is advised; none where it is HCL's.
func TestShellExpansions(t *testing.T) {
	for script, want := range map[string][]string{
		`${HOME}`:                  {`$HOME`},
		`${HOME}x`:                 {`$${HOME}`},
		`${HOME}-x`:                {`$HOME`},
		`${1}${2}`:                 {`$1`, `$2`},
		`${1}0`:                    {`$${1}`},
		`${12}`:                    {`$${12}`},
		`${@} ${*} ${#} ${?} ${!}`: {`$@`, `$*`, `$#`, `$?`, `$!`},
		`${$} ${-}`:                {`$$`, `$-`},
		`${X:-y} ${X-y}`:           {`$${X:-y}`, `$${X-y}`},
		`${X:=y} ${X:?y} ${X:+y}`:  {`$${X:=y}`, `$${X:?y}`, `$${X:+y}`},
		`${1:-x} ${1+$@}`:          {`$${1:-x}`, `$${1+$@}`},
		`${#a}`:                    {`$${#a}`},
		`${!ref}`:                  {`$${!ref}`},
		`${a[@]} ${a[0]} ${#a[@]}`: {`$${a[@]}`, `$${a[0]}`, `$${#a[@]}`},
		`${X##*/} ${X%.*} ${X%%x}`: {`$${X##*/}`, `$${X%.*}`, `$${X%%x}`},
		`${X//a/b} ${X/a/b}`:       {`$${X//a/b}`, `$${X/a/b}`},
		`${X^^} ${X,,} ${X@Q}`:     {`$${X^^}`, `$${X,,}`, `$${X@Q}`},
		`${X:1:2}`:                 {`$${X:1:2}`},
		`${X:-${Y:-z}} ${Z}`:       {`$${X:-$${Y:-z}}`, `$Z`},
		`${path#/} ${service}`:     {`$${path#/}`, `$service`},
		`%{http_code} %{time}`:     {`%%{http_code}`, `%%{time}`},
		`${upper("${HOME}")}`:      {`$HOME`},

		`$HOME $1 $@ $(id) $$`:                       nil,
		`$${HOME} %%{http_code}`:                     nil,
		`${args[0]} ${self.name} ${"${upper("x")}"}`: nil,
		`%{ if true }a%{ else }b%{ endif ~}`:         nil,
		`%{ for x in args }${x}%{ endfor }`:          nil,
		`%{ for k, v in {} }${k}${v}%{ endfor }`:     nil,
		`${[for x in ["a"] : "${x}"][0]}`:            nil,
		`${1 + 2} ${true} ${-1} ${1+2}`:              nil,
		`${{ "#" = "a" }["#"]}`:                      nil,
		`${length(args) > 0 ? "a" : "b"}`:            nil,
	} {
		got := adviceOn(t, script)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", script, diff)
		}
	}
}

// adviceOn parses a file with a script, and with more behind it that must survive.
func adviceOn(t *testing.T, script string) []string {
	t.Helper()
	text := fmt.Sprintf("task \"t\" {\n  script = <<-EOT\n    %s\n  EOT\n}\n\ntask \"after\" {\n  command = \"x\"\n}\n", script)
	in := testInputs(t)
	src := source(in, text)
	f, diags := Parse([]Source{src})
	checkRanges(t, []Source{src}, diags, allowNone)
	if len(f.Tasks()) != 2 {
		t.Errorf("%s hides what follows: %v", script, f.Tasks())
	}
	var advice []string
	for _, d := range diags {
		_, spelling, found := strings.Cut(d.Detail, "write ")
		if d.Summary != "shell expansion in script" || !found {
			t.Errorf("%s: %s", script, diagnosticsText(f, diags))
			continue
		}
		advice = append(advice, strings.TrimSuffix(spelling, "."))
	}
	return advice
}

func TestShellExpansionsElsewhere(t *testing.T) {
	for _, text := range []string{
		"variable \"x\" {\n  description = \"%%{x}\"\n  default = \"a\"\n}\ntask \"t\" {\n  command = [\"${var.x}\"]\n}\n",
		"locals {\n  command = [for HOME in [\"a\"] : \"${HOME}\"]\n}\n",
		"task \"t\" {\n  # ${HOME}\n  command = [\"x\"] // ${1}\n}\n",
	} {
		in := testInputs(t)
		if f, diags := Parse([]Source{source(in, text)}); len(diags) > 0 {
			t.Errorf("%s\n%s", text, diagnosticsText(f, diags))
		}
	}
}

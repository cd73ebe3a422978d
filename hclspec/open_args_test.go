package hclspec_test

import (
	"strings"
	"testing"

	"tasks/hclspec"
)

// callee is a task with words that another task gives. @ stands for an attribute.
const callee = `
task "a" {
  arg "x" { default = "" }
  flag "yes" { type = bool }
  command = ["echo", arg.x]
  @
}

task "b" {
  flag "b" { type = bool }
  arg "n" { default = "1s" }
  command = ["echo"]
  depends {
    task = task.a
    args = flag.b ? ["--yes"] : [arg.n]
  }
}

task "c" {
  arg "n" { default = "1s" }
  command = ["echo"]
  depends {
    task = task.b
    args = [arg.n]
  }
}
`

// TestValidateOpenWords: words that depend on the words of a target are known in a run, so that they may shape the plan.
func TestValidateOpenWords(t *testing.T) {
	for _, attribute := range []string{
		`enabled = flag.yes`, `enabled = arg.x == "p"`, `timeout = arg.x`, `confirm = "sure about ${arg.x}?"`,
		`lock = "l${arg.x}"`, `stop_signal = flag.yes ? "SIGINT" : "SIGTERM"`,
		"precondition {\n condition = flag.yes\n error_message = arg.x\n}", "retry {\n attempts = flag.yes ? 2 : 3\n}",
	} {
		if diags := validate(strings.Replace(callee, "@", attribute, 1)); len(diags) > 0 {
			t.Errorf("%s: %s", attribute, diags)
		}
	}
	deferred := strings.Replace(callee, "@", "enabled = flag.yes", 1) + `
task "v" { command = ["echo"] }
task "d" {
  flag "unused" { type = bool }
  command = ["echo"]
  depends {
    task = task.a
    args = [task.v.stdout]
  }
}
`
	if diags := validate(deferred); len(diags) != 1 || !strings.Contains(diags[0], "enabled is not known before the run") {
		t.Errorf("words of a result: %s", diags)
	}
}

// validate returns the messages of a file.
func validate(text string) (messages []string) {
	file, _ := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: "/x/Tasks.hcl", Bytes: []byte(text)}})
	_, diags := file.Validate(previewInputs())
	for _, d := range diags {
		messages = append(messages, d.Summary+": "+d.Detail)
	}
	return messages
}

func previewInputs() hclspec.Inputs {
	return hclspec.Inputs{Root: "/x", Env: func(name string) (string, bool) { return "from-env", name == "SET" }}
}

// TestShowUsesDefaults: conditions see the defaults, and only required arguments a placeholder.
func TestShowUsesDefaults(t *testing.T) {
	for name, test := range map[string]struct{ params, body, command, skipped string }{
		"a flag with a default":   {`flag "f" { default = true }`, `command = ["x", flag.f ? "on" : "off"]`, "x on", ""},
		"a flag without":          {`flag "f" { type = bool }`, `command = ["x", flag.f ? "on" : "off"]`, "x off", ""},
		"a flag of text without":  {`flag "f" {}`, `command = ["x", flag.f == null ? "none" : flag.f]`, "x none", ""},
		"an argument":             {`arg "a" { default = "prod" }`, `command = ["x", arg.a == "prod" ? "yes" : arg.a]`, "x yes", ""},
		"a required argument":     {`arg "a" {}`, `command = ["x", arg.a]`, "x <arg.a>", ""},
		"both":                    {"arg \"a\" {}\nflag \"n\" { default = 3 }", `command = ["x", arg.a, flag.n > 2 ? "high" : "low"]`, "x <arg.a> high", ""},
		"the environment":         {"arg \"a\" {\n default = \"d\"\n env = \"SET\"\n}", `command = ["x", arg.a]`, "x from-env", ""},
		"an unset environment":    {"arg \"a\" {\n default = \"d\"\n env = \"UNSET\"\n}", `command = ["x", arg.a]`, "x d", ""},
		"variadic":                {"arg \"a\" {\n variadic = true\n default = [\"p\", \"q\"]\n}", `command = ["x", arg.a]`, "x p q", ""},
		"enabled by default":      {`flag "f" { default = true }`, "enabled = flag.f\ncommand = [\"x\"]", "x", ""},
		"disabled by default":     {`flag "f" { type = bool }`, "enabled = flag.f\ncommand = [\"x\"]", "x", "enabled = flag.f is false"},
		"enabled by a required":   {`arg "a" {}`, "enabled = arg.a == \"p\"\ncommand = [\"x\"]", "x", ""},
		"disabled for everybody":  {`flag "f" { type = bool }`, "enabled = false\ncommand = [\"x\"]", "", "enabled is false"},
		"an image with a default": {`arg "tag" { default = "1" }`, "image = \"box:${arg.tag}\"\ncommand = [\"x\"]", "x", ""},
		"an unmet precondition": {`arg "a" { default = "1" }`,
			"precondition {\n condition = arg.a == \"2\"\n error_message = \"no\"\n}\ncommand = [\"x\"]", "x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := "task \"t\" {\n" + test.params + "\n" + test.body + "\n}\n"
			file, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: "/x/Tasks.hcl", Bytes: []byte(text)}})
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			shown, diags := file.Show(previewInputs(), "t")
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if got := strings.Join(shown.Task.Command, " "); got != test.command {
				t.Errorf("command %q, want %q", got, test.command)
			}
			if reason := shown.Task.DisabledReason; !strings.HasPrefix(reason, test.skipped) || test.skipped == "" && reason != "" {
				t.Errorf("skipped %q, want %q", reason, test.skipped)
			}
		})
	}
}

// TestShowOpenNames: a service of a required argument is shown as written, an image with a placeholder.
func TestShowOpenNames(t *testing.T) {
	text := "task \"i\" {\n  arg \"tag\" {}\n  image = \"box:${arg.tag}\"\n}\ntask \"s\" {\n  arg \"s\" {}\n  service = arg.s\n}\n"
	file, _ := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: "/x/Tasks.hcl", Bytes: []byte(text)}})
	if shown, diags := file.Show(previewInputs(), "i"); diags.HasErrors() || shown.Task.Image != "box:<arg.tag>" {
		t.Errorf("%v, %v", shown, diags)
	}
	shown, diags := file.Show(previewInputs(), "s")
	if diags.HasErrors() || shown.Task.Service != "<arg.s>" || !shown.HasOpenService {
		t.Errorf("%v, %v", shown, diags)
	}
}

// A local with the text of an open value shows the text around the value.
func TestShowOpenValueInALocal(t *testing.T) {
	text := "locals {\n  url = \"http://x:${task.p.stdout}/\"\n}\ntask \"p\" {\n  command = [\"echo\", \"1\"]\n}\n" +
		"task \"l\" {\n  command = [\"get\", \"${local.url}a\"]\n}\n"
	file, _ := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: "/x/Tasks.hcl", Bytes: []byte(text)}})
	shown, diags := file.Show(previewInputs(), "l")
	if diags.HasErrors() || shown.Task.Command[1] != "http://x:<task.p.stdout>/a" {
		t.Errorf("%v, %v", shown, diags)
	}
}

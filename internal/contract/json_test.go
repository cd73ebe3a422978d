package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tasks/internal/testing/schema"
)

const jsonCompose = `
name: shop
services:
  web:
    image: web
    environment: {A: "1"}
    env_file: [web.env]
    depends_on:
      db: {condition: service_healthy}
      init: {condition: service_completed_successfully}
  db:
    image: db
    healthcheck: {test: [CMD, "true"]}
  init:
    image: init
`

const jsonTasks = `
variable "pin" {
  default   = "hunter22"
  sensitive = true
}

task "version" {
  command = ["echo", "1.2"]
  hidden  = true
}

task "tell" {
  command = ["echo", result.reason]
}

task "test" {
  description       = "Tests"
  group             = "Checks"
  aliases           = ["t"]
  service           = "web"
  user              = "me"
  workdir           = "/src"
  ports             = ["8080:80"]
  volumes           = ["data:/data"]
  labels            = { a = "b" }
  env               = { PIN = var.pin, VERSION = task.version.stdout, B = "2" }
  pass_env          = ["CI"]
  confirm           = "Sure?"
  timeout           = "90s"
  stop_signal       = "SIGINT"
  stop_grace_period = "2s"
  output_style      = "prefix"
  lock              = "tests"
  depends_on        = [service.db]
  dependency_policy = "ephemeral"
  finally           = [task.tell]

  arg "file" {
    description = "which"
    variadic    = true
    default     = ["x"]
  }

  flag "level" {
    short   = "l"
    type    = number
    default = 1
    enum    = [1, 2]
    env     = "LEVEL"
  }

  retry {
    attempts = 3
    delay    = "1s"
  }
}

task "inside" {
  service = "web"
  mode    = "exec"
  command = ["psql"]
  no_deps = true
}

task "later" {
  service = "web"
  detach  = true
}

task "image" {
  image      = "tool"
  entrypoint = ["/tool"]
  volumes    = [".:/src"]
}

task "runs" {
  matrix  = { n = [1, 2] }
  command = ["echo", matrix.n]
}

task "off" {
  command = ["false"]
  enabled = false
}

task "all" {
  depends_on = [task.test, task.image]
}

task "steps" {
  steps = [task.image, service.db, task.test]
}
`

const jsonWrong = `
task "one" {
  comand = ["true"]
}

task "one" {
  command    = ["true"]
  depends_on = [task.two]
}

variable "unused" {
  type = strng
}
`

func jsonPlace(t *testing.T) *place {
	t.Helper()
	p := newPlace(t, map[string]string{
		"compose.yaml": jsonCompose, "Tasks.hcl": jsonTasks, "web.env": "C=3\n", "wrong.hcl": jsonWrong,
	})
	p.env = append(p.env, "DOCKER_HOST=unix:///nonexistent/docker.sock", "CI=yes")
	return p
}

// TestDocuments: which fields the documents of --json have, and of which types they are. New fields may come.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for name, calls := range map[string][][]string{
		"list":  {{"list", "--json", "--all"}},
		"graph": {{"graph", "--json"}},
		"show": {
			{"show", "--json", "test"}, {"show", "--json", "inside"}, {"show", "--json", "later"}, {"show", "--json", "image"},
			{"show", "--json", "runs"}, {"show", "--json", "off"}, {"show", "--json", "all"}, {"show", "--json", "tell"}, {"show", "--json", "steps"},
		},
		"plan-host": {{"plan", "--json", "runs", ":::", "tell"}},
		"validate":  {{"validate", "--json"}},
		"metadata":  {{"metadata"}},
		"version":   {{"version", "--json"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := jsonPlace(t), shape{}
			add := func(document string) {
				s.document(t, document)
				schema.Validate(t, strings.TrimSuffix(name, "-host"), document)
			}
			for _, args := range calls {
				add(p.run(0, args...))
			}
			if name == "validate" {
				add(p.run(2, "-f", "wrong.hcl", "validate", "--json"))
			}
			golden(t, name+".shape", s.String())
		})
	}
}

// TestLanguage: the names that the language knows.
func TestLanguage(t *testing.T) {
	t.Parallel()
	type attribute struct {
		Name, Alias, Type string
		Kinds             []string
		Static            bool
		RunTime           bool `json:"run_time"`
	}
	type block struct {
		Name, Label  string
		Single, Open bool
		Attributes   []attribute
		Blocks       []block
	}
	var language struct {
		Blocks    []block
		Functions []struct{ Signature, Result string }
		Values    []struct {
			Name    string
			Members []string
		}
	}
	if err := json.Unmarshal([]byte(newPlace(t, nil).run(0, "metadata")), &language); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var write func(in string, all []block)
	write = func(in string, all []block) {
		for _, one := range all {
			fmt.Fprintf(&b, "block %s%s single=%t open=%t labelled=%t\n", in, one.Name, one.Single, one.Open, one.Label != "")
			for _, a := range one.Attributes {
				fmt.Fprintf(&b, "attribute %s%s.%s alias=%q kinds=%q static=%t run_time=%t\n", in, one.Name, a.Name, a.Alias, a.Kinds, a.Static, a.RunTime)
			}
			write(in+one.Name+".", one.Blocks)
		}
	}
	write("", language.Blocks)
	for _, f := range language.Functions {
		fmt.Fprintln(&b, "function", f.Signature)
	}
	for _, v := range language.Values {
		fmt.Fprintln(&b, "value", v.Name, strings.Join(v.Members, " "))
	}
	golden(t, "language.txt", b.String())
}

const recordTasks = `
task "good" {
  command = ["true"]
}

task "flaky" {
  script = "test -e twice || { touch twice; exit 4; }"

  retry {
    attempts = 2
    delay    = "0s"
  }
}

task "slow" {
  command = ["sleep", "60"]
  timeout = "100ms"
}

task "bad" {
  command    = ["sh", "-c", "exit 3"]
  depends_on = [task.good, task.flaky]

  retry {
    attempts = 2
    delay    = "0s"
  }
}

task "after" {
  command    = ["true"]
  depends_on = [task.bad]
}

task "late" {
  depends_on = [task.slow]
}
`

// TestRecords: what --events, --trace and --junit have.
func TestRecords(t *testing.T) {
	t.Parallel()
	p := newPlace(t, map[string]string{"Tasks.hcl": recordTasks})
	events, trace, junit := shape{}, shape{}, shape{}
	for task, code := range map[string]int{"after": 3, "late": 124} {
		p.run(code, "run", "--events", "e.ndjson", "--trace", "t.json", "--junit", "j.xml", task)
		events.events(t, p.read("e.ndjson"))
		trace.document(t, p.read("t.json"))
		junit.elements(t, p.read("j.xml"))
	}
	golden(t, "events.shape", events.String())
	golden(t, "trace.shape", trace.String())
	golden(t, "junit.shape", junit.String())
}

// TestCommands: the commands, and their flags.
func TestCommands(t *testing.T) {
	t.Parallel()
	p := newPlace(t, nil)
	var b strings.Builder
	for _, command := range []string{
		"list", "run", "watch", "once", "plan", "show", "graph", "validate", "console", "metadata", "fmt", "ps", "logs", "down",
		"completion", "version", "up",
	} {
		own, folded, _ := strings.Cut(p.run(0, command, "--help"), "Global flags (`tasks help flags` explains them): ")
		folded, _, _ = strings.Cut(folded, "\n\n")
		flags := append(flagsOf(own), strings.Fields(strings.ReplaceAll(folded, ",", ""))...)
		slices.Sort(flags)
		fmt.Fprintln(&b, command, strings.Join(flags, " "))
	}
	fmt.Fprintln(&b, "global", strings.Join(flagsOf(p.run(0, "help", "flags")), " "))
	golden(t, "flags.txt", b.String())
}

// flagsOf are the flags of a help text.
func flagsOf(help string) []string {
	flags := map[string]bool{}
	for line := range strings.Lines(help) {
		fields := strings.Fields(line)
		if len(fields) == 0 || !strings.HasPrefix(fields[0], "-") {
			continue
		}
		flags[strings.TrimSuffix(fields[0], ",")] = true
		if len(fields) > 1 && strings.HasPrefix(fields[1], "--") {
			flags[fields[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(flags))
}

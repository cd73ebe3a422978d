//go:build linux

package faults

import (
	"slices"
	"time"
)

// compose is the project of the campaign: two services with healthchecks, an anonymous and a named volume, two
// networks.
const compose = `
name: @project
services:
  db:
    image: "@image"
    command: ["signals"]
    healthcheck: {test: ["CMD", "true"], interval: 1s}
    volumes: ["data:/data", "/scratch"]
    networks: [default, back]
    stop_grace_period: 1s
  cache:
    image: "@image"
    command: ["signals"]
    environment: {LEVEL: "${LEVEL-}"}
    stop_grace_period: 1s
    healthcheck: {test: ["CMD", "true"], interval: 1s}
    networks: [back]
  web:
    image: "@image"
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_healthy}
    volumes: ["/anonymous"]
    networks: [default, back]
    stop_grace_period: 2s
networks: {back: {}}
volumes: {data: {}}
`

// tasksHCL has a task for each kind of work in a run.
const tasksHCL = `
task "one" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 0.4; echo end"]
  watch {
    paths = ["*.txt"]
  }
}
task "stubborn" {
  service            = "web"
  command            = ["ignore", "INT", "TERM", "HUP"]
  stop_grace_period  = "500ms"
  timeout            = "900ms"
}
task "said" {
  service = "web"
  command = ["echo", "said"]
}
task "beside" {
  service = "web"
  command = ["sleep", "0.3"]
}
task "made" {
  script = "sleep 0.2; echo made"
}
task "chain" {
  service    = "web"
  depends_on = [task.beside]
  env        = { SAID = task.said.stdout, MADE = task.made.stdout }
  command    = ["sh", "-c", "test \"$SAID-$MADE\" = said-made"]
}
task "family" {
  script = "(sleep 60 & sleep 61) & sleep 0.6"
}
task "closing" {
  service = "web"
  command = ["sh", "-c", "sleep 0.3; exit 3"]
  finally = [task.sweep, task.note]
}
task "sweep" {
  service = "web"
  command = ["sleep", "0.2"]
}
task "note" {
  script = "sleep 0.2; test ${result.exit_code} != 0"
}
task "again" {
  service = "web"
  command = ["sh", "-c", "sleep 0.1; exit 4"]
  retry {
    attempts = 3
    delay    = "100ms"
  }
}
task "alone" {
  service = "web"
  command = ["sleep", "0.3"]
  lock    = "alone"
}
task "all" {
  depends_on = [task.one, task.beside, task.family, task.alone]
}
task "talking" {
  service = "web"
  command = ["sh", "-c", "while true; do echo talking; done"]
}
task "heard" {
  service    = "web"
  command    = ["true"]
  depends_on = [task.talking]
}
task "shouting" {
  script = "while true; do echo shouting; done"
}
task "talkinside" {
  service = "db"
  mode    = "exec"
  command = ["sh", "-c", "while true; do echo inside; done"]
}
task "away" {
  service = "web"
  command = ["sleep", "infinity"]
  detach  = true
}
task "private" {
  service           = "web"
  command           = ["sleep", "0.3"]
  dependency_policy = "ephemeral"
}
task "passing" {
  service           = "web"
  command           = ["sleep", "0.3"]
  dependency_policy = "transient"
}
task "looking" {
  service           = "web"
  command           = ["sleep", "0.3"]
  dependency_policy = "external"
}
task "inside" {
  service = "db"
  mode    = "exec"
  command = ["sh", "-c", "sleep 0.4"]
}
task "console" {
  service = "web"
  command = ["sh", "-c", "sleep 0.5; tty"]
  tty     = "auto"
}
task "seat" {
  script = "sleep 0.5"
}
`

// scenario is a call of the program, with the expected end without a fault.
type scenario struct {
	name string
	args []string
	// codes are the exit codes without a fault.
	codes []int
	// needsTerminal means that the call needs a terminal.
	needsTerminal bool
	// isEndless means that only a signal ends the call.
	isEndless bool
	// env is added to the call's environment.
	env []string
}

func scenarios() []scenario {
	run := func(task string, codes ...int) scenario {
		return scenario{name: task, args: []string{"run", task}, codes: append(codes, 0)}
	}
	failing := func(task string, code int) scenario {
		return scenario{name: task, args: []string{"run", task}, codes: []int{code}}
	}
	atTerminal := func(task string) scenario {
		return scenario{name: task, args: []string{"run", task}, codes: []int{0}, needsTerminal: true}
	}
	return []scenario{
		run("one"), failing("stubborn", 124), run("chain"), run("family"), failing("closing", 3), failing("again", 4), run("alone"),
		run("all"), run("away"), run("private"), run("passing"), run("looking", 125), run("inside"), atTerminal("console"), atTerminal("seat"),
		{name: "watch", args: []string{"watch", "one"}, codes: []int{0}, isEndless: true},
		// Cache is recreated.
		{name: "changed", args: []string{"run", "one"}, codes: []int{0}, env: []string{"LEVEL=other"}},
		{name: "once", args: []string{"once", "--rm", "web", "sleep", "0.3"}, codes: []int{0}},
	}
}

// scenarioOf finds a scenario by name.
func scenarioOf(name string) scenario {
	all := scenarios()
	return all[slices.IndexFunc(all, func(s scenario) bool { return s.name == name })]
}

// runDuration is the usual time of a run, with running services or with services to start. The times of faults are
// random within this time.
func runDuration(cold bool) time.Duration {
	if cold {
		return 3 * time.Second
	}
	return 1500 * time.Millisecond
}

package projects_test

import (
	"fmt"
	"maps"
	"slices"
)

// processGenerators generate the attributes of the process. The entrypoints and commands are harmless in a one-off.
func processGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "command", percent: 50, write: oneOf("true", `echo "two words" it\'s`, []any{"echo", "$$HOME", ""}, []any{}, "",
			[]any{"sh", "-c", "true; exit 3"}, `echo 'a b' \"c`)},
		{name: "entrypoint", percent: 20, write: oneOf("echo", "env 'A B=c d'", []any{"env"}, []any{}, []any{"echo", "-n"})},
		{name: "environment", percent: 50, write: writeAlways((*serviceGenerator).environment)},
		{name: "env_file", percent: 25, write: writeAlways((*serviceGenerator).envFiles)},
		{name: "user", percent: 20, write: oneOf("1000", "1000:1000", "app", "0", "app:root")},
		{name: "working_dir", percent: 20, write: oneOf("/tmp", "/home/app/", "/made/here", "/")},
		{name: "tty", percent: 15, write: oneOf(true, false, "true")},
		{name: "stdin_open", percent: 15, write: oneOf(true, false)},
		{name: "init", percent: 20, write: oneOf(true, false)},
		{name: "platform", percent: 10, write: oneOf("linux/@arch", "linux")},
		{name: "hostname", percent: 20, write: oneOf("front", "front.shop.example", "UPPER")},
		{name: "domainname", percent: 10, write: oneOf("shop.example")},
		{name: "stop_signal", percent: 20, write: oneOf("SIGINT", "USR1", "15", "SIGRTMIN+3")},
		{name: "stop_grace_period", percent: 20, write: oneOf("1s", "1m30s", "500ms", "2500ms", "0s", "1h")},
		{name: "restart", percent: 25, write: oneOf("no", "always", "unless-stopped", "on-failure", "on-failure:3", "on-failure:0")},
		{name: "container_name", percent: 10, excludes: []string{"scale", "deploy"},
			write: writeAlways(func(a *serviceGenerator) any { return fmt.Sprintf("@project-named.%d", a.nextNumber()) })},
	}
}

func (a *serviceGenerator) environment() any {
	values := map[string]any{}
	for range 1 + a.IntN(5) {
		values[a.word("PLAIN", "lower", "WITH.DOT", "SHELL_WORD", "UNSET_WORD", "HOME", "FROM_FILE", "IN_DOTENV",
			"EMPTY")] = a.choose(a.text(), a.text(), nil, 7, true, 1.5)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if values[key] == nil && a.happens(50) {
			values[key] = "" // a bare key takes the shell's value, or none
		}
	}
	return a.mapping(values)
}

func (a *serviceGenerator) envFiles() any {
	if a.happens(20) {
		return "one.env"
	}
	files := []any{"one.env", "./sub/two.env", map[string]any{"path": "one.env", "required": true},
		map[string]any{"path": "missing.env", "required": false}, map[string]any{"path": "raw.env", "format": "raw"}, "@dir/one.env"}
	return a.chooseSome(files...)
}

func labelGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "labels", percent: 40, write: writeAlways((*serviceGenerator).labels)},
		{name: "label_file", percent: 15, write: oneOf("one.labels", []any{"one.labels"}, []any{"one.labels", "./sub/two.labels"})},
	}
}

func (a *serviceGenerator) labels() any {
	values := map[string]any{}
	for range 1 + a.IntN(4) {
		values[a.word("team", "shop.example/tier", "of.file", "empty", "com.example.UPPER")] = a.choose(a.text(), a.text(), 7, true, "")
	}
	return a.mapping(values)
}

func healthGenerators() []attributeGenerator {
	return []attributeGenerator{{name: "healthcheck", percent: 35, write: writeAlways((*serviceGenerator).healthcheck)}}
}

func (a *serviceGenerator) healthcheck() any {
	if a.happens(10) {
		return map[string]any{"disable": true}
	}
	check := map[string]any{}
	if a.happens(85) {
		check["test"] = a.choose("true", "echo $$HOME | grep /", []any{"CMD", "true"}, []any{"CMD-SHELL", "true && true"}, []any{"NONE"})
	}
	for _, name := range []string{"interval", "timeout", "start_period"} {
		if a.happens(50) {
			check[name] = a.word("1s", "1m30s", "1500ms", "30s", "0s", "1h")
		}
	}
	if a.happens(50) {
		check["retries"] = a.choose(0, 1, 5, "3")
	}
	if check["start_period"] != nil && a.happens(30) {
		check["start_interval"] = "1s"
	}
	return check
}

// clientGenerators generate attributes that no container receives.
func clientGenerators() []attributeGenerator {
	return []attributeGenerator{
		{name: "attach", percent: 5, write: oneOf(true, false)},
		{name: "pull_policy", percent: 10, write: oneOf("missing", "never", "if_not_present")},
		{name: "profiles", percent: 10, write: oneOf([]any{"extra"}, []any{"other", "extra"})},
		{name: "scale", percent: 7, excludes: []string{"container_name", "deploy"}, write: oneOf(1, 2, "2")},
		{name: "depends_on", percent: 40, write: writeAlways((*serviceGenerator).dependsOn)},
		{name: "extends", percent: 15, excludes: []string{"network_mode"}, write: oneOf(
			map[string]any{"file": "base.yaml", "service": "measured"}, map[string]any{"file": "base.yaml", "service": "plain"},
			map[string]any{"service": "alpha"}, "alpha")},
		{name: "build", percent: 7, write: oneOf(".", map[string]any{"context": ".", "args": map[string]any{"A": "1"},
			"target": "final"})},
		{name: "use_api_socket", percent: 4, write: oneOf(true, false)},
		{name: "develop", percent: 7, write: oneOf(map[string]any{"watch": []any{map[string]any{"path": "./sub", "action": "sync",
			"target": "/here"}}})},
		{name: "post_start", percent: 7, write: writeAlways((*serviceGenerator).hooks)},
		{name: "pre_stop", percent: 7, write: writeAlways((*serviceGenerator).hooks)},
	}
}

// gateDependency makes a service wait for the gate, which never completes. So the container is created but never
// started.
func gateDependency() map[string]any {
	return map[string]any{"gate": map[string]any{"condition": "service_completed_successfully"}}
}

// dependsOn generates dependencies on the gate, or on services that depend on the gate.
func (a *serviceGenerator) dependsOn() any {
	if a.happens(40) {
		return a.chooseSome("alpha", "beta", "gamma")
	}
	on := gateDependency()
	for _, peer := range a.chooseSome("alpha", "beta", "gamma") {
		on[peer.(string)] = a.choose(
			map[string]any{"condition": "service_started"}, map[string]any{"condition": "service_started", "restart": true},
			map[string]any{"condition": "service_started", "required": false},
			map[string]any{"condition": "service_completed_successfully"})
	}
	return on
}

func (a *serviceGenerator) hooks() any {
	hook := map[string]any{"command": a.choose("true", []any{"echo", "two words"})}
	if a.happens(50) {
		hook["environment"] = a.mapping(map[string]any{"HOOK": a.text()})
	}
	if a.happens(30) {
		hook["user"] = "app"
	}
	if a.happens(30) {
		hook["working_dir"] = "/tmp"
	}
	return []any{hook}
}

package main

import (
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// The project that tasks belong to is named by the compose block, by Compose's own environment, or by flags, which win.
func TestWhichComposeProject(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    image: @image
    command: ["echo", "default file, ${WORD:-no word}"]
`, `task "say" { service = "web" }`)
	a.write("deploy/base.yaml", `
services:
  web:
    image: @image
    command: ["echo", "base, ${WORD:-no word}"]
    depends_on: [extra]
  extra:
    image: @image
    command: ["signals"]
    profiles: [more]
name: @project
`)
	a.write("deploy/over.yaml", "services:\n  web:\n    entrypoint: [\"echo\", \"over\"]\n    depends_on: !reset []\n    volumes: [\"./here:/here\"]\n")
	a.write("deploy/words.env", "WORD=from the file\n")
	a.write(".env", "WORD=from .env\n")

	expectEqual(t, "discovery and .env", a.ok("run", "say"), "default file, from .env\n")
	flags := []string{"--compose-file", "deploy/base.yaml", "--compose-file", "deploy/over.yaml", "--env-file", "deploy/words.env"}
	expectEqual(t, "flags", a.ok(append(flags, "run", "say")...), "over echo base, from the file\n")
	if plan := a.ok("--compose-file", "deploy/base.yaml", "--profile", "more", "plan", "say"); !strings.Contains(plan, "create  service  extra") {
		t.Errorf("with the profile:\n%s", plan)
	}
	if r := a.tasks("--compose-file", "deploy/base.yaml", "plan", "say"); r.code != 2 || !strings.Contains(r.stderr, "extra") {
		t.Errorf("without the profile of a service that is needed: %+v", r)
	}

	cmd := a.command("run", "say")
	cmd.Env = append(cmd.Env, "COMPOSE_FILE=deploy/base.yaml:deploy/over.yaml", "WORD=from the shell")
	if r := a.launch(cmd).wait(); r.stdout != "over echo base, from the shell\n" {
		t.Errorf("COMPOSE_FILE: %+v", r)
	}

	a.write("Tasks.hcl", "task \"say\" { service = \"web\" }\ncompose {\n  files     = [\"deploy/base.yaml\", \"deploy/over.yaml\"]\n  env_files = [\"deploy/words.env\"]\n}\n")
	expectEqual(t, "the compose block", a.ok("run", "say"), "over echo base, from the file\n")
	if _, err := a.engine.NetworkInspect(t.Context(), a.project+"_default", client.NetworkInspectOptions{}); err != nil {
		t.Errorf("the project's network: %v", err)
	}
}

//go:build unix

package services_test

import (
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// The project that tasks belong to is named by the compose block, by Compose's own environment, or by flags, which win.
func TestWhichComposeProject(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    image: @image
    command: ["echo", "default file, ${WORD:-no word}"]
`, `task "say" { service = "web" }`)
	a.Write("deploy/base.yaml", `
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
	a.Write("deploy/over.yaml", "services:\n  web:\n    entrypoint: [\"echo\", \"over\"]\n    depends_on: !reset []\n    volumes: [\"./here:/here\"]\n")
	a.Write("deploy/words.env", "WORD=from the file\n")
	a.Write(".env", "WORD=from .env\n")

	apptest.ExpectEqual(t, "discovery and .env", a.Ok("run", "say"), "default file, from .env\n")
	flags := []string{"--compose-file", "deploy/base.yaml", "--compose-file", "deploy/over.yaml", "--env-file", "deploy/words.env"}
	apptest.ExpectEqual(t, "flags", a.Ok(append(flags, "run", "say")...), "over echo base, from the file\n")
	if plan := a.Ok("--compose-file", "deploy/base.yaml", "--profile", "more", "plan", "say"); !strings.Contains(plan, "create  service  extra") {
		t.Errorf("with the profile:\n%s", plan)
	}
	if r := a.Tasks("--compose-file", "deploy/base.yaml", "plan", "say"); r.Code != 2 || !strings.Contains(r.Stderr, "extra") {
		t.Errorf("without the profile of a service that is needed: %+v", r)
	}

	cmd := a.Command("run", "say")
	cmd.Env = append(cmd.Env, "COMPOSE_FILE=deploy/base.yaml:deploy/over.yaml", "WORD=from the shell")
	if r := a.Launch(cmd).Wait(); r.Stdout != "over echo base, from the shell\n" {
		t.Errorf("COMPOSE_FILE: %+v", r)
	}

	a.Write("Tasks.hcl", "task \"say\" { service = \"web\" }\ncompose {\n  files     = [\"deploy/base.yaml\", \"deploy/over.yaml\"]\n  env_files = [\"deploy/words.env\"]\n}\n")
	apptest.ExpectEqual(t, "the compose block", a.Ok("run", "say"), "over echo base, from the file\n")
	if _, err := a.Engine.NetworkInspect(t.Context(), a.Project+"_default", client.NetworkInspectOptions{}); err != nil {
		t.Errorf("the project's network: %v", err)
	}
}

package projects_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"

	"tasks/internal/testing/composetest"
)

// Each hook writes its name and the service's values into a volume.
const withHooks = `
services:
  web:
    image: @image
    command: ["signals"]
    stop_grace_period: 1s
    user: "0"
    environment: {OF: service, BOTH: service}
    labels: {mine: x}
    volumes: ["log:/log"]
    networks: {default: {aliases: [www]}}
    pre_start:
      - {command: ["sh", "-c", "echo pre_start 0 $$OF $$BOTH in $$(pwd) >>/log/all"], environment: {BOTH: hook}, working_dir: /log}
      - {command: ["sh", "-c", "echo pre_start 1 $$OF $$BOTH >>/log/all"]}
    post_start:
      - {command: ["sh", "-c", "echo post_start 0 $$OF $$BOTH in $$(pwd) >>/log/all"], environment: {BOTH: hook}, working_dir: /log}
      - {command: ["sh", "-c", "echo post_start 1 >>/log/all"]}
    pre_stop:
      - {command: ["sh", "-c", "echo pre_stop 0 $$BOTH >>/log/all"], environment: {BOTH: hook}}
      - {command: ["sh", "-c", "echo pre_stop 1 $$BOTH >>/log/all"]}
  show:
    image: @image
    volumes: ["log:/log"]
    profiles: [never]
volumes:
  log: {}
`

// hooksOf starts and removes the service with a tool, and returns the output of the hooks.
func hooksOf(t *testing.T, k tool) []string {
	p := newProject(t, withHooks)
	p.Write("Tasks.hcl", "task \"all\" {\n  depends_on = [service.web.started]\n}\n")
	p.start(k)
	p.takeDown(k)
	return strings.Split(strings.TrimSpace(p.OK(tasks, "once", "--rm", "show", "cat", "/log/all")), "\n")
}

func (p *project) start(k tool) {
	p.T.Helper()
	if k == tasks {
		p.OK(tasks, "run", "all")
	} else {
		p.OK(k, "up", "-d")
	}
}

// takeDown passes the file to Compose. With only the project's name, Compose does not read the file and runs no hook.
func (p *project) takeDown(k tool) {
	p.T.Helper()
	if k == tasks {
		p.OK(tasks, "down")
	} else {
		p.OK(k, "-f", "compose.yaml", "down")
	}
}

func TestHooks(t *testing.T) {
	t.Parallel()
	ours, theirs := hooksOf(t, tasks), hooksOf(t, v5)
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) != 6 {
		t.Errorf("-Compose v5 +tasks:\n%s", diff)
	}
}

// Neither tool recreates the container of a service with hooks, whatever a hook takes from the service.
func TestHashOfHooks(t *testing.T) {
	t.Parallel()
	const files = "    env_file: [of.env]\n    label_file: [of.labels]\n    pre_start:"
	for name, compose := range map[string]string{
		"with pre_start":             withHooks,
		"with files for environment": strings.Replace(withHooks, "    pre_start:", files, 1),
		"without pre_start":          strings.Replace(withHooks, "pre_start:", "x-none:", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, compose)
			p.Write("of.env", "FROM_FILE=1\n")
			p.Write("of.labels", "from.file=1\n")
			p.Write("Tasks.hcl", "task \"all\" {\n  depends_on = [service.web.started]\n}\n")
			before := p.upAndExpectRecreated(v5, map[string]string{}, "web-1", "network default")
			p.upAndExpectRecreated(tasks, before)
			p.upAndExpectRecreated(v5, before)
		})
	}
}

// Both tools keep the container of a failed pre_start hook, under the same name and with the same labels.
func TestFailedHook(t *testing.T) {
	t.Parallel()
	failing := strings.Replace(withHooks, "pre_start 1 $$OF", "pre_start 1; exit 3", 1)
	kept := map[tool]container.Summary{}
	p := newProject(t, failing)
	p.Write("Tasks.hcl", "task \"all\" {\n  depends_on = [service.web.started]\n}\n")
	for _, k := range []tool{v5, tasks} {
		args := map[tool][]string{v5: {"up", "-d"}, tasks: {"run", "all"}}[k]
		if r := p.Run(k, args...); r.Code == 0 {
			t.Fatalf("%s did not fail: %+v", k, r)
		}
		for _, c := range p.Containers() {
			if c.Labels["com.docker.compose.hook"] != "" {
				kept[k] = c
			}
		}
	}
	ours, theirs := kept[tasks], kept[v5]
	if composetest.NameOf(ours) != composetest.NameOf(theirs) || ours.ID == theirs.ID || ours.ID == "" {
		t.Errorf("%s kept by tasks, %s by Compose v5", composetest.NameOf(ours), composetest.NameOf(theirs))
	}
	for _, c := range kept {
		maps.DeleteFunc(c.Labels, func(name, _ string) bool { return name == "com.docker.compose.version" })
	}
	if diff := cmp.Diff(theirs.Labels, ours.Labels); diff != "" {
		t.Errorf("labels: -Compose v5 +tasks:\n%s", diff)
	}
	networks := func(c container.Summary) []string { return slices.Sorted(maps.Keys(c.NetworkSettings.Networks)) }
	if diff := cmp.Diff(networks(theirs), networks(ours)); diff != "" {
		t.Errorf("networks: -Compose v5 +tasks:\n%s", diff)
	}
	p.OK(v5, "down")
	if left := p.Containers(); len(left) > 0 {
		t.Errorf("Compose v5 left %s", composetest.NameOf(left[0]))
	}
}

// A hook with attributes of its own, under a service with other values of the same attributes. The hook fails, so its
// container stays. Another service uses the network of the hook: Compose v5.6 drops networks that only hooks use.
const withWholeHook = `
services:
  other: {image: @image, command: ["true"], networks: [back]}
  web:
    image: @image
    command: ["signals"]
    stop_grace_period: 0s
    user: "0"
    environment: {OF: service, BOTH: service}
    labels: {mine: x, both: service}
    cap_add: [NET_ADMIN]
    cap_drop: [MKNOD]
    mem_limit: 64m
    ulimits: {nofile: {soft: 100, hard: 200}, nproc: 50}
    sysctls: {net.core.somaxconn: "256"}
    dns: [192.0.2.1]
    extra_hosts: ["a.example:192.0.2.2"]
    init: true
    hostname: front
    tmpfs: [/t1]
    healthcheck: {test: "true"}
    ports: ["80"]
    restart: always
    volumes: ["log:/log", "/anonymous"]
    networks: {default: {aliases: [www]}}
    secrets: [key]
    pre_start:
      - command: ["sh", "-c", "exit 3"]
        environment: {BOTH: hook, OWN: hook}
        labels: {both: hook}
        cap_add: [SYS_TIME]
        mem_limit: 32m
        ulimits: {nofile: {soft: 150, hard: 200}}
        sysctls: [net.ipv4.ip_forward=1]
        dns: [192.0.2.3]
        extra_hosts: ["b.example:192.0.2.4"]
        tmpfs: [/t2]
        read_only: true
        working_dir: /log
        networks: {default: {aliases: [hook]}, back: {}}
        volumes: ["log:/more:ro", "./secret.txt:/file"]
        stop_signal: SIGINT
        shm_size: 1m
networks: {back: {}}
volumes: {log: {}}
secrets: {key: {file: ./secret.txt}}
`

// The container of a hook has the same configuration with both tools.
func TestWholeHook(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	p := newProject(t, withWholeHook)
	p.Write("secret.txt", "secret\n")
	p.Write("Tasks.hcl", "task \"all\" {\n  depends_on = [service.web.started]\n}\n")
	hooks := map[tool]fields{}
	for k, args := range map[tool][]string{v5: {"up", "-d"}, tasks: {"run", "all"}} {
		if r := p.Run(k, args...); r.Code == 0 {
			t.Fatalf("%s did not fail: %+v", k, r)
		}
		for _, c := range p.Containers() {
			if c.Labels["com.docker.compose.hook"] != "" {
				hooks[k] = p.Inspect(c.ID)
				delete(hooks[k], "Config.Labels.com.docker.compose.version")
			}
		}
		p.Remove()
	}
	for path, value := range hooks[v5] {
		if strings.HasSuffix(path, ".Aliases") { // Compose v5 takes another name than that of the container
			hooks[v5][path] = strings.Replace(value, "<project>-web-0 ", "<project>-web-pre_start-0 ", 1)
		}
	}
	if diff := cmp.Diff(hooks[v5], hooks[tasks]); diff != "" || len(hooks[v5]) < 20 {
		t.Errorf("-Compose v5 +tasks:\n%s", diff)
	}
}

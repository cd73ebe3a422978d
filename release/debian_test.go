package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBareDebian: on a Debian with nothing but an engine, three commands lead to the first task of one's own. The system is a
// container of the engine, with the engine's socket.
func TestBareDebian(t *testing.T) {
	socket := engineSocket(t)
	r := requireRelease(t)
	if out, err := exec.Command("../examples/base-image.sh").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	deb := openFile(t, r, ".deb").Name()
	project := fmt.Sprintf("tasks-deb-%d", os.Getpid())
	t.Cleanup(func() { expectNothingLeft(t, project) })
	container := project + "-system"
	docker(t, "create", "--name", container, "--volume", socket+":/var/run/docker.sock",
		"--workdir", "/"+project, "debian:bookworm-slim", "sleep", "infinity")
	t.Cleanup(func() { docker(t, "rm", "--force", "--volumes", container) })
	files := t.TempDir()
	writeProject(t, filepath.Join(files, project), deb)
	docker(t, "cp", filepath.Join(files, project), container+":/")
	docker(t, "start", container)
	inside := func(command string) string { return docker(t, "exec", container, "sh", "-ec", command) }

	inside("dpkg -i tasks.deb")
	inside("tasks init")
	out := inside("tasks run start")
	t.Cleanup(func() { inside("tasks down --yes") })

	if names := docker(t, "ps", "--filter", "label=com.docker.compose.service=app", "--filter", "label=com.docker.compose.project="+
		project, "--format", "{{.Names}}"); names != project+"-app-1\n" {
		t.Errorf("%q runs\n%s", names, out)
	}
	if list := inside("tasks list"); !strings.Contains(list, "start") {
		t.Error(list)
	}
	expectDebianFiles(t, inside)
	inside("dpkg --verify tasks && dpkg -r tasks && ! command -v tasks && dpkg -i tasks.deb")
}

// writeProject writes a project of Compose without a Tasks.hcl, and the package beside.
func writeProject(t *testing.T, dir, deb string) {
	t.Helper()
	const compose = "services:\n  app:\n    image: debian:bookworm-slim\n    command: [sleep, infinity]\n    init: true\n"
	content, err := os.ReadFile(deb)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"compose.yaml": []byte(compose), "tasks.deb": content} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// expectDebianFiles: the completions are at their places, and man finds the pages. The container has no man, so the man of this
// machine reads the page.
func expectDebianFiles(t *testing.T, inside func(string) string) {
	t.Helper()
	installed := inside("dpkg -L tasks")
	for _, want := range []string{
		"/usr/share/bash-completion/completions/tasks", "/usr/share/zsh/vendor-completions/_tasks",
		"/usr/share/fish/vendor_completions.d/tasks.fish", "/usr/share/man/man1/tasks-run.1.gz", "/usr/share/doc/tasks/copyright",
	} {
		if !strings.Contains(installed, want+"\n") {
			t.Errorf("%s is missing\n%s", want, installed)
		}
	}
	if out := inside("bash -c '. /usr/share/bash-completion/completions/tasks && complete -p tasks'"); !strings.Contains(out, "tasks") {
		t.Error(out)
	}
	man, err := exec.LookPath("man")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED, NOT TESTED: there is no man: apt-get install man-db")
	}
	dir := t.TempDir()
	page := inside("cat /usr/share/man/man1/tasks-run.1.gz")
	path := filepath.Join(dir, "man1", "tasks-run.1.gz")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(man, "-M", dir, "-w", "tasks-run").Output(); err != nil || string(out) != path+"\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// engineSocket returns the socket of a local engine. Without an engine the test is skipped, and fails in CI.
func engineSocket(t *testing.T) string {
	t.Helper()
	socket, isLocal := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://")
	if !isLocal {
		socket = "/var/run/docker.sock"
	}
	if out, err := exec.Command("docker", "version").CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Skipf("SKIPPED, NOT TESTED: there is no engine: %v", err)
	}
	return socket
}

// docker returns the output of a command of docker.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := output(exec.Command("docker", args...))
	if err != nil {
		t.Fatal(err)
	}
	if out != "" {
		out += "\n"
	}
	return out
}

// expectNothingLeft: the engine has no container, network or volume of the project.
func expectNothingLeft(t *testing.T, project string) {
	t.Helper()
	filter := "label=com.docker.compose.project=" + project
	for _, list := range [][]string{
		{"ps", "--all", "--format", "{{.Names}}"}, {"network", "ls", "--format", "{{.Name}}"}, {"volume", "ls", "--format", "{{.Name}}"},
	} {
		if left := docker(t, append(list, "--filter", filter)...); left != "" {
			t.Errorf("left in the engine: %s", left)
		}
	}
}

package composetest

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Tool is a program that makes one-offs: a Compose, or tasks itself.
type Tool string

// The tools of the tests.
const (
	V1    Tool = "docker-compose 1.29"
	V2    Tool = "Compose v2"
	V5    Tool = "Compose v5"
	Tasks Tool = "tasks"
)

// Program finds a tool. Without the tool, the test fails if CI is set, and is otherwise skipped with a reason.
func (k Tool) Program(t *testing.T) string {
	t.Helper()
	path, how := k.locate()
	if path != "" {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing, and CI is set: %s", k, how)
	}
	t.Skipf("SKIPPED, NOT TESTED: %s is missing: %s", k, how)
	return ""
}

// locate returns a path, or an instruction for the installation.
func (k Tool) locate() (path, hint string) {
	switch k {
	case V1:
		return debianCompose(), "run .ci/peers, or name the program in TASKS_COMPOSE_V1"
	case V2:
		return findProgram("TASKS_COMPOSE_V2", "docker-compose-v2"), "run .ci/peers, or name the program in TASKS_COMPOSE_V2"
	case V5:
		return findProgram("TASKS_COMPOSE_V5", "docker-compose-v5"), "run .ci/peers, or name the program in TASKS_COMPOSE_V5"
	default:
		return onPath("tasks"), "Main has not compiled it"
	}
}

// findProgram looks in the environment, then in the folder of .ci/peers, then on PATH.
func findProgram(variable, name string) string {
	if path := os.Getenv(variable); path != "" {
		return path
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if path := filepath.Join(cache, "tasks-peers", name); isProgram(path) {
			return path
		}
	}
	return onPath(name)
}

// debianCompose rejects a newer Compose under the name docker-compose.
func debianCompose() string {
	path := cmp.Or(os.Getenv("TASKS_COMPOSE_V1"), onPath("docker-compose"))
	if path == "" {
		return ""
	}
	version, err := exec.Command(path, "version", "--short").Output()
	if err != nil || !strings.HasPrefix(string(version), "1.") {
		return ""
	}
	return path
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func onPath(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

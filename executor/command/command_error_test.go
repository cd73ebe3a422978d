package command

import (
	"errors"
	"testing"

	"tasks/hclspec"
)

// TestCommandError: the engine's words become the program with the reason. Flags behind the service of `tasks once` have a
// remedy.
func TestCommandError(t *testing.T) {
	const prefix = "start container 2f65: failed to create task for container: failed to create shim task: OCI runtime create " +
		"failed: runc create failed: unable to start container process: "
	once := &hclspec.Task{Service: "web", IsOnce: true, Command: []string{"--rm", "sh"}}
	for name, test := range map[string]struct {
		task        *hclspec.Task
		code        int
		cause, want string
	}{
		"flag": {once, 127, prefix + `exec: "--rm": executable file not found in $PATH: unknown`,
			`"--rm" is not in the image: flags go before the service: tasks once --rm web sh`},
		"missing": {&hclspec.Task{}, 127, prefix + `exec: "nope": executable file not found in $PATH: unknown`,
			`"nope" is not in the image (executable file not found in $PATH)`},
		"path": {&hclspec.Task{}, 127, prefix + `exec: "/nope": stat /nope: no such file or directory: unknown`,
			`"/nope" is not in the image (no such file or directory)`},
		"mode": {&hclspec.Task{}, 126, prefix + `exec: "/etc/passwd": permission denied: unknown`,
			`"/etc/passwd" is not executable in the image (permission denied)`},
		"other words": {&hclspec.Task{}, 127, "no such thing", "the command is not in the image: no such thing"},
	} {
		if got := commandError(test.task, test.code, errors.New(test.cause)).Error(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

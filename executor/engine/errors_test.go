package engine

import "testing"

// A message of the engine about a container at its end is noise. A message about the command is none, nor is a word of
// the command itself.
func TestEngineNoise(t *testing.T) {
	id := "337430f89e23"
	for output, want := range map[string]bool{
		"OCI runtime exec failed: exec failed: unable to start container process: error writing config to pipe: write init-p: broken pipe: unknown": true,
		"cannot exec in a deleted state: unknown":     true,
		"cannot exec in a stopped state: unknown\r\n": true,
		"cannot exec in a paused state":               true,
		"OCI runtime exec failed: exec failed: container_linux.go:380: starting container process caused: process_linux.go:130: executing setns process caused: exit status 1: unknown": true,
		"OCI runtime exec failed: exec failed: cannot exec in a stopped container: unknown":                                                                                             true,
		"OCI runtime exec failed: exec failed: unable to start container process: read init-p: connection reset by peer":                                                                true,
		"FailedPrecondition: init process is not running":                                                                                                                               true,
		"Container " + id + " is not running": true,
		"Error response from daemon: Container " + id + " is restarting, wait until the container is running": true,
		"task " + id + " not found: not found":             true,
		"no running task found: task " + id + " not found": true,
		"ttrpc: closed: unknown":                           true,
		`OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown`:                         false,
		`OCI runtime exec failed: exec failed: unable to start container process: exec: "/etc": permission denied: unknown`:                                          false,
		`OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd ("/x") set in config.json failed: no such file or directory: unknown`: false,
		"unable to find user me: no matching entries in passwd file":                                                                                                 false,
		"OCI runtime exec failed: crun: executable file `x` not found":                                                                                               false,
		"container db is not running": false,
		"postgres is not running":     false,
		"broken pipe":                 false,
		"the task queue is not found": false,
		"":                            false,
	} {
		if got := IsEngineNoise(output); got != want {
			t.Errorf("%q: %t", output, got)
		}
	}
}

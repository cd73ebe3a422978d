package command

import (
	"errors"
	"io"
	"testing"

	"tasks/executor/engine"
	"tasks/hclspec"
)

// TestCommandError: flags behind the service of `tasks once` have a remedy. Other rejections keep their words, also if the
// engine counts them as a missing command.
func TestCommandError(t *testing.T) {
	once := &hclspec.Task{Service: "web", IsOnce: true, Command: []string{"--rm", "sh"}}
	rejection := func(program, fact string) error {
		return &engine.Rejection{Program: program, Fact: fact, Err: errors.New("raw")}
	}
	for name, test := range map[string]struct {
		task  *hclspec.Task
		code  int
		cause error
		want  string
	}{
		"flag": {once, 127, rejection("--rm", "x"), `"--rm" is not in the image: flags go before the service: tasks once --rm web sh`},
		"flag of a task": {&hclspec.Task{}, 127, rejection("--rm", `"--rm" is not in the image (executable file not found in $PATH)`),
			`"--rm" is not in the image (executable file not found in $PATH)`},
		"a sysctl":    {&hclspec.Task{}, 127, rejection("", "no sysctl"), "no sysctl"},
		"other words": {&hclspec.Task{}, 127, errors.New("no such thing"), "the command is not in the image: no such thing"},
		"mode":        {&hclspec.Task{}, 126, errors.New("no"), "the command is not executable in the image: no"},
	} {
		if got := commandError(test.task, test.code, test.cause).Error(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestExitReasonOfRuntime: the runtime's message, if it is the whole output, explains the exit code.
func TestExitReasonOfRuntime(t *testing.T) {
	const foreign = "the program /f is not for the platform of the engine, or lacks a first line such as #!/bin/sh"
	for output, want := range map[string]string{
		"exec /f: exec format error\n": foreign,
		"exec /f: exec format error":   foreign,
		"standard_init_linux.go:228: exec user process caused: exec format error\n": "the program is not for the platform of the engine, " +
			"or lacks a first line such as #!/bin/sh",
		"exec /f: no such file or directory\n":   "the interpreter of the program /f is not in the image",
		"one\nexec /f: exec format error\n":      "",
		"exec /f: exec format error\nand more\n": "",
		"sh: exec: line 1: /f: not found\n":      "",
		"":                                       "",
	} {
		start := newOutputStart()
		for _, part := range []string{output[:len(output)/2], output[len(output)/2:]} {
			if n, err := start.of(io.Discard).Write([]byte(part)); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got := start.exitReason(); got != want {
			t.Errorf("%q: %q, want %q", output, got, want)
		}
	}
}

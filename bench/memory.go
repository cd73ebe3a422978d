package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
)

// memoryCommand is the first argument of this program to report the peak memory of another program.
const memoryCommand = "weigh"

// memory runs the command again, as a child of a fresh copy of this program. On Linux, a process's peak includes the
// size of its parent at the start, and the measuring process has grown.
func (c command) memory(ctx context.Context) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{memoryCommand}, c.argv...)...)
	cmd.Dir, cmd.Env = c.dir, append(environment(os.Environ()), c.env...)
	printed, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("asking for the memory of %s: %w", c.argv[0], err)
	}
	return strconv.ParseInt(string(printed), 10, 64)
}

// runForMemory runs a command, discards the output, and prints the peak memory in bytes, or 0 if the system has no
// figure.
func runForMemory(ctx context.Context, argv []string, out io.Writer) error {
	if len(argv) == 0 {
		return errors.New("there is no command to run")
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", argv[0], err)
	}
	_, err := fmt.Fprint(out, peak(cmd.ProcessState))
	return err
}

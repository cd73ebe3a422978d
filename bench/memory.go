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

// memoryCommand is the first word of a call of this program that says how much memory another one has in use at the most.
const memoryCommand = "weigh"

// memory runs the command once more, below a copy of this program that has done nothing yet: on Linux the system counts a
// process's parent as it was when it started it, too, and the measuring process has grown.
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

// runForMemory runs a command, throws away what it prints, and prints how many bytes of memory it had in use at the most; 0 where
// the system does not tell.
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

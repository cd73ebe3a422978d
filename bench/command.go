package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// stopGrace is the time for an interrupted tool to clean up, before SIGKILL.
const stopGrace = 10 * time.Second

// command is a call of a tool to measure.
type command struct {
	argv []string
	dir  string
	env  []string // added to the cleaned environment
	// want is a text that the output must contain. A tool without output may have done nothing.
	want string
}

// run is a [runner]. Standard input is empty. The output is a pipe, as in a CI system.
func (c command) run(ctx context.Context) (sample, error) {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Env = c.dir, append(environment(os.Environ()), c.env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopGrace
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err == nil && !strings.Contains(output.String(), c.want) {
		err = fmt.Errorf("its output lacks %q", c.want)
	}
	if err != nil {
		return sample{}, c.failureError(err, output.String())
	}
	return sample{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// measureTimeout limits a single measurement. The time of some tools grows with the square of the input.
const measureTimeout = 10 * time.Second

// runLimited runs the command once, uncounted, and stops a run that is too slow to measure.
func (c command) runLimited(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, measureTimeout)
	defer cancel()
	_, err := c.run(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%s has not ended within %s", strings.Join(c.argv, " "), measureTimeout)
	}
	return err
}

func (c command) failureError(err error, output string) error {
	err = fmt.Errorf("%s: %w", strings.Join(c.argv, " "), err)
	if output = strings.TrimSpace(output); output == "" {
		return err
	}
	lines := strings.Split(output, "\n")
	return fmt.Errorf("%w: %s", err, strings.Join(lines[max(0, len(lines)-3):], "; "))
}

// environment removes variables that lead a tool to other files or projects than the generated ones.
func environment(environ []string) []string {
	var kept []string
	for _, e := range environ {
		if !strings.HasPrefix(e, "COMPOSE_") && !strings.HasPrefix(e, "TASKS_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// timed makes a runner of a function in this process.
func timed(do func(context.Context) error) runner {
	return func(ctx context.Context) (sample, error) {
		before, told := ownCPU()
		start := time.Now()
		if err := do(ctx); err != nil {
			return sample{}, err
		}
		took := time.Since(start)
		after, _ := ownCPU()
		if !told {
			return sample{wall: took}, nil
		}
		return sample{took, after - before}, nil
	}
}

// output runs a tool of the harness, such as git, and returns the output.
func output(ctx context.Context, argv ...string) (string, error) {
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, bytes.TrimSpace(exit.Stderr))
	}
	return strings.TrimSpace(string(out)), err
}

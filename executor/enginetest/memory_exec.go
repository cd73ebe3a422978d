package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"tasks/executor/engine"
	"tasks/internal/holder"
)

// probe is the container's healthcheck: the service's own, or one that its environment implies.
func (c *memoryContainer) probe() *engine.Probe {
	h := c.spec.Service.HealthCheck
	if h != nil && h.Disable {
		return nil
	}
	p := &engine.Probe{Command: []string{"healthcheck"}, Timeout: 30 * time.Second, Interval: 30 * time.Second, Retries: 3}
	if !hasProbe(h) {
		if c.behaviour.healthy == never && c.behaviour.unhealthy == never {
			return nil
		}
		return p
	}
	p.Command = slices.Clone([]string(h.Test[1:]))
	if h.Test[0] == "CMD-SHELL" {
		p.Command = append([]string{"/bin/sh", "-c"}, p.Command...)
	}
	if h.Interval != nil {
		p.Interval = time.Duration(*h.Interval)
	}
	if h.Timeout != nil {
		p.Timeout = time.Duration(*h.Timeout)
	}
	if h.StartPeriod != nil {
		p.StartPeriod = time.Duration(*h.StartPeriod)
	}
	if h.Retries != nil {
		p.Retries = int(*h.Retries)
	}
	return p
}

// Exec implements [engine.Engine]. It knows the container's healthcheck, echo, exit, sleep, true and false; of `sh -c`
// it knows one of these with plain words and variables, and >&2 after them.
func (m *Memory) Exec(ctx context.Context, id string, cmd engine.ExecCommand) (engine.ExecResult, error) {
	var target *memoryContainer
	var p *process
	err := m.withContainer(ctx, "Exec", id, func(c *memoryContainer) error {
		if c.state != running {
			return conflict("container %s is not running", c.spec.Name)
		}
		target, p = c, c.process
		return nil
	})
	if err != nil {
		return engine.ExecResult{}, err
	}
	result, takes := target.execResult(p, cmd)
	if err := waitFault(ctx, nil, takes); err != nil {
		return engine.ExecResult{}, err
	}
	select {
	case <-p.ended:
		return engine.ExecResult{ExitCode: 137, Output: result.Output}, nil
	default:
		return result, nil
	}
}

// execResult is what a command would do, and how long it would take.
func (c *memoryContainer) execResult(p *process, cmd engine.ExecCommand) (engine.ExecResult, time.Duration) {
	command, duration := cmd.Command, c.behaviour.execDelay
	if slices.Equal(command, holder.RemoveCommand()) {
		return engine.ExecResult{ExitCode: c.behaviour.holderFail}, duration
	}
	if probe := c.probe(); probe != nil && slices.Equal(probe.Command, command) {
		ready := c.behaviour.probeOK
		if time.Since(p.startedAt)+duration >= ready {
			return engine.ExecResult{Output: "ok"}, duration
		}
		return engine.ExecResult{ExitCode: 1, Output: "not yet"}, duration
	}
	isStderr := false
	if len(command) == 3 && command[1] == "-c" {
		environment := []envReader{{env: cmd.Env}, {env: c.spec.Service.Environment}}
		command = strings.Fields(os.Expand(command[2], func(name string) string {
			return cmp.Or(environment[0].text(name), environment[1].text(name))
		}))
		isStderr = len(command) > 0 && command[len(command)-1] == ">&2"
	}
	if isStderr {
		command = command[:len(command)-1]
	}
	result, longer := builtin(command)
	if isStderr {
		result.Stderr = result.Output
	}
	return result, duration + longer
}

func builtin(command []string) (engine.ExecResult, time.Duration) {
	argument := strings.Join(command[min(1, len(command)):], " ")
	switch firstOf(command, "") {
	case "true", "healthcheck":
		return engine.ExecResult{}, 0
	case "false":
		return engine.ExecResult{ExitCode: 1}, 0
	case "echo":
		return engine.ExecResult{Output: argument + "\n"}, 0
	case "exit":
		code, _ := strconv.Atoi(argument)
		return engine.ExecResult{ExitCode: code}, 0
	case "sleep":
		seconds, _ := strconv.ParseFloat(argument, 64)
		return engine.ExecResult{}, time.Duration(seconds * float64(time.Second))
	}
	output := fmt.Sprintf("OCI runtime exec failed: exec: %q: executable file not found in $PATH: unknown\r\n", firstOf(command, ""))
	return engine.ExecResult{ExitCode: 126, Output: output}, 0
}

// Logs implements [engine.Engine].
func (m *Memory) Logs(ctx context.Context, id string, lines int) (text string, err error) {
	err = m.withContainer(ctx, "Logs", id, func(c *memoryContainer) error {
		all := strings.SplitAfter(string(c.log[c.logStart:]), "\n")
		if all[len(all)-1] == "" {
			all = all[:len(all)-1]
		}
		text = strings.Join(all[max(0, len(all)-lines):], "")
		return nil
	})
	return text, err
}

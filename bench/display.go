package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/creack/pty"
)

// The run with the live display: services that become healthy after a time, beside tasks of the same duration.
const (
	displayServices = 14
	displayTasks    = 4
	displayTime     = 10 * time.Second
	// displayInterval is the interval of the healthchecks: fewer failures than an unhealthy service has.
	displayInterval = 5 * time.Second
	// displayPairs is small, because each run takes longer than displayTime.
	displayPairs = 5
)

// display measures the processor time of a run with the live display, and of the same run in a pipe, as a share of one
// core.
func (b *bench) display(ctx context.Context) ([]table, error) {
	dir, err := b.writeDisplay()
	if err != nil {
		return nil, err
	}
	oneCore := func(context.Context) (sample, error) { return sample{wall: displayTime, cpu: displayTime}, nil }
	var contestants []competitor
	for _, isAtTerminal := range []bool{true, false} {
		project := b.newProject("display")
		run := command{argv: []string{b.tasks, "run", targetTask}, dir: dir, env: []string{"COMPOSE_PROJECT_NAME=" + project}}
		c := competitor{name: "tasks run, in a pipe", isOwn: true, base: oneCore, run: b.thenRemove(project, run.run)}
		if isAtTerminal {
			c.name, c.run = "tasks run, at a terminal of 40 rows", b.thenRemove(project, run.runAtTerminal)
		}
		c.finish = func(ctx context.Context) (string, error) { return "", b.remove(ctx, project) }
		contestants = append(contestants, c)
	}
	rows, err := b.runContest(ctx, "display", min(b.options.pairs, displayPairs), contestants)
	return []table{{
		title: fmt.Sprintf("The live display of %d services and %d tasks: processor time", displayServices, displayTasks),
		base:  "one core", rows: rows, metric: cpu,
		how: fmt.Sprintf("Each run starts the services, waits %s until they are healthy, and runs the tasks beside. The base is the time of one core "+
			"during the wait. The difference of the rows is the display; `tasks` aims at less than 0.02 ×.", displayTime),
	}}, err
}

// writeDisplay writes the project, and returns the directory.
func (b *bench) writeDisplay() (string, error) {
	var list []service
	for i := range displayServices {
		list = append(list, service{
			name: fmt.Sprintf("s%02d", i), command: []string{"serve", "-tcp", ":5432", "-after", displayTime.String()},
			interval: displayInterval,
		})
	}
	compose, err := composeJSON(definitions(list, b.engine.image))
	if err != nil {
		return "", err
	}
	var tasks, needs strings.Builder
	for i := range displayTasks {
		fmt.Fprintf(&tasks, "task \"t%d\" {\n  command = [\"sleep\", \"%d\"]\n}\n", i, int(displayTime.Seconds()))
		fmt.Fprintf(&needs, ", task.t%d", i)
	}
	group := strings.Replace(allServicesTask(list), "]", needs.String()+"]", 1)
	dir := filepath.Join(b.dir, "display")
	return dir, writeFiles(dir, map[string]string{"compose.yaml": string(compose), "Tasks.hcl": tasks.String() + group})
}

// runAtTerminal is run with a terminal for all streams.
func (c command) runAtTerminal(ctx context.Context) (sample, error) {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Env = c.dir, append(append(environment(os.Environ()), c.env...), "TERM=xterm-256color")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopGrace
	start := time.Now()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		return sample{}, c.failureError(err, "")
	}
	defer terminal.Close()
	var output bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&output, terminal) // a terminal without a process gives an error
	}()
	err = cmd.Wait()
	took := time.Since(start)
	<-read
	if err == nil && !strings.Contains(output.String(), " waiting ") {
		err = fmt.Errorf("the terminal has shown no display")
	}
	if err != nil {
		return sample{}, c.failureError(err, output.String())
	}
	return sample{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

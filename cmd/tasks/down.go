package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/spf13/cobra"

	"tasks/executor"
	"tasks/executor/docker"
	"tasks/internal/composeproject"
	"tasks/internal/terminal"
	"tasks/planner"
)

func newDownCommand(a *app) *cobra.Command {
	var volumes bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Remove the project's containers, one-offs too, and its networks",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.checkFlags(); err != nil {
				return err
			}
			return a.down(volumes, a.flags.yes)
		},
	}
	cmd.Flags().BoolVar(&volumes, "volumes", false, "remove the project's volumes, with their data")
	return cmd
}

// down is `tasks down`. It goes by the labels on the engine, so that it also removes what the compose file has lost.
func (a *app) down(volumes, yes bool) error {
	return untilSignal(func(ctx context.Context) error { return a.takeDown(ctx, volumes, yes) })
}

func (a *app) takeDown(ctx context.Context, volumes, yes bool) error {
	engine, ws, project, err := a.engineAndProject()
	if err != nil {
		return err
	}
	a.tellForeign(ws.inputs.Root)
	a.endExecs(ctx, a.endOrphans(ws.inputs.Root))
	notes := a.containerNotes(ws.inputs.Root)
	noted := notes.read()
	query := planner.Query{Project: project.Name(), Original: project.Name(), Owned: true, Nameless: true}
	observed, err := notes.snapshot(ctx, engine, query, noted, true)
	if err != nil {
		return err
	}
	t := planner.Down(observed, project.Name(), volumes)
	t.KeepDeclared(project)
	t.Spare(ownersWith(noted), observed.Taken)
	inUse := a.leasesOf(ws.inputs.Root).heldByOthers(t.Leased)
	for _, question := range questions(t, inUse) {
		if err := a.confirm(question, yes); err != nil {
			return err
		}
	}
	err = executor.Down(ctx, engine, t, executor.Downing{
		PreStop: func(c *planner.ObservedContainer) []types.ServiceHook { return planner.PreStopHooks(project, c) },
		Removed: func(kind, name string) { fmt.Fprintf(a.stderr, "%s %s  removed\n", kind, name) },
		Warned:  func(text string) { fmt.Fprintf(a.stderr, "warning: %s\n", text) },
	})
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	if len(t.Waves) == 0 && len(t.Networks) == 0 && len(t.Volumes) == 0 {
		fmt.Fprintf(a.stderr, "project %s: nothing to remove\n", project.Name())
	}
	return nil
}

func (a *app) engineAndProject() (*docker.Engine, *workspace, *composeproject.Project, error) {
	ws, err := a.openProject()
	if err != nil {
		return nil, nil, nil, err
	}
	project, err := ws.project()
	if err != nil {
		return nil, nil, nil, asUsage(err)
	}
	engine, err := a.connect()
	return engine, ws, project, err
}

// questions are what a person must agree to: what other runs use, and data.
func questions(t planner.Teardown, inUse []string) []string {
	var all []string
	for _, c := range t.Living {
		all = append(all, questionOf(c))
	}
	if len(inUse) > 0 {
		all = append(all, "a run under way uses "+strings.Join(inUse, ", ")+": remove it all the same?")
	}
	for _, p := range t.Private {
		all = append(all, fmt.Sprintf("private project %s belongs to a run%s: remove it?", p.Name, processOf(p.Owner)))
	}
	for _, v := range t.Volumes {
		if v.Labels[planner.LabelOf] != "" {
			continue // it goes with its private project
		}
		all = append(all, fmt.Sprintf("volume %s holds data: remove it?", v.Name))
	}
	return all
}

func questionOf(c *planner.ObservedContainer) string {
	switch {
	case planner.Transient(c.Labels):
		return fmt.Sprintf("container %s goes with the last run that uses it, and one may: remove it?", c.Name)
	case c.State == "created":
		return fmt.Sprintf("one-off %s (%s) is about to be started: remove it?", c.Name, holderOf(c))
	}
	return fmt.Sprintf("one-off %s (%s) is %s: remove it?", c.Name, holderOf(c), c.State)
}

// confirm asks at a terminal. Without one, --yes is the only answer.
func (a *app) confirm(question string, yes bool) error {
	if err := a.agreed(question, yes); err != nil {
		return &exitError{code: codeRunFailed, err: fmt.Errorf("%w. Nothing was removed", err)}
	}
	return nil
}

// agreed asks at a terminal. Only the line of the answer is read: what follows may be for a command.
func (a *app) agreed(question string, yes bool) error {
	if yes {
		return nil
	}
	if !terminal.New(a.stdin, a.stderr).IsTerminal() {
		return &exitError{code: codeRunFailed, err: fmt.Errorf("%s Answer with --yes; there is no terminal to ask at", question)}
	}
	fmt.Fprint(a.err(), question+" [y/N] ")
	line, _ := readLine(a.stdin)
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return &exitError{code: codeRunFailed, err: errors.New("not confirmed")}
}

// readLine reads up to a newline, or the end, and nothing beyond it. It is whole where the newline came.
func readLine(in io.Reader) (text string, whole bool) {
	var line strings.Builder
	char := make([]byte, 1)
	for {
		if n, err := in.Read(char); n == 0 || err != nil || char[0] == '\n' {
			return line.String(), n > 0 && err == nil
		}
		line.Write(char)
	}
}

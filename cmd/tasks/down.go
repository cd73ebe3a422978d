package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/spf13/cobra"

	"tasks/executor/release"
	"tasks/executor/docker"
	"tasks/internal/composeproject"
	"tasks/internal/terminal"
	"tasks/internal/workspace"
	"tasks/planner"
)

func newDownCommand(a *app) *cobra.Command {
	var volumes bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Remove the project's containers, one-offs too, and its networks",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.checkVarFlags(); err != nil {
				return err
			}
			return a.down(volumes, a.flags.yes)
		},
	}
	cmd.Flags().BoolVar(&volumes, "volumes", false, "remove the project's volumes, with their data")
	return cmd
}

// down is `tasks down`. It goes by the labels on the engine, so that it also removes what the compose file has lost.
func (a *app) down(volumes, assumeYes bool) error {
	return runUntilSignal(func(ctx context.Context) error { return a.removeProject(ctx, volumes, assumeYes) })
}

func (a *app) removeProject(ctx context.Context, volumes, assumeYes bool) error {
	engine, ws, project, err := a.engineAndProject()
	if err != nil {
		return err
	}
	store := a.coordStore(ws.Inputs.Root)
	a.warnForeign(store)
	a.killOrphans(ctx, store)
	entries := store.Journal().ContainerEntries()
	query := planner.Query{Project: project.Name(), Original: project.Name(), WithRunResources: true, AnonymousVolumes: true}
	observed, err := workspace.TakeSnapshot(ctx, engine, store.Journal(), query, entries, true)
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	teardown := planner.PlanTeardown(observed, project.Name(), volumes)
	teardown.ProtectDeclared(project)
	teardown.ExcludeAbandoned(workspace.OwnershipFrom(entries), observed.TakenAt)
	inUse := a.leasedProjects(ws.Inputs.Root).InUse(teardown.LeasedResources)
	for _, question := range removalQuestions(teardown, inUse) {
		if err := a.confirmRemoval(question, assumeYes); err != nil {
			return err
		}
	}
	err = release.Teardown(ctx, engine, teardown, release.TeardownOptions{
		PreStop:   func(c *planner.ObservedContainer) []types.ServiceHook { return planner.PreStopHooks(project, c) },
		OnRemoved: func(kind, name string) { fmt.Fprintf(a.stderr, "%s %s  removed\n", kind, name) },
		OnWarning: func(text string) { fmt.Fprintf(a.stderr, "warning: %s\n", text) },
	})
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	if len(teardown.Waves) == 0 && len(teardown.Networks) == 0 && len(teardown.Volumes) == 0 {
		fmt.Fprintf(a.stderr, "project %s: nothing to remove\n", project.Name())
	}
	return nil
}

func (a *app) engineAndProject() (*docker.Engine, *Workspace, *composeproject.Project, error) {
	ws, err := a.openProjectOnly()
	if err != nil {
		return nil, nil, nil, err
	}
	project, err := ws.Project()
	if err != nil {
		return nil, nil, nil, asUsageError(err)
	}
	engine, err := a.connectEngine()
	return engine, ws, project, err
}

// removalQuestions are what a person must agree to: what other runs use, and data.
func removalQuestions(t planner.Teardown, inUse []string) []string {
	var all []string
	for _, c := range t.InUse {
		all = append(all, containerQuestion(c))
	}
	if len(inUse) > 0 {
		all = append(all, "a run under way uses "+strings.Join(inUse, ", ")+": remove it all the same?")
	}
	for _, p := range t.PrivateProjects {
		all = append(all, fmt.Sprintf("private project %s belongs to a run%s: remove it?", p.Name, processText(p.Owner)))
	}
	for _, v := range t.Volumes {
		if v.Labels[planner.LabelOriginal] != "" {
			continue // it goes with its private project
		}
		all = append(all, fmt.Sprintf("volume %s holds data: remove it?", v.Name))
	}
	return all
}

func containerQuestion(c *planner.ObservedContainer) string {
	switch {
	case planner.IsTransient(c.Labels):
		return fmt.Sprintf("container %s goes with the last run that uses it, and one may: remove it?", c.Name)
	case c.State == "created":
		return fmt.Sprintf("one-off %s (%s) is about to be started: remove it?", c.Name, ownerText(c))
	}
	return fmt.Sprintf("one-off %s (%s) is %s: remove it?", c.Name, ownerText(c), c.State)
}

// confirmRemoval asks at a terminal. Without one, --yes is the only answer.
func (a *app) confirmRemoval(question string, assumeYes bool) error {
	if err := a.askConfirmation(question, assumeYes); err != nil {
		return &exitError{code: codeRunFailed, err: fmt.Errorf("%w. Nothing was removed", err)}
	}
	return nil
}

// askConfirmation asks at a terminal. Only the line of the answer is read: what follows may be for a command.
func (a *app) askConfirmation(question string, assumeYes bool) error {
	if assumeYes {
		return nil
	}
	if !terminal.New(a.stdin, a.stderr).IsTerminal() {
		return &exitError{code: codeRunFailed, err: fmt.Errorf("%s Answer with --yes; there is no terminal to ask at", question)}
	}
	fmt.Fprint(a.maskedStderr(), question+" [y/N] ")
	line, _ := readLine(a.stdin)
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return &exitError{code: codeRunFailed, err: errors.New("not confirmed")}
}

// readLine reads up to a newline, or the end, and nothing beyond it. It is whole where the newline came.
func readLine(in io.Reader) (text string, isComplete bool) {
	var line strings.Builder
	char := make([]byte, 1)
	for {
		if n, err := in.Read(char); n == 0 || err != nil || char[0] == '\n' {
			return line.String(), n > 0 && err == nil
		}
		line.Write(char)
	}
}

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
	"tasks/internal/view"
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
	for _, question := range view.RemovalQuestions(teardown, inUse) {
		if err := a.confirmRemoval(question, assumeYes); err != nil {
			return err
		}
	}
	err = executor.Teardown(ctx, engine, teardown, executor.TeardownOptions{
		PreStop:   func(c *planner.ObservedContainer) []types.ServiceHook { return planner.PreStopHooks(project, c) },
		OnRemoved: func(kind, name string) { a.printer.PrintRemoved(kind, name, "") },
		OnWarning: a.printer.PrintWarning,
	})
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	if len(teardown.Waves) == 0 && len(teardown.Networks) == 0 && len(teardown.Volumes) == 0 {
		a.printer.PrintNothingToRemove(project.Name())
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
	if !a.printer.CanAsk() {
		return &exitError{code: codeRunFailed, err: fmt.Errorf("%s Answer with --yes; there is no terminal to ask at", question)}
	}
	a.printer.PromptYesNo(question)
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

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/composecall"
	"tasks/internal/composeproject"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newShowCommand(a *app) *cobra.Command {
	var options showOptions
	cmd := &cobra.Command{
		Use:   "show [flags] TASK",
		Short: "Show a task as it would run: usage, environment, dependencies",

		ValidArgsFunction: completer{a}.completeTask,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("which task? Write `tasks show TASK`; `tasks list` shows them")
			}
			if len(args) == 1 {
				return runShow(a, args[0], options)
			}
			call, err := pickTask(a, "show")
			if err != nil {
				return err
			}
			return runShow(a, call[0], options)
		},
	}
	cmd.Flags().BoolVar(&options.asJSON, "json", false, "print JSON")
	return cmd
}

// showOptions are the flags of `tasks show`. isHelp prints the usage first, for `tasks help TASK`.
type showOptions struct{ asJSON, isHelp bool }

// runShow performs `tasks show`.
func runShow(a *app, name string, options showOptions) error {
	if err := a.flags.CheckVars(); err != nil {
		return err
	}
	ws, err := a.openWorkspace(a.config().Offline())
	if err != nil {
		return err
	}
	details, diags, err := ws.EvaluateTask(name)
	if err := a.report(ws, diags, err); err != nil {
		return err
	}
	a.printer.SetSecrets(details.Secrets)
	doc, err := newTaskDocument(ws, details)
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	switch {
	case options.asJSON:
		err = view.PrintJSON(a.printer, doc)
	case options.isHelp:
		err = view.PrintTaskHelp(a.printer, doc, ws.File.HelpText(name))
	default:
		err = view.PrintTask(a.printer, doc)
	}
	return runFailed(err)
}

// newTaskDocument returns the document of a task, with the compose environment of the service and the nearest call of
// docker compose run.
func newTaskDocument(ws *workspace.Workspace, details *hclspec.TaskDetails) (view.TaskDocument, error) {
	for i, e := range details.Env {
		if e.File != "" {
			details.Env[i].File = ws.DisplayPath(e.File)
		}
	}
	if details.Kind != hclspec.ServiceTask && details.Kind != hclspec.ImageTask {
		return view.NewTaskDocument(details, nil), nil
	}
	scope := details.Task.Scope
	project, err := ws.Project(scope)
	if err != nil {
		return view.TaskDocument{}, err
	}
	var variables []view.Variable
	if details.Kind == hclspec.ServiceTask && !details.HasOpenService {
		if variables, err = composeEnvironment(ws, project, details.Task.Service); err != nil {
			return view.TaskDocument{}, err
		}
	}
	doc := view.NewTaskDocument(details, variables)
	if details.Task.IsJob {
		doc.Schedule = composeproject.Schedules(project, details.Task.Service)
	}
	call := composecall.Project{Flags: ws.ComposeFlags(scope), Network: project.NetworkName("default")}
	doc.AddComposeCall(call, details)
	return doc, nil
}

// composeEnvironment returns the environment of a compose service.
func composeEnvironment(
	ws *workspace.Workspace, project *composeproject.Project, service string,
) ([]view.Variable, error) {
	environment, err := project.Environment(service)
	if err != nil {
		return nil, err
	}
	var variables []view.Variable
	for _, v := range environment {
		variable := view.Variable{Name: v.Name, Value: &v.Value, Source: "compose environment"}
		if v.IsFromFile {
			variable.Source = "compose env_file"
		}
		if v.File != "" {
			variable.Place = ws.DisplayPath(v.File)
		}
		if v.Line > 0 {
			variable.Place += fmt.Sprintf(":%d:%d", v.Line, v.Column)
		}
		variables = append(variables, variable)
	}
	return variables, nil
}

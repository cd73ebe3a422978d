package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/composecall"
	"tasks/internal/view"
)

func newShowCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [flags] TASK",
		Short: "Show a task as it would run: usage, environment, dependencies",
		Long:  "Show a task with all its values: how it is called, its environment with where each value comes from, what comes first,\nand the call of docker compose run that comes closest. No command is run and no engine is asked.",

		ValidArgsFunction: a.completeTask,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("which task? Write `tasks show TASK`; `tasks list` shows them")
			}
			if len(args) == 1 {
				return a.show(args[0], asJSON)
			}
			name, err := a.pickTask("show")
			if err != nil {
				return err
			}
			return a.show(name, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) show(name string, asJSON bool) error {
	if err := a.checkVarFlags(); err != nil {
		return err
	}
	a.noEngine = true
	ws, err := a.openWorkspace()
	if err != nil {
		return err
	}
	details, diags := ws.File.Show(ws.Inputs, name)
	if err := ws.PrintDiagnostics(diags); err != nil {
		return err
	}
	a.printer.SetSecrets(details.Secrets)
	doc, err := ws.taskDocument(details)
	if err != nil {
		return err
	}
	if asJSON {
		err = view.PrintJSON(a.printer, doc)
	} else {
		err = view.PrintTask(a.printer, doc)
	}
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

// taskDocument is a task with what the compose project adds.
func (ws *Workspace) taskDocument(s *hclspec.TaskDetails) (view.TaskDocument, error) {
	for i, e := range s.Env {
		if e.File != "" {
			s.Env[i].File = ws.app.displayPath(e.File)
		}
	}
	if s.Kind != hclspec.ServiceTask && s.Kind != hclspec.ImageTask {
		return view.NewTaskDocument(s, nil), nil
	}
	project, err := ws.ProjectIn(s.Task.Scope)
	if err != nil {
		return view.TaskDocument{}, asUsageError(err)
	}
	var variables []view.Variable
	if s.Kind == hclspec.ServiceTask {
		if variables, err = ws.composeEnvironment(s.Task.Scope, s.Task.Service); err != nil {
			return view.TaskDocument{}, asUsageError(err)
		}
	}
	doc := view.NewTaskDocument(s, variables)
	call := composecall.Project{Flags: ws.composeFlags(s.Task.Scope), Network: project.NetworkName("default")}
	doc.AddComposeCall(call, s)
	return doc, nil
}

// composeEnvironment are those of a service's environment.
func (ws *Workspace) composeEnvironment(scope, service string) ([]view.Variable, error) {
	project, err := ws.ProjectIn(scope)
	if err != nil {
		return nil, err
	}
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
			variable.Place = ws.app.displayPath(v.File)
		}
		if v.Line > 0 {
			variable.Place += fmt.Sprintf(":%d:%d", v.Line, v.Column)
		}
		variables = append(variables, variable)
	}
	return variables, nil
}

// composeFlags are the flags by which Compose would find the same project.
func (ws *Workspace) composeFlags(scope string) []string {
	block, _ := ws.File.ComposeForScope(ws.Inputs, scope) // it has been evaluated before, for the project
	options := ws.ComposeOptions(scope, block, ws.Inputs.Root)
	var flags []string
	add := func(flag string, values ...string) {
		for _, v := range values {
			if v != "" {
				flags = append(flags, flag, v)
			}
		}
	}
	for _, file := range options.Files {
		add("-f", ws.app.displayPath(file))
	}
	if options.ProjectDirectory != "" {
		add("--project-directory", ws.app.displayPath(options.ProjectDirectory))
	}
	add("-p", options.Name)
	add("--profile", options.Profiles...)
	for _, file := range options.EnvFiles {
		add("--env-file", ws.app.displayPath(file))
	}
	return flags
}

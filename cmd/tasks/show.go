package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tasks/hclspec"
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
			name, err := a.pick("show")
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
	if err := a.checkFlags(); err != nil {
		return err
	}
	a.offline = true
	ws, err := a.open()
	if err != nil {
		return err
	}
	shown, diags := ws.file.Show(ws.inputs, name)
	if err := ws.diagnose(diags); err != nil {
		return err
	}
	a.secrets.set(shown.Secrets)
	doc, err := ws.document(shown)
	if err != nil {
		return err
	}
	if asJSON {
		err = view.WriteJSON(a.out(), doc)
	} else {
		err = doc.Write(a.out())
	}
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

// document is a task with what the compose project adds.
func (ws *workspace) document(s *hclspec.Shown) (view.TaskDocument, error) {
	for i, e := range s.Env {
		if e.File != "" {
			s.Env[i].File = ws.app.display(e.File)
		}
	}
	if s.Kind != hclspec.Service && s.Kind != hclspec.Image {
		return view.NewTaskDocument(s, nil), nil
	}
	project, err := ws.projectIn(s.Task.Scope)
	if err != nil {
		return view.TaskDocument{}, asUsage(err)
	}
	var variables []view.Variable
	if s.Kind == hclspec.Service {
		if variables, err = ws.composeVariables(s.Task.Scope, s.Task.Service); err != nil {
			return view.TaskDocument{}, asUsage(err)
		}
	}
	doc := view.NewTaskDocument(s, variables)
	call := view.ComposeCall{Flags: ws.composeCall(s.Task.Scope), Network: project.NetworkName("default")}
	call.Close(&doc, s)
	return doc, nil
}

// composeVariables are those of a service's environment.
func (ws *workspace) composeVariables(scope, service string) ([]view.Variable, error) {
	project, err := ws.projectIn(scope)
	if err != nil {
		return nil, err
	}
	environment, err := project.Environment(service)
	if err != nil {
		return nil, err
	}
	var variables []view.Variable
	for _, v := range environment {
		one := view.Variable{Name: v.Name, Value: &v.Value, Source: "compose environment"}
		if v.FromFile {
			one.Source = "compose env_file"
		}
		if v.File != "" {
			one.Place = ws.app.display(v.File)
		}
		if v.Line > 0 {
			one.Place += fmt.Sprintf(":%d:%d", v.Line, v.Column)
		}
		variables = append(variables, one)
	}
	return variables, nil
}

// composeCall are the flags by which Compose would find the same project.
func (ws *workspace) composeCall(scope string) []string {
	block, _ := ws.file.ComposeOf(ws.inputs, scope) // it has been evaluated before, for the project
	options := ws.optionsIn(scope, block, ws.inputs.Root)
	var flags []string
	add := func(flag string, values ...string) {
		for _, v := range values {
			if v != "" {
				flags = append(flags, flag, v)
			}
		}
	}
	for _, file := range options.Files {
		add("-f", ws.app.display(file))
	}
	if options.ProjectDirectory != "" {
		add("--project-directory", ws.app.display(options.ProjectDirectory))
	}
	add("-p", options.Name)
	add("--profile", options.Profiles...)
	for _, file := range options.EnvFiles {
		add("--env-file", ws.app.display(file))
	}
	return flags
}

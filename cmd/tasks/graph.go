package main

import (
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/view"
)

func newGraphCommand(a *app) *cobra.Command {
	var format graphFormat
	cmd := &cobra.Command{
		Use:   "graph [flags] [TASK]",
		Short: "Show which tasks and services depend on which",
		Long:  "Show what the tasks depend on, or one of them, down to the services of the compose files. Nothing is evaluated, so that\nvariables need no values, and no engine is asked.",

		ValidArgsFunction: a.completeTask,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := format.check(); err != nil {
				return err
			}
			return a.graph(args, format)
		},
	}
	format.add(cmd.Flags())
	return cmd
}

func (a *app) graph(args []string, d graphFormat) error {
	a.noEngine = true
	if len(args) > 1 {
		return usageError("which task? Write `tasks graph TASK`, or `tasks graph` for all of them")
	}
	ws, err := a.openWorkspace()
	if err != nil {
		return err
	}
	var roots []string
	for _, arg := range args {
		name, diags := ws.File.ResolveTaskName(ws.Inputs, arg)
		if err := ws.PrintDiagnostics(diags); err != nil {
			return err
		}
		roots = append(roots, name)
	}
	dependencies, err := ws.serviceDependencies()
	if err != nil {
		return err
	}
	g := view.TaskGraph(ws.File.TaskSummaries(), dependencies, roots...)
	switch {
	case d.asJSON:
		err = view.PrintJSON(a.printer, g)
	case d.format != "":
		err = view.PrintDrawing(a.printer, g, d.format)
	default:
		err = view.PrintTaskTree(a.printer, g, roots)
	}
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

// serviceDependencies tells what compose services depend on. It is nil where a compose block cannot be evaluated, because a
// variable has no value: then nobody knows which project this is.
func (ws *Workspace) serviceDependencies() (view.ServiceNeeds, error) {
	projects := map[string]*composeproject.Project{}
	for _, scope := range ws.File.Scopes() {
		if _, diags := ws.File.ComposeForScope(ws.Inputs, scope); diags.HasErrors() {
			return nil, nil
		}
		project, err := ws.ProjectIn(scope)
		if err != nil {
			return nil, asUsageError(err)
		}
		projects[scope] = project
	}
	return func(service string) []hclspec.Dependency {
		scope := service[:strings.LastIndexByte(service, ':')+1] // names of services have no colon
		return composeDependencies(projects[scope], scope, service[len(scope):])
	}, nil
}

// composeDependencies are the dependencies of a service, sorted, as the loader gives them: links and shared namespaces are among
// them.
func composeDependencies(project *composeproject.Project, scope, service string) []hclspec.Dependency {
	s, found := project.Service(service)
	if !found {
		return nil
	}
	var dependencies []hclspec.Dependency
	for _, name := range s.GetDependencies() {
		dependencies = append(dependencies, hclspec.Dependency{Service: scope + name, Condition: hclspec.Condition(s.DependsOn[name].Condition)})
	}
	return dependencies
}

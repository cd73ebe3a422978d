package main

import (
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/view"
)

func newGraphCommand(a *app) *cobra.Command {
	var drawing drawing
	cmd := &cobra.Command{
		Use:   "graph [flags] [TASK]",
		Short: "Show which tasks and services depend on which",
		Long:  "Show what the tasks depend on, or one of them, down to the services of the compose files. Nothing is evaluated, so that\nvariables need no values, and no engine is asked.",

		ValidArgsFunction: a.completeTask,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := drawing.check(); err != nil {
				return err
			}
			return a.graph(args, drawing)
		},
	}
	drawing.add(cmd.Flags())
	return cmd
}

func (a *app) graph(args []string, d drawing) error {
	a.offline = true
	if len(args) > 1 {
		return usageError("which task? Write `tasks graph TASK`, or `tasks graph` for all of them")
	}
	ws, err := a.open()
	if err != nil {
		return err
	}
	var from []string
	for _, arg := range args {
		name, diags := ws.file.Find(ws.inputs, arg)
		if err := ws.diagnose(diags); err != nil {
			return err
		}
		from = append(from, name)
	}
	compose, err := ws.serviceNeeds()
	if err != nil {
		return err
	}
	g := view.TaskGraph(ws.file.Outlines(), compose, from...)
	switch {
	case d.json:
		err = view.WriteJSON(a.stdout, g)
	case d.format != "":
		err = d.draw(a, g)
	default:
		err = g.WriteTree(a.stdout, ids(from)...)
	}
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

func ids(tasks []string) []string {
	var out []string
	for _, name := range tasks {
		out = append(out, "task."+name)
	}
	return out
}

// serviceNeeds tells what compose services depend on. It is nil where a compose block cannot be evaluated, because a
// variable has no value: then nobody knows which project this is.
func (ws *workspace) serviceNeeds() (view.ServiceNeeds, error) {
	projects := map[string]*composeproject.Project{}
	for _, scope := range ws.file.Scopes() {
		if _, diags := ws.file.ComposeOf(ws.inputs, scope); diags.HasErrors() {
			return nil, nil
		}
		project, err := ws.projectIn(scope)
		if err != nil {
			return nil, asUsage(err)
		}
		projects[scope] = project
	}
	return func(service string) []hclspec.Dependency {
		scope := service[:strings.LastIndexByte(service, ':')+1] // names of services have no colon
		return composeNeeds(projects[scope], scope, service[len(scope):])
	}, nil
}

// composeNeeds are the dependencies of a service, sorted, as the loader gives them: links and shared namespaces are among
// them.
func composeNeeds(project *composeproject.Project, scope, service string) []hclspec.Dependency {
	s, found := project.Service(service)
	if !found {
		return nil
	}
	var needs []hclspec.Dependency
	for _, name := range s.GetDependencies() {
		needs = append(needs, hclspec.Dependency{Service: scope + name, Condition: hclspec.Condition(s.DependsOn[name].Condition)})
	}
	return needs
}

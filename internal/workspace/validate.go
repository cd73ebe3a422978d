package workspace

import (
	"errors"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
)

// Validate returns the errors and warnings of all tasks, with the errors of the compose projects and of a plan
// without an engine.
func (ws *Workspace) Validate() hcl.Diagnostics {
	spec, diags := ws.File.Validate(ws.Inputs)
	if failure, err := projectFailure(diags); spec == nil || failure != nil || err != nil {
		return composeErrors(diags)
	}
	return spec.Secrets.Diagnostics(validateSpec(ws, spec, diags))
}

// validateSpec adds the errors and warnings of the projects and of the plan to the diagnostics of the files.
func validateSpec(ws *Workspace, spec *hclspec.Spec, diags hcl.Diagnostics) hcl.Diagnostics {
	spec = withoutOpenTasks(spec)
	projects, err := ws.selectProjects(allScopes(ws.File.Scopes(), spec), spec)
	if explained, ok := errors.AsType[*ComposeError](err); ok {
		return append(diags, explained.diags...)
	}
	if err != nil {
		return append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "the compose project cannot be loaded", Detail: err.Error(),
		})
	}
	if nameDiags := ws.checkProjectNames(projects, spec); len(nameDiags) > 0 {
		return append(diags, nameDiags...)
	}
	states := map[string]planner.ProjectState{}
	for scope, project := range projects {
		states[scope] = planner.ProjectState{Project: project, Snapshot: &observed.Snapshot{}}
	}
	input := planner.Input{Spec: spec, IsOffline: true, ProjectDir: ws.Root()}
	input.SetScopes(states)
	_, planDiags := planner.Build(input)
	planDiags = ws.withComposeExcerpts(planDiags, projects)
	run := &Run{Workspace: ws, Spec: spec, Projects: projects}
	return ws.File.SortDiagnostics(slices.Concat(diags, planDiags, run.uselessGlobs()))
}

// withoutOpenTasks returns a spec with groups in the place of tasks without a known service or image. Both may come
// from arguments, and only a run knows arguments.
func withoutOpenTasks(spec *hclspec.Spec) *hclspec.Spec {
	plannable := *spec
	plannable.Tasks = maps.Clone(spec.Tasks)
	for name, t := range spec.Tasks {
		isOpen := t.Kind == hclspec.ServiceTask && t.Service == "" || t.Kind == hclspec.ImageTask && t.Image == ""
		if isOpen {
			group := *t
			group.Kind = hclspec.GroupTask
			plannable.Tasks[name] = &group
		}
	}
	return &plannable
}

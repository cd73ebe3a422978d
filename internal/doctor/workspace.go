package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/internal/view/diagnostics"
	"tasks/internal/workspace"
)

// InspectProject returns the state of the project of a configuration, or nil: there are no files. With an engine, the
// plan of all services is checked against the engine. InspectProject changes nothing.
func InspectProject(config workspace.Config) func(ctx context.Context, hasEngine bool) ProjectState {
	ws, diags, err := workspace.OpenProject(config)
	var project *composeproject.Project
	if err == nil && !diags.HasErrors() {
		project, err = ws.Project("")
	}
	if errors.Is(err, composeproject.ErrNoComposeFile) {
		return nil
	}
	return func(ctx context.Context, hasEngine bool) ProjectState {
		inspection := inspection{ws: ws, project: project}
		inspection.addDiagnostics(diagnostics.NewDocuments(diags))
		inspection.addError(err)
		if project != nil {
			inspection.inspect(ctx, hasEngine)
		}
		return inspection.state
	}
}

// inspection collects the state of a project.
type inspection struct {
	ws      *workspace.Workspace
	project *composeproject.Project
	state   ProjectState
}

// inspect checks the plan of all services against the engine, and looks for leftovers.
func (i *inspection) inspect(ctx context.Context, hasEngine bool) {
	services := i.project.Model().Services
	i.state.Services = len(services)
	for name, service := range services {
		isBind := func(v types.ServiceVolumeConfig) bool { return v.Type == types.VolumeTypeBind }
		if slices.ContainsFunc(service.Volumes, isBind) {
			i.state.BindMounts = append(i.state.BindMounts, name)
		}
	}
	slices.Sort(i.state.BindMounts)
	if !hasEngine {
		return
	}
	if len(services) > 0 {
		run := i.ws.NewRun()
		diags, err := run.EvaluateUp(nil)
		if err == nil && !diags.HasErrors() {
			diags, err = run.MakePlan(ctx, workspace.PlanOptions{})
			i.state.HasEngine = err == nil
		}
		i.addDiagnostics(diagnostics.NewDocuments(diags))
		i.addError(err)
	}
	leftovers, err := workspace.Abandoned(ctx, i.ws)
	i.state.Leftovers = leftovers
	i.addError(err)
}

// addDiagnostics adds the errors among diagnostics.
func (i *inspection) addDiagnostics(documents []diagnostics.Document) {
	for _, d := range documents {
		if d.Severity != "error" {
			continue
		}
		text := d.Summary
		if d.Range != nil {
			text = fmt.Sprintf("%s:%d:%d: %s", d.Range.File, d.Range.Start.Line, d.Range.Start.Column, d.Summary)
		}
		if d.Detail != "" {
			text += ": " + d.Detail
		}
		i.state.Errors = append(i.state.Errors, text)
	}
}

// addError adds an error that may consist of diagnostics.
func (i *inspection) addError(err error) {
	if err != nil {
		i.state.Errors = append(i.state.Errors, err.Error())
	}
}

package main

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/view"
	"tasks/planner"
)

func newValidateCommand(a *app) *cobra.Command {
	v := validation{app: a}
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check everything that can be known without running",
		Long:  "Check the files of the language, with every task's values and types, and the compose files that they name. No command is\nrun and no engine is asked.",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return v.run() },
	}
	cmd.Flags().BoolVar(&v.asJSON, "json", false, "print the diagnostics as JSON")
	cmd.Flags().BoolVar(&v.isStrict, "strict", false, "end with 1 where there are warnings, though no errors")
	return cmd
}

// validation is one call of `tasks validate`.
type validation struct {
	app              *app
	asJSON, isStrict bool
}

func (v *validation) run() error {
	if err := v.app.checkVarFlags(); err != nil {
		return err
	}
	v.app.noEngine = true
	ws, _, err := v.app.readWorkspace()
	if err != nil {
		return err
	}
	diags := ws.Validate()
	if err := v.print(ws, diags); err != nil {
		return err
	}
	switch {
	case diags.HasErrors():
		return &exitError{code: codeUsage}
	case v.isStrict && len(diags) > 0:
		return &exitError{code: codeFound}
	}
	return nil
}

// print prints what was found: for people the diagnostics on stderr, for programs all on stdout.
func (v *validation) print(ws *Workspace, diags hcl.Diagnostics) error {
	files := ws.File.SourceFiles()
	if v.asJSON {
		return view.PrintValidation(v.app.printer, diags)
	}
	if err := v.app.printDiagnostics(files, diags); err != nil {
		return err
	}
	view.PrintValid(v.app.printer, len(ws.File.Tasks()))
	return nil
}

// check finds the mistakes of all tasks, those too that only the compose project and a plan can show.
func (ws *Workspace) Validate() hcl.Diagnostics {
	spec, diags := ws.File.Validate(ws.Inputs)
	if spec == nil || slices.ContainsFunc(diags, isProjectError) {
		return diags
	}
	projects, err := ws.SelectedProjects(allScopes(ws.File.Scopes(), spec), spec)
	if err != nil {
		return append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "the compose project cannot be loaded", Detail: err.Error()})
	}
	if nameDiags := ws.CheckProjectNames(projects, spec); len(nameDiags) > 0 {
		return append(diags, nameDiags...)
	}
	states := map[string]planner.ProjectState{}
	for scope, project := range projects {
		states[scope] = planner.ProjectState{Project: project, Snapshot: &planner.Snapshot{}}
	}
	input := planner.Input{Spec: spec, IsOffline: true, ProjectDir: ws.Inputs.Root}
	input.SetScopes(states)
	_, planDiags := planner.Build(input)
	return ws.File.SortDiagnostics(append(diags, planDiags...))
}

func isProjectError(d *hcl.Diagnostic) bool {
	_, is := d.Extra.(hclspec.ProjectError)
	return is
}

// allScopes are the scopes of the files, looked at or not, and those that tasks have besides.
func allScopes(files []string, spec *hclspec.Spec) []string {
	all := append(slices.Clone(files), planner.ScopesOf(spec)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// selectReachable is the project cut down to what a spec reaches, with the volumes that its tasks mount.
func selectReachable(project *composeproject.Project, spec *hclspec.Spec) (*composeproject.Project, error) {
	if roots := planner.RootServices(spec); len(roots) > 0 {
		var err error
		if project, err = project.Select(roots); err != nil {
			return nil, err
		}
	}
	return project.WithVolumes(mountedVolumes(spec, project)), nil
}

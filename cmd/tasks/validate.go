package main

import (
	"fmt"
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
	cmd.Flags().BoolVar(&v.json, "json", false, "print the diagnostics as JSON")
	cmd.Flags().BoolVar(&v.strict, "strict", false, "end with 1 where there are warnings, though no errors")
	return cmd
}

// validation is one call of `tasks validate`.
type validation struct {
	app          *app
	json, strict bool
}

func (v *validation) run() error {
	if err := v.app.checkFlags(); err != nil {
		return err
	}
	v.app.offline = true
	ws, _, err := v.app.read()
	if err != nil {
		return err
	}
	diags := ws.check()
	if err := v.tell(ws, diags); err != nil {
		return err
	}
	switch {
	case diags.HasErrors():
		return &exitError{code: codeUsage}
	case v.strict && len(diags) > 0:
		return &exitError{code: codeFound}
	}
	return nil
}

// tell prints what was found: for people the diagnostics on stderr, for programs all on stdout.
func (v *validation) tell(ws *workspace, diags hcl.Diagnostics) error {
	files := ws.file.Files()
	if v.json {
		return view.WriteJSON(v.app.stdout, view.NewValidation(hclspec.Records(files, diags)))
	}
	if err := v.app.diagnose(files, diags); err != nil {
		return err
	}
	fmt.Fprintf(v.app.stdout, "valid: %s\n", view.Count(len(ws.file.Tasks()), "task"))
	return nil
}

// check finds the mistakes of all tasks, those too that only the compose project and a plan can show.
func (ws *workspace) check() hcl.Diagnostics {
	spec, diags := ws.file.Validate(ws.inputs)
	if spec == nil || slices.ContainsFunc(diags, isProjectError) {
		return diags
	}
	projects, err := ws.selectedIn(everyScope(ws.file.Scopes(), spec), spec)
	if err != nil {
		return append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "the compose project cannot be loaded", Detail: err.Error()})
	}
	if same := ws.checkNames(projects, spec); len(same) > 0 {
		return append(diags, same...)
	}
	worlds := map[string]planner.World{}
	for scope, project := range projects {
		worlds[scope] = planner.World{Project: project, Observed: &planner.Observed{}}
	}
	input := planner.Input{Spec: spec, Unseen: true, ProjectDir: ws.inputs.Root}
	input.In(worlds)
	_, mistakes := planner.Build(input)
	return ws.file.Sorted(append(diags, mistakes...))
}

func isProjectError(d *hcl.Diagnostic) bool {
	_, is := d.Extra.(hclspec.ProjectError)
	return is
}

// everyScope are the scopes of the files, looked at or not, and those that tasks have besides.
func everyScope(files []string, spec *hclspec.Spec) []string {
	all := append(slices.Clone(files), planner.ScopesOf(spec)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// selected is the project cut down to what a spec reaches, with the volumes that its tasks mount.
func selected(project *composeproject.Project, spec *hclspec.Spec) (*composeproject.Project, error) {
	if roots := planner.Roots(spec); len(roots) > 0 {
		var err error
		if project, err = project.Select(roots); err != nil {
			return nil, err
		}
	}
	return project.WithVolumes(mountedVolumes(spec, project)), nil
}

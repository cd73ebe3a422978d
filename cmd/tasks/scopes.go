package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/internal/workspace"
	"tasks/planner"
)

// ProjectIn is the compose project of a scope: that of the files, or that of included files with a compose block.
func (ws *Workspace) ProjectIn(scope string) (*composeproject.Project, error) {
	if scope == "" {
		return ws.Project()
	}
	return ws.includedProjects[scope]()
}

// ComposeOptions are how the compose project of a scope is found. The flags and variables that name files, project, profiles and
// env files are about the project of the files alone.
func (ws *Workspace) ComposeOptions(scope string, block hclspec.Compose, root string) composeproject.Options {
	if scope == "" {
		return ws.app.composeOptions(block, root)
	}
	return composeproject.Options{
		Files: block.Files, Name: block.Project, Profiles: block.Profiles, EnvFiles: block.EnvFiles,
		ProjectDirectory: block.ProjectDirectory, WorkingDir: block.Dir, Environ: withoutComposeSelection(ws.app.environ),
	}
}

// withoutComposeSelection leaves out of an environment what chooses a compose project.
func withoutComposeSelection(environ []string) []string {
	selectionNames := []string{consts.ComposeFilePath, consts.ComposeProjectName, consts.ComposeProfiles, "COMPOSE_ENV_FILES"}
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(selectionNames, name)
	})
}

// neededScopes are the scopes whose project a plan of a spec needs.
func (ws *Workspace) neededScopes(spec *hclspec.Spec) []string {
	scopes := planner.ScopesOf(spec)
	if ws.app.settings.RemoveOrphans && !slices.Contains(scopes, "") {
		scopes = append([]string{""}, scopes...)
	}
	return scopes
}

// SelectedProjects are the projects of scopes, each cut down to what the tasks of a spec reach in it.
func (ws *Workspace) SelectedProjects(scopes []string, spec *hclspec.Spec) (map[string]*composeproject.Project, error) {
	projects := map[string]*composeproject.Project{}
	for _, scope := range scopes {
		origin := planner.OriginOf(spec, scope)
		project, err := ws.ProjectIn(origin.FileScope)
		if err == nil {
			project, err = selectReachable(project, planner.SpecOfScope(spec, scope))
		}
		if err != nil {
			return nil, asUsageError(err)
		}
		if origin.PrivateTask != "" {
			project = privateCopy(project)
		}
		projects[scope] = project
	}
	return projects, nil
}

// privateCopy is a copy of a project for one run, under a name that nobody else has.
func privateCopy(of *composeproject.Project) *composeproject.Project {
	const digits = 8
	name := of.Name() + "-" + composeproject.NewSlug(rand.Reader)[:digits]
	return of.PrivateCopy(name, planner.PrivateLabels(of, workspace.CurrentOwnership()))
}

// CheckProjectNames refuses two compose blocks that lead to one project: its containers could be of either's configuration.
func (ws *Workspace) CheckProjectNames(projects map[string]*composeproject.Project, spec *hclspec.Spec) (diags hcl.Diagnostics) {
	scopeByName := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(projects)) {
		name, scope := projects[key].Name(), planner.OriginOf(spec, key).FileScope
		other, isTaken := scopeByName[name]
		if !isTaken || other == scope {
			scopeByName[name] = scope
			continue
		}
		block, _ := ws.File.ComposeForScope(ws.Inputs, scope)
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Subject: &block.Range, Summary: fmt.Sprintf("two compose projects called %q", name),
			Detail: fmt.Sprintf("The tasks of %s and those of %s would share its containers. Give this one another name, with `project = \"…\"`, or take the compose block out: then the tasks belong to the project of the files that include them.",
				scopeName(other), scopeName(scope)),
		})
	}
	return diags
}

func scopeName(scope string) string {
	if scope == "" {
		return "the including files"
	}
	return strings.TrimSuffix(scope, ":")
}

// snapshots looks at the engine for each project.
func (ws *Workspace) snapshots(ctx context.Context, projects map[string]*composeproject.Project, spec *hclspec.Spec, entries coord.ContainerEntries) (map[string]planner.ProjectState, error) {
	engine, err := ws.app.connectEngine()
	if err != nil {
		return nil, err
	}
	journal := ws.app.coordStore(ws.Inputs.Root).Journal()
	states, queryRunResources := map[string]planner.ProjectState{}, ws.mayHavePrivateProjects(projects)
	for scope, project := range projects {
		query := planner.QueryFor(planner.SpecOfScope(spec, scope), project)
		query.WithRunResources = query.WithRunResources || queryRunResources
		observed, err := workspace.TakeSnapshot(ctx, engine, journal, query, entries, ws.app.writesState)
		if err != nil {
			return nil, &exitError{code: codeRunFailed, err: err}
		}
		states[scope] = planner.ProjectState{Project: project, Snapshot: observed}
	}
	return states, nil
}

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
	"tasks/planner"
)

// projectIn is the compose project of a scope: that of the files, or that of included files with a compose block.
func (ws *workspace) projectIn(scope string) (*composeproject.Project, error) {
	if scope == "" {
		return ws.project()
	}
	return ws.included[scope]()
}

// optionsIn are how the compose project of a scope is found. The flags and variables that name files, project, profiles and
// env files are about the project of the files alone.
func (ws *workspace) optionsIn(scope string, block hclspec.Compose, root string) composeproject.Options {
	if scope == "" {
		return ws.app.composeOptions(block, root)
	}
	return composeproject.Options{
		Files: block.Files, Name: block.Project, Profiles: block.Profiles, EnvFiles: block.EnvFiles,
		ProjectDirectory: block.ProjectDirectory, WorkingDir: block.Dir, Environ: withoutChoice(ws.app.environ),
	}
}

// withoutChoice leaves out of an environment what chooses a compose project.
func withoutChoice(environ []string) []string {
	choice := []string{consts.ComposeFilePath, consts.ComposeProjectName, consts.ComposeProfiles, "COMPOSE_ENV_FILES"}
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(choice, name)
	})
}

// scopesOf are the scopes whose project a plan of a spec needs.
func (ws *workspace) scopesOf(spec *hclspec.Spec) []string {
	scopes := planner.ScopesOf(spec)
	if ws.app.policy.removeOrphans && !slices.Contains(scopes, "") {
		scopes = append([]string{""}, scopes...)
	}
	return scopes
}

// selectedIn are the projects of scopes, each cut down to what the tasks of a spec reach in it.
func (ws *workspace) selectedIn(scopes []string, spec *hclspec.Spec) (map[string]*composeproject.Project, error) {
	projects := map[string]*composeproject.Project{}
	for _, scope := range scopes {
		origin := planner.OriginOf(spec, scope)
		project, err := ws.projectIn(origin.Files)
		if err == nil {
			project, err = selected(project, planner.InScope(spec, scope))
		}
		if err != nil {
			return nil, asUsage(err)
		}
		if origin.Private != "" {
			project = private(project)
		}
		projects[scope] = project
	}
	return projects, nil
}

// private is a copy of a project for one run, under a name that nobody else has.
func private(of *composeproject.Project) *composeproject.Project {
	const digits = 8
	name := of.Name() + "-" + composeproject.NewSlug(rand.Reader)[:digits]
	return of.Private(name, planner.PrivateLabels(of, owners()))
}

// checkNames refuses two compose blocks that lead to one project: its containers could be of either's configuration.
func (ws *workspace) checkNames(projects map[string]*composeproject.Project, spec *hclspec.Spec) (diags hcl.Diagnostics) {
	first := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(projects)) {
		name, scope := projects[key].Name(), planner.OriginOf(spec, key).Files
		other, taken := first[name]
		if !taken || other == scope {
			first[name] = scope
			continue
		}
		block, _ := ws.file.ComposeOf(ws.inputs, scope)
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Subject: &block.Range, Summary: fmt.Sprintf("two compose projects called %q", name),
			Detail: fmt.Sprintf("The tasks of %s and those of %s would share its containers. Give this one another name, with `project = \"…\"`, or take the compose block out: then the tasks belong to the project of the files that include them.",
				scopeText(other), scopeText(scope)),
		})
	}
	return diags
}

func scopeText(scope string) string {
	if scope == "" {
		return "the including files"
	}
	return strings.TrimSuffix(scope, ":")
}

// snapshots looks at the engine for each project.
func (ws *workspace) snapshots(ctx context.Context, projects map[string]*composeproject.Project, spec *hclspec.Spec, names noted) (map[string]planner.World, error) {
	engine, err := ws.app.connect()
	if err != nil {
		return nil, err
	}
	notes := ws.app.containerNotes(ws.inputs.Root)
	worlds, owned := map[string]planner.World{}, ws.mayHavePrivate(projects)
	for scope, project := range projects {
		query := planner.QueryFor(planner.InScope(spec, scope), project)
		query.Owned = query.Owned || owned
		observed, err := notes.snapshot(ctx, engine, query, names, ws.app.mayKeep)
		if err != nil {
			return nil, err
		}
		worlds[scope] = planner.World{Project: project, Observed: observed}
	}
	return worlds, nil
}

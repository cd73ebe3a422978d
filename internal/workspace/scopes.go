package workspace

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// neededScopes returns the scopes of the compose projects in a plan of a spec.
func neededScopes(spec *hclspec.Spec, removeOrphans bool) []string {
	scopes := planner.ScopesOf(spec)
	if removeOrphans && !slices.Contains(scopes, "") {
		scopes = append([]string{""}, scopes...)
	}
	return scopes
}

// allScopes returns the scopes of the files and the scopes of the tasks in a spec.
func allScopes(fileScopes []string, spec *hclspec.Spec) []string {
	all := slices.Concat(fileScopes, planner.ScopesOf(spec))
	slices.Sort(all)
	return slices.Compact(all)
}

// selectProjects loads the projects of scopes, and reduces each project to the services of the spec's tasks.
func (ws *Workspace) selectProjects(scopes []string, spec *hclspec.Spec) (map[string]*composeproject.Project, error) {
	projects := map[string]*composeproject.Project{}
	for _, scope := range scopes {
		origin := planner.OriginOf(spec, scope)
		project, err := ws.Project(origin.FileScope)
		if err == nil {
			project, err = selectReachable(project, planner.SpecOfScope(spec, scope))
		}
		if err != nil {
			return nil, ws.explainCompose(err)
		}
		if origin.PrivateTask != "" {
			project = privateCopy(project)
		}
		projects[scope] = project
	}
	return projects, nil
}

// selectReachable reduces a project to the reached services of a spec, and adds the volumes of the spec's tasks.
func selectReachable(whole *composeproject.Project, spec *hclspec.Spec) (*composeproject.Project, error) {
	project := whole
	if roots := planner.RootServices(spec); len(roots) > 0 {
		var err error
		if project, err = whole.Select(roots); err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(slices.Collect(maps.Values(spec.Tasks)), isImageTask) {
		project = project.WithDefaultNetwork(whole)
	}
	if images := planner.TaskImages(spec); len(images) > 0 {
		var err error
		if project, err = composeproject.WithImages(project, images); err != nil {
			return nil, err
		}
	}
	return project.WithVolumes(mountedVolumes(spec, project)), nil
}

func isImageTask(t *hclspec.Task) bool { return t.Kind == hclspec.ImageTask }

// mountedVolumes returns the named volumes of the tasks. For `tasks once`, a name outside of the compose file is a
// volume of the engine and not of the project.
func mountedVolumes(spec *hclspec.Spec, project *composeproject.Project) []string {
	var names []string
	for _, t := range spec.Tasks {
		for _, name := range planner.NamedVolumes(t) {
			if !t.IsOnce || project.DeclaresVolume(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// privateCopy returns a copy of a project for one run, under a random name.
func privateCopy(project *composeproject.Project) *composeproject.Project {
	name := observed.PrivateName(project.Name(), composeproject.NewSlug(rand.Reader))
	return project.PrivateCopy(name, planner.PrivateLabels(project, CurrentOwnership()))
}

// checkProjectNames reports two compose blocks with one project name: the project's containers could have the
// configuration of either block.
func (ws *Workspace) checkProjectNames(
	projects map[string]*composeproject.Project, spec *hclspec.Spec,
) (diags hcl.Diagnostics) {
	scopeByName := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(projects)) {
		name, scope := projects[key].Name(), hclspec.FileScope(planner.OriginOf(spec, key).FileScope)
		other, isTaken := scopeByName[name]
		if !isTaken || other == scope {
			scopeByName[name] = scope
			continue
		}
		block, _ := ws.File.ComposeForScope(ws.Inputs, scope)
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Subject: &block.Range, Summary: fmt.Sprintf("two compose projects called %q", name),
			Detail: fmt.Sprintf("The tasks of %s and those of %s would share its containers. Give this one another name, "+
				"with `project = \"…\"`, or take the compose block out: then the tasks belong to the project of the files "+
				"that include them.", scopeName(other), scopeName(scope)),
		})
	}
	return diags
}

// scopeName returns the name of a scope for messages.
func scopeName(scope string) string {
	if scope == "" {
		return "the including files"
	}
	return strings.TrimSuffix(scope, ":")
}

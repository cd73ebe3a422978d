package planner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// UpToDateOptions are the options of the command line for tasks with inputs.
type UpToDateOptions struct {
	// Force runs all tasks. IfChanged skips up-to-date targets like dependencies.
	Force, IfChanged bool
	// ReasonToRun checks the files of a query, and returns why the task is not up to date. Empty: up to date. Nil: no
	// check during planning.
	ReasonToRun func(UpToDateQuery) (reason string, err error)
}

// UpToDateQuery asks whether a task is up to date: the inputs and parts equal the last success, and the outputs exist.
type UpToDateQuery struct {
	// RecordName is the name of the record of the last success.
	RecordName string
	// Dir is the base directory of the globs.
	Dir             string
	Inputs, Outputs []string
	// Parts are further inputs, by a name for the user: "the command".
	Parts map[string]string
}

// UpToDateCheck makes the query for a task with inputs.
type UpToDateCheck struct {
	// AlwaysRun runs the task in any case, and only records the success.
	AlwaysRun bool

	task    *hclspec.Task
	project *composeproject.Project
	base    types.ServiceConfig
	// services are the direct and indirect dependencies of the task, sorted.
	services []string
	// isExternal reports whether the scope only inspects services. Their volumes are not inspected.
	isExternal bool
	dir        string
}

// upToDateCheck returns the check of a task, or nil for a task without a check.
func (p *taskPlanner) upToDateCheck(t *hclspec.Task) *UpToDateCheck {
	if len(t.Inputs) == 0 || t.Detach || p.isPrivate() && needsEngine(t) {
		return nil
	}
	c := &UpToDateCheck{task: t, project: p.project, isExternal: p.isExternal(), dir: p.projectDir}
	isTarget := slices.Contains(p.spec.Targets, t.Name) && !p.upToDate.IfChanged
	c.AlwaysRun = p.upToDate.Force || isTarget || t.IsCaptured || t.FinallyOf != ""
	if t.Kind != hclspec.HostTask {
		c.base = baseService(p.model, t)
	}
	if !t.NoDeps {
		c.services = requiredServices(p.model, t)
	}
	return c
}

// requiredServices returns the services among the direct and indirect dependencies of a task, sorted.
func requiredServices(model *types.Project, t *hclspec.Task) []string {
	found := map[string]bool{}
	var add func(service string)
	dependencies := func(service string) {
		for _, name := range sortedKeys(model.Services[service].DependsOn) {
			add(name)
		}
	}
	add = func(service string) {
		if _, exists := model.Services[service]; exists && !found[service] {
			found[service] = true
			dependencies(service)
		}
	}
	for _, d := range t.DependsOn {
		if d.Service != "" {
			add(d.Service)
		}
	}
	switch {
	case t.IsExec:
		add(t.Service)
	case t.Kind == hclspec.ServiceTask:
		dependencies(t.Service)
	}
	return sortedKeys(found)
}

// Query returns the query, with the facts of the run. Pure.
func (c *UpToDateCheck) Query(facts Facts) (UpToDateQuery, hcl.Diagnostics) {
	t, diags := c.task.Resolve(facts.Results())
	if diags.HasErrors() {
		return UpToDateQuery{}, diags
	}
	q := UpToDateQuery{RecordName: t.Name, Dir: t.Dir, Inputs: t.Inputs, Outputs: t.Outputs, Parts: map[string]string{
		"the command":     jsonText(t.Command, t.Entrypoint),
		"the environment": jsonText(t.Env),
		"the way it is run": jsonText(t.Kind, t.Service, t.IsExec, t.User, t.Workdir, t.Labels, t.Ports, t.ServicePorts,
			t.Volumes, t.UseAliases, t.CapAdd, t.CapDrop, t.NoDeps),
	}}
	if t.Kind == hclspec.HostTask {
		q.Parts["the project's directory"] = c.dir
	}
	if t.Kind == hclspec.HostTask && len(c.services) == 0 {
		return q, diags
	}
	q.RecordName = c.project.Name() + "/" + t.Name
	if t.Kind != hclspec.HostTask {
		c.addContainer(q.Parts, facts)
	}
	for _, service := range c.services {
		c.addService(q.Parts, service, facts)
	}
	return q, diags
}

// addContainer adds the parts of the one-off.
func (c *UpToDateCheck) addContainer(parts map[string]string, facts Facts) {
	c.addConfiguration(parts, c.base, facts)
	for _, key := range NamedVolumes(c.task) {
		c.addVolume(parts, key, facts)
	}
}

// addService adds the parts of a dependency: configuration and data. Data outside of named volumes belongs to the
// container, and so the container id is a part.
func (c *UpToDateCheck) addService(parts map[string]string, service string, facts Facts) {
	s := c.project.Model().Services[service]
	if hasVolumes := c.addConfiguration(parts, s, facts); hasVolumes && !c.isExternal {
		return
	}
	var ids []string
	for index := 0; facts.Containers[replicaName(service, index)] != ""; index++ {
		ids = append(ids, facts.Containers[replicaName(service, index)])
	}
	parts["the container of "+service] = jsonText(ids)
}

// addConfiguration adds a configuration, the image and the named volumes. hasVolumes reports whether volumes exist.
func (c *UpToDateCheck) addConfiguration(
	parts map[string]string, s types.ServiceConfig, facts Facts,
) (hasVolumes bool) {
	if _, declared := c.project.Model().Services[s.Name]; declared {
		withoutSources := s // the inputs tell what the task reads of them
		withoutSources.Labels = maps.Clone(s.Labels)
		delete(withoutSources.Labels, observed.LabelSources)
		parts["the configuration of service "+s.Name] = configHash(withoutSources).Modern
	}
	image := c.project.ImageName(s)
	parts["the image "+image] = facts.Images[image]
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeVolume && v.Source != "" {
			c.addVolume(parts, v.Source, facts)
			hasVolumes = true
		}
	}
	return hasVolumes
}

func (c *UpToDateCheck) addVolume(parts map[string]string, key string, facts Facts) {
	name := key
	if v, declared := c.project.Model().Volumes[key]; declared {
		name = v.Name
	}
	parts["the volume "+name] = facts.Volumes[name]
}

// jsonText renders values as text without ambiguity.
func jsonText(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // the values are strings, numbers and maps
	}
	return string(text)
}

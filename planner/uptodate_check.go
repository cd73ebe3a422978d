package planner

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// UpToDateOptions is what an invocation wants of tasks that have inputs.
type UpToDateOptions struct {
	// Force runs all of them. IfChanged has those that were asked for by name skipped like dependencies.
	Force, IfChanged bool
	// Changed looks at the files of a question, and says why the task is not up to date; empty: it is. Nil: nobody looks
	// while planning.
	ReasonToRun func(UpToDateQuery) (reason string, err error)
}

// UpToDateQuery asks whether a task is up to date: are all these as they were when it last succeeded, and do its outputs stand?
type UpToDateQuery struct {
	// RecordName is the name that its record is kept by.
	RecordName string
	// Dir is where the globs start.
	Dir             string
	Inputs, Outputs []string
	// Parts is what else the task is made from, by names for the user: "the command".
	Parts map[string]string
}

// UpToDateCheck says how a task with inputs is found to be up to date.
type UpToDateCheck struct {
	// AlwaysRun runs the task whatever is found, and only keeps a record of its success.
	AlwaysRun bool

	task    *hclspec.Task
	project *composeproject.Project
	base    types.ServiceConfig
	// services are what the task depends on, directly or not, sorted.
	services []string
	// isExternal says that those are only looked at, and their volumes not at all.
	isExternal bool
	dir        string
}

// upToDateCheck is nil for a task that is run without a look at what it reads.
func (p *taskPlanner) upToDateCheck(t *hclspec.Task) *UpToDateCheck {
	if len(t.Inputs) == 0 || t.Detach || p.isPrivate() && NeedsEngine(&hclspec.Spec{Tasks: map[string]*hclspec.Task{t.Name: t}}) {
		return nil
	}
	c := &UpToDateCheck{task: t, project: p.project, isExternal: p.isExternal(), dir: p.projectDir}
	isTarget := slices.Contains(p.spec.Targets, t.Name) && !p.upToDate.IfChanged
	c.AlwaysRun = p.upToDate.Force || isTarget || t.IsCaptured || t.FinallyOf != ""
	if t.Kind != hclspec.HostTask {
		c.base = p.baseService(t)
	}
	if !t.NoDeps {
		c.services = p.requiredServices(t)
	}
	return c
}

// requiredServices are the services that a task depends on, directly or not.
func (p *scopeSteps) requiredServices(t *hclspec.Task) []string {
	found := map[string]bool{}
	var add func(service string)
	dependencies := func(service string) {
		for _, name := range sortedKeys(p.model.Services[service].DependsOn) {
			add(name)
		}
	}
	add = func(service string) {
		if _, exists := p.model.Services[service]; exists && !found[service] {
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

// UpToDateQuery is what has to be asked, with what is known of the run. Pure.
func (c *UpToDateCheck) Query(facts Facts) (UpToDateQuery, hcl.Diagnostics) {
	t, diags := c.task.Resolve(facts.Results())
	if diags.HasErrors() {
		return UpToDateQuery{}, diags
	}
	q := UpToDateQuery{RecordName: t.Name, Dir: t.Dir, Inputs: t.Inputs, Outputs: t.Outputs, Parts: map[string]string{
		"the command":       jsonText(t.Command, t.Entrypoint),
		"the environment":   jsonText(t.Env),
		"the way it is run": jsonText(t.Kind, t.Service, t.IsExec, t.User, t.Workdir, t.Labels, t.Ports, t.ServicePorts, t.Volumes, t.UseAliases, t.CapAdd, t.CapDrop, t.NoDeps),
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

// addContainer is what the one-off itself is made from.
func (c *UpToDateCheck) addContainer(parts map[string]string, facts Facts) {
	c.addConfiguration(parts, c.base, facts)
	for _, key := range NamedVolumes(c.task) {
		c.addVolume(parts, key, facts)
	}
}

// service is what a dependency is: its configuration, and its data. Data that is not in a named volume goes with the
// container.
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

// addConfiguration enters a configuration, its image and its named volumes, and says whether there are any.
func (c *UpToDateCheck) addConfiguration(parts map[string]string, s types.ServiceConfig, facts Facts) (hasVolumes bool) {
	if _, declared := c.project.Model().Services[s.Name]; declared {
		parts["the configuration of service "+s.Name] = configHash(s).Modern
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

// jsonText tells values apart.
func jsonText(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // they are words, numbers, and maps of them
	}
	return string(text)
}

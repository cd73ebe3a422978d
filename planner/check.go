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

// UpToDate is what an invocation wants of tasks that have inputs.
type UpToDate struct {
	// Force runs all of them. IfChanged has those that were asked for by name skipped like dependencies.
	Force, IfChanged bool
	// Changed looks at the files of a question, and says why the task is not up to date; empty: it is. Nil: nobody looks
	// while planning.
	Changed func(Question) (reason string, err error)
}

// Question asks whether a task is up to date: are all these as they were when it last succeeded, and do its outputs stand?
type Question struct {
	// Record is the name that its record is kept by.
	Record string
	// Dir is where the globs start.
	Dir             string
	Inputs, Outputs []string
	// Parts is what else the task is made from, by names for the user: "the command".
	Parts map[string]string
}

// Check says how a task with inputs is found to be up to date.
type Check struct {
	// Always runs the task whatever is found, and only keeps a record of its success.
	Always bool

	task    *hclspec.Task
	project *composeproject.Project
	base    types.ServiceConfig
	// services are what the task depends on, directly or not, sorted.
	services []string
	// external says that those are only looked at, and their volumes not at all.
	external bool
	dir      string
}

// check is nil for a task that is run without a look at what it reads.
func (b *builder) check(t *hclspec.Task) *Check {
	if len(t.Inputs) == 0 || t.Detach || b.private() && NeedsEngine(&hclspec.Spec{Tasks: map[string]*hclspec.Task{t.Name: t}}) {
		return nil
	}
	c := &Check{task: t, project: b.in.Project, external: b.external(), dir: b.in.ProjectDir}
	named := slices.Contains(b.in.Spec.Wanted, t.Name) && !b.in.UpToDate.IfChanged
	c.Always = b.in.UpToDate.Force || named || t.Captured || t.After != ""
	if t.Kind != hclspec.Host {
		c.base = b.baseService(t)
	}
	if !t.NoDeps {
		c.services = b.servicesBelow(t)
	}
	return c
}

// servicesBelow are the services that a task depends on, directly or not.
func (b *builder) servicesBelow(t *hclspec.Task) []string {
	found := map[string]bool{}
	var add func(service string)
	dependencies := func(service string) {
		for _, name := range sortedKeys(b.model.Services[service].DependsOn) {
			add(name)
		}
	}
	add = func(service string) {
		if _, there := b.model.Services[service]; there && !found[service] {
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
	case t.Exec:
		add(t.Service)
	case t.Kind == hclspec.Service:
		dependencies(t.Service)
	}
	return sortedKeys(found)
}

// Question is what has to be asked, with what is known of the run. Pure.
func (c *Check) Question(facts Facts) (Question, hcl.Diagnostics) {
	t, diags := c.task.Resolve(facts.Results())
	if diags.HasErrors() {
		return Question{}, diags
	}
	q := Question{Record: t.Name, Dir: t.Dir, Inputs: t.Inputs, Outputs: t.Outputs, Parts: map[string]string{
		"the command":       asText(t.Command, t.Entrypoint),
		"the environment":   asText(t.Env),
		"the way it is run": asText(t.Kind, t.Service, t.Exec, t.User, t.Workdir, t.Labels, t.Ports, t.ServicePorts, t.Volumes, t.UseAliases, t.CapAdd, t.CapDrop, t.NoDeps),
	}}
	if t.Kind == hclspec.Host {
		q.Parts["the project's directory"] = c.dir
	}
	if t.Kind == hclspec.Host && len(c.services) == 0 {
		return q, diags
	}
	q.Record = c.project.Name() + "/" + t.Name
	if t.Kind != hclspec.Host {
		c.container(q.Parts, facts)
	}
	for _, service := range c.services {
		c.service(q.Parts, service, facts)
	}
	return q, diags
}

// container is what the one-off itself is made from.
func (c *Check) container(parts map[string]string, facts Facts) {
	c.configured(parts, c.base, facts)
	for _, key := range NamedVolumes(c.task) {
		c.volume(parts, key, facts)
	}
}

// service is what a dependency is: its configuration, and its data. Data that is not in a named volume goes with the
// container.
func (c *Check) service(parts map[string]string, service string, facts Facts) {
	s := c.project.Model().Services[service]
	if stateful := c.configured(parts, s, facts); stateful && !c.external {
		return
	}
	var ids []string
	for index := 0; facts.Containers[instanceName(service, index)] != ""; index++ {
		ids = append(ids, facts.Containers[instanceName(service, index)])
	}
	parts["the container of "+service] = asText(ids)
}

// configured enters a configuration, its image and its named volumes, and says whether there are any.
func (c *Check) configured(parts map[string]string, s types.ServiceConfig, facts Facts) (stateful bool) {
	if _, declared := c.project.Model().Services[s.Name]; declared {
		parts["the configuration of service "+s.Name] = hashOf(c.project, s).Modern
	}
	image := c.project.ImageName(s)
	parts["the image "+image] = facts.Images[image]
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeVolume && v.Source != "" {
			c.volume(parts, v.Source, facts)
			stateful = true
		}
	}
	return stateful
}

func (c *Check) volume(parts map[string]string, key string, facts Facts) {
	name := key
	if v, declared := c.project.Model().Volumes[key]; declared {
		name = v.Name
	}
	parts["the volume "+name] = facts.Volumes[name]
}

// asText tells values apart.
func asText(values ...any) string {
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // they are words, numbers, and maps of them
	}
	return string(text)
}

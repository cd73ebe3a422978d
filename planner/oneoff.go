package planner

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// planOneOff makes the step that creates a task's container, and what must exist before it.
func (p *taskPlanner) planOneOff(t *hclspec.Task) StepID {
	s := p.baseService(t)
	step := p.addStep(&Step{ID: StepID("create/" + t.Name), Verb: Create, Reason: "a fresh container for each run", Range: t.DeclRange})
	o := &oneOff{project: p.project, base: s, task: t, owner: p.owner}
	o.mountedImages = p.mountedImages(s)
	step.Action = &CreateOneOff{Task: t, Spec: o.spec}
	if _, err := reference.ParseNormalizedNamed(t.Image); t.Kind == hclspec.ImageTask && err != nil {
		p.diags = append(p.diags, taskError(t, "image", "wrong image", fmt.Sprintf("%q names no image: %s.", t.Image, err)))
	}
	// The mistakes that can be known now are told now.
	configured, diags := o.configure(t)
	p.diags = append(p.diags, diags...)
	if len(t.Deferred) == 0 {
		s = configured
	} else {
		for _, d := range t.DependsOn {
			if d.IsRunTime && d.Task != "" {
				step.addNeed(p.planTask(d.Task, "for task "+t.Name), "its output is used", false)
			}
		}
		p.ports.needHostPorts(step, t)
	}
	if t.NoDeps {
		s = p.withoutReferences(s, o)
	}
	p.services.addContainerNeeds(step, s)
	return step.ID
}

// baseService is the configuration that a task starts from: its service's, or one made for its image.
func (p *scopeSteps) baseService(t *hclspec.Task) types.ServiceConfig {
	if t.Kind == hclspec.ImageTask {
		return types.ServiceConfig{
			Name:     cmp.Or(t.DeclaredName, t.Name),
			Image:    t.Image,
			Networks: map[string]*types.ServiceNetworkConfig{"default": nil},
		}
	}
	return p.model.Services[t.Service]
}

// withoutReferences keeps the plan of a no_deps task from making the containers that its service shares namespaces or
// volumes with: those that exist are used, as `docker compose run --no-deps` does, and one that is missing is a mistake.
func (p *taskPlanner) withoutReferences(s types.ServiceConfig, o *oneOff) types.ServiceConfig {
	o.existing = map[string]string{}
	for _, ref := range referencedServices(s) {
		if containers := p.existingContainers(ref); len(containers) > 0 {
			o.existing[ref] = containers[0].ID
		} else if !isOnlyLinked(s, ref) && !p.isOffline {
			p.diags = append(p.diags, taskError(o.task, "no_deps", "container missing",
				"task "+o.task.Name+" shares with service "+ref+", which has no container, and no_deps keeps it from being started. Take no_deps out, or start "+ref+" first."))
		}
	}
	s.NetworkMode, s.Ipc, s.Pid, s.VolumesFrom, s.Links = "", "", "", nil, nil
	return s
}

// isOnlyLinked says that a service is referred to by links alone, which may lead nowhere.
func isOnlyLinked(s types.ServiceConfig, ref string) bool {
	s.Links = nil
	return !slices.Contains(referencedServices(s), ref)
}

// planOneOff completes the container of a task.
type oneOff struct {
	project *composeproject.Project
	base    types.ServiceConfig
	task    *hclspec.Task
	// owner is the label of this process.
	owner string
	// existing are the containers that a no_deps task may refer to, by service.
	existing map[string]string
	// mountedImages is as a decider's.
	mountedImages map[string]string
}

// spec is called by the executor. terminal says that both ends of the run are terminals.
func (o *oneOff) spec(facts Facts, terminal bool, slug string) (ContainerSpec, hcl.Diagnostics) {
	task, diags := o.task.Resolve(facts.Results())
	if diags.HasErrors() {
		return ContainerSpec{}, diags
	}
	s, moreDiags := o.configure(task)
	if diags = append(diags, moreDiags...); diags.HasErrors() {
		return ContainerSpec{}, diags
	}
	if o.existing != nil {
		facts.Containers = o.existing
	}
	s.StdinOpen = task.Interactive
	s.Tty = task.TTY == hclspec.TTYAlways || task.TTY == hclspec.TTYAuto && terminal
	resolved := composeproject.ResolveReferences(s, func(service string) (string, bool) {
		id, ok := facts.Containers[service]
		return id, ok
	})
	resolved.Volumes = withMountedImages(resolved.Volumes, o.mountedImages)
	spec := commonSpec(o.project, s, resolved, facts)
	spec.Locate = o.locate
	spec.Name = o.containerName(task, s.Name, slug)
	if task.NoDeps {
		s.DependsOn = nil // what the label tells
	}
	spec.Labels = o.project.Labels().OneOff(s, slug, configHash(resolved), facts.Images[spec.Image])
	labelMountedImages(spec.Labels, resolved.Volumes, facts)
	if !task.IsOnce {
		spec.Labels[observed.LabelTask] = task.Name
	}
	switch {
	case o.owner == "":
	case task.RM && !task.Detach:
		spec.Labels[observed.LabelOwner] = o.owner
	default:
		spec.Labels[observed.LabelStarter] = o.owner
	}
	spec.Networks = o.endpoints(resolved, unique([]string{spec.Name, cmp.Or(task.ContainerName, spec.Name)}))
	spec.OneOff, spec.StdinOpen, spec.TTY = true, s.StdinOpen, s.Tty
	return spec, diags
}

// locate is the place of an attribute of the container: in the compose file, else in the task that adds it.
func (o *oneOff) locate(path ...string) string {
	var place string
	if o.task.Kind == hclspec.ServiceTask {
		var exact bool
		if place, exact = o.project.AttributeLocationText(o.task.Service, path...); exact {
			return place
		}
	}
	if at := o.task.Range(path[0]); at.Filename != "" {
		return fmt.Sprintf("%s:%d:%d", at.Filename, at.Start.Line, at.Start.Column)
	}
	return place
}

// configure lays a task over its service, as `docker compose run` lays its flags: nothing is published unless asked for,
// the fixed name and the restart policy go, what the task sets replaces or adds.
func (o *oneOff) configure(t *hclspec.Task) (types.ServiceConfig, hcl.Diagnostics) {
	s := o.base
	var diags hcl.Diagnostics
	s.ContainerName, s.Restart, s.Scale = "", "", nil
	if s.Deploy != nil {
		deploy := *s.Deploy
		deploy.RestartPolicy, deploy.Replicas = nil, nil
		s.Deploy = &deploy
	}
	o.configureProcess(&s, t)
	s.Environment = maps.Clone(s.Environment)
	if s.Environment == nil {
		s.Environment = types.MappingWithEquals{}
	}
	maps.Copy(s.Environment, t.Env)
	s.Labels = maps.Clone(s.Labels)
	for _, key := range sortedKeys(t.Labels) {
		if isReservedLabel(key) {
			diags = append(diags, elementError(t, "labels", key, "reserved label", errors.New("label "+key+" belongs to Compose or to tasks itself. Choose another key.")))
			continue
		}
		s.Labels = s.Labels.Add(key, t.Labels[key])
	}
	if !t.ServicePorts {
		ports, moreDiags := addedPorts(t)
		s.Ports, diags = ports, append(diags, moreDiags...)
	}
	if o.project.IsPrivate() {
		s.Ports = composeproject.WithoutHostPorts(s.Ports)
	}
	added, moreDiags := addedVolumes(t)
	s.Volumes = composeproject.MergeVolumes(s.Volumes, added)
	mergeCapabilities(&s, t)
	return s, append(diags, moreDiags...)
}

// addedPorts reads the ports that a task publishes.
func addedPorts(t *hclspec.Task) (added []types.ServicePortConfig, diags hcl.Diagnostics) {
	var valid []string
	for _, text := range t.Ports {
		if _, err := composeproject.ParsePorts([]string{text}); err != nil {
			diags = append(diags, elementError(t, "ports", text, "wrong port", err))
			continue
		}
		valid = append(valid, text)
	}
	added, _ = composeproject.ParsePorts(valid)
	return added, diags
}

// addedVolumes reads the volumes that a task adds.
func addedVolumes(t *hclspec.Task) (added []types.ServiceVolumeConfig, diags hcl.Diagnostics) {
	for _, v := range t.Volumes {
		parsed, err := composeproject.ParseVolumes([]string{v.Text}, v.Dir, nil)
		if err != nil {
			diags = append(diags, elementError(t, "volumes", v.Text, "wrong volume", err))
		}
		added = append(added, parsed...)
	}
	return added, diags
}

// NamedVolumes are the volumes that a task mounts by name beside its service's own.
func NamedVolumes(t *hclspec.Task) []string {
	var names []string
	added, _ := addedVolumes(t)
	for _, v := range added {
		if v.Type == types.VolumeTypeVolume && v.Source != "" {
			names = append(names, v.Source)
		}
	}
	return names
}

// mergeCapabilities lays a task's over its service's: what one adds the other no longer drops, and the other way round.
func mergeCapabilities(s *types.ServiceConfig, t *hclspec.Task) {
	s.CapAdd = append(hclspec.WithoutCapabilities(s.CapAdd, t.CapDrop), t.CapAdd...)
	s.CapDrop = append(hclspec.WithoutCapabilities(s.CapDrop, t.CapAdd), t.CapDrop...)
}

// endpoints: a one-off is known by its own name only, unless it is to take its service's place in the networks.
func (o *oneOff) endpoints(s types.ServiceConfig, names []string) []Endpoint {
	if !o.task.UseAliases {
		return endpoints(o.project, s, names)
	}
	return serviceEndpoints(o.project, s, names[0])
}

// containerName is the container's name. In a private project nothing has a name of its own: another run may want the same.
func (o *oneOff) containerName(t *hclspec.Task, service, slug string) string {
	if t.ContainerName != "" && !o.project.IsPrivate() {
		return t.ContainerName
	}
	return o.project.OneOffName(service, slug)
}

func (o *oneOff) configureProcess(s *types.ServiceConfig, t *hclspec.Task) {
	if t.Entrypoint != nil {
		s.Entrypoint = types.ShellCommand(t.Entrypoint)
	}
	if t.Command != nil {
		s.Command = types.ShellCommand(t.Command)
	}
	if t.User != "" {
		s.User = t.User
	}
	if t.Workdir != "" {
		s.WorkingDir = t.Workdir
	}
	if t.StopSignal != "" {
		s.StopSignal = t.StopSignal
	}
	if t.StopGracePeriod > 0 {
		grace := types.Duration(t.StopGracePeriod)
		s.StopGracePeriod = &grace
	}
}

// isReservedLabel says whether a label key belongs to Compose or to us.
func isReservedLabel(key string) bool {
	return strings.HasPrefix(key, "com.docker.compose.") || strings.HasPrefix(key, "tasks.")
}

// taskError is one of the author's. What only the command line says has no place in a file.
func taskError(t *hclspec.Task, attr, summary, detail string) *hcl.Diagnostic {
	return errorAt(t.Range(attr), summary, detail)
}

// elementError is a mistake in one text of a list. What is not in the file comes from a flag, and has no place.
func elementError(t *hclspec.Task, attr, text, summary string, err error) *hcl.Diagnostic {
	if _, isInFile := t.Ranges[attr]; !isInFile {
		return errorAt(hcl.Range{}, summary, err.Error())
	}
	return errorAt(t.ElementRange(attr, text), summary, err.Error())
}

func errorAt(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail}
	if at.Filename != "" {
		d.Subject = &at
	}
	return d
}

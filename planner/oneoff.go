package planner

import (
	"cmp"
	"errors"
	"maps"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// oneOff completes the container of a task.
type oneOff struct {
	project *composeproject.Project
	base    types.ServiceConfig
	task    *hclspec.Task
	// owner is the owner label of this process.
	owner string
	// existing are the containers in the references of a no_deps task, by service.
	existing map[string]string
	// mountedImages maps image sources to references.
	mountedImages map[string]string
}

// spec returns the container with the facts of the run. It is an [OneOffSpec].
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
	resolved := resolveReferences(s, facts)
	resolved.Volumes = withMountedImages(resolved.Volumes, o.mountedImages)
	spec := commonSpec(o.project, s, resolved, facts)
	spec.Locate = o.locate
	spec.Name = o.containerName(task, s.Name, slug)
	if task.NoDeps {
		s.DependsOn = nil // for the label
	}
	spec.Labels = o.project.Labels().OneOff(s, slug, configHash(resolved), facts.Images[spec.Image])
	labelMountedImages(spec.Labels, resolved.Volumes, facts)
	o.addLabels(spec.Labels, task)
	spec.Networks = o.endpoints(resolved, observed.Unique([]string{spec.Name, cmp.Or(task.ContainerName, spec.Name)}))
	spec.OneOff, spec.StdinOpen, spec.TTY = true, s.StdinOpen, s.Tty
	return spec, diags
}

// addLabels adds the labels of the task and of this process.
func (o *oneOff) addLabels(labels map[string]string, task *hclspec.Task) {
	if !task.IsOnce {
		labels[observed.LabelTask] = task.Name
	}
	switch {
	case o.owner == "":
	case task.RM && !task.Detach:
		labels[observed.LabelOwner] = o.owner
	default:
		labels[observed.LabelStarter] = o.owner
	}
}

// locate returns the place of an attribute: in the compose file, else in the task.
func (o *oneOff) locate(path ...string) string {
	var place string
	if o.task.Kind == hclspec.ServiceTask {
		var exact bool
		if place, exact = o.project.Locations().AttributeText(o.task.Service, path...); exact {
			return place
		}
	}
	return cmp.Or(hclspec.PlaceText(o.task.Range(path[0])), place)
}

// configure merges a task into its service, as `docker compose run` merges its flags. Ports are published only on
// request. The fixed name and the restart policy are removed. The attributes of the task replace or extend the
// service.
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
			err := errors.New("label " + key + " belongs to Compose or to tasks itself. Choose another key.")
			diags = append(diags, elementError(t, "labels", key, "reserved label", err))
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

// addedPorts parses the `ports` of a task.
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

// addedVolumes parses the `volumes` of a task.
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

// NamedVolumes returns the named volumes in the `volumes` of a task.
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

// mergeCapabilities merges the capabilities of a task into the service. A capability added by the task is no longer
// dropped, and a capability dropped by the task is no longer added.
func mergeCapabilities(s *types.ServiceConfig, t *hclspec.Task) {
	s.CapAdd = append(hclspec.WithoutCapabilities(s.CapAdd, t.CapDrop), t.CapAdd...)
	s.CapDrop = append(hclspec.WithoutCapabilities(s.CapDrop, t.CapAdd), t.CapDrop...)
}

// endpoints returns the endpoints of the one-off. Only use_aliases adds the aliases of the service to the names.
func (o *oneOff) endpoints(s types.ServiceConfig, names []string) []Endpoint {
	if !o.task.UseAliases {
		return endpoints(o.project, s, names)
	}
	return serviceEndpoints(o.project, s, names[0])
}

// containerName returns the container name. A private project ignores container_name: another run may have the same
// name.
func (o *oneOff) containerName(t *hclspec.Task, service, slug string) string {
	if t.ContainerName != "" && !o.project.IsPrivate() {
		return t.ContainerName
	}
	return o.project.OneOffName(service, slug)
}

// configureProcess merges the command and its process options.
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

// isReservedLabel reports whether a label key is reserved for Compose or for `tasks`.
func isReservedLabel(key string) bool {
	return strings.HasPrefix(key, "com.docker.compose.") || strings.HasPrefix(key, "tasks.")
}

// taskError returns an error in an attribute of a task. A value of the command line has no place in a file.
func taskError(t *hclspec.Task, attr, summary, detail string) *hcl.Diagnostic {
	return errorAt(t.Range(attr), summary, detail)
}

// elementError returns an error in an element of a list. An element of the command line has no place.
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

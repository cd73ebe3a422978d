package planner

import (
	"maps"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
)

// LabelProbe is our own label on the short-lived containers that try a service's port: the service's name. They have the
// project's label and no other of Compose's, so that nobody takes them for the service, and `tasks down` finds them.
const LabelProbe = "tasks.probe"

// Program is a static program to be put into a container that runs nothing else.
type Program struct {
	// Path is where it is put.
	Path    string
	Content []byte
	Environ map[string]string
}

// ProbeContainer is the container that runs a program in the network namespace of a service's container: from there every address
// of the service is reached, whatever its networks are, and no address of theirs is used up. The image is the service's
// own, which is there; nothing of it runs.
func ProbeContainer(project, service, slug string, target *ObservedContainer, program Program) ContainerSpec {
	environment := types.MappingWithEquals{}
	for name, value := range maps.All(program.Environ) {
		environment[name] = &value
	}
	return ContainerSpec{
		Name:  project + "-" + service + "-probe-" + slug[:12],
		Image: target.ImageID,
		Service: types.ServiceConfig{
			Name: service, Entrypoint: types.ShellCommand{program.Path}, Environment: environment,
			NetworkMode: types.ContainerPrefix + target.ID,
			HealthCheck: &types.HealthCheckConfig{Disable: true},
			Logging:     &types.LoggingConfig{Driver: "none"},
			StopSignal:  "SIGKILL", // it has nothing to end in order
			User:        "0:0", WorkingDir: "/", CapDrop: []string{"ALL"},
			Tmpfs: volumeTargets(target), // else the engine fills an anonymous volume for each
		},
		Labels:     probeLabels(project, service, target),
		Files:      []File{{Path: program.Path, Content: program.Content, Mode: 0o555}},
		AutoRemove: true,
	}
}

// probeLabels have what tells whose a private project is, as all that is in one: nobody else would look for it.
func probeLabels(project, service string, target *ObservedContainer) map[string]string {
	labels := map[string]string{composeproject.LabelProject: project, LabelProbe: service}
	for _, key := range []string{LabelOriginal, LabelOwner, LabelPolicy} {
		if value, exists := target.Labels[key]; exists && target.Labels[LabelOriginal] != "" {
			labels[key] = value
		}
	}
	return labels
}

func volumeTargets(c *ObservedContainer) []string {
	var targets []string
	for _, m := range c.Mounts {
		if m.Type == "volume" {
			targets = append(targets, m.Destination)
		}
	}
	return targets
}

package planner

import (
	"maps"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

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
func ProbeContainer(project, service, slug string, target *observed.Container, program Program) ContainerSpec {
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
func probeLabels(project, service string, target *observed.Container) map[string]string {
	labels := map[string]string{composeproject.LabelProject: project, observed.LabelProbe: service}
	for _, key := range []string{observed.LabelOriginal, observed.LabelOwner, observed.LabelPolicy} {
		if value, exists := target.Labels[key]; exists && target.Labels[observed.LabelOriginal] != "" {
			labels[key] = value
		}
	}
	return labels
}

func volumeTargets(c *observed.Container) []string {
	var targets []string
	for _, m := range c.Mounts {
		if m.Type == "volume" {
			targets = append(targets, m.Destination)
		}
	}
	return targets
}

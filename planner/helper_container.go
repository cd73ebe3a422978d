package planner

import (
	"maps"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Program is a static program for a container that runs nothing else.
type Program struct {
	// Path is the path in the container.
	Path    string
	Content []byte
	Environ map[string]string
}

// ProbeContainer is a helper container with a program in the network namespace of a service container. The program
// reaches every address of the service in every network, and the helper takes no address of a network. The image is
// the image of the service, because that image exists; nothing from the image runs.
func ProbeContainer(project, service, slug string, target *observed.Container, program Program) ContainerSpec {
	environment := types.MappingWithEquals{}
	for name, value := range maps.All(program.Environ) {
		environment[name] = &value
	}
	return ContainerSpec{
		Name:  project + "-" + service + "-probe-" + slug[:12],
		Image: target.ImageID,
		Service: types.ServiceConfig{
			Name: service,
			ContainerSpec: types.ContainerSpec{
				Entrypoint:  types.ShellCommand{program.Path},
				Environment: environment,
				NetworkMode: types.ContainerPrefix + target.ID,
				Logging:     &types.LoggingConfig{Driver: "none"},
				StopSignal:  "SIGKILL", // the program needs no graceful stop
				User:        "0:0",
				WorkingDir:  "/",
				CapDrop:     []string{"ALL"},
				Tmpfs:       volumeTargets(target), // without tmpfs the engine fills an anonymous volume for each
			},
			WorkloadSpec: types.WorkloadSpec{HealthCheck: &types.HealthCheckConfig{Disable: true}},
		},
		Labels:     probeLabels(project, service, target),
		Files:      []File{{Path: program.Path, Content: program.Content, Mode: 0o555}},
		AutoRemove: true,
	}
}

// probeLabels returns the labels of a helper container. In a private project they include the labels of the project's
// owner: no other process would find the container.
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

// SignalContainer is a helper container with a program in the process namespace of a service container. The program
// runs as root with the capabilities to read the environment of every process and to signal every process. The
// engine's default AppArmor profile denies access to processes under another profile, and so the helper is
// unconfined.
func SignalContainer(project, service, slug string, target *observed.Container, program Program) ContainerSpec {
	spec := ProbeContainer(project, service, slug, target, program)
	spec.Name = project + "-" + service + "-signal-" + slug[:12]
	spec.Service.NetworkMode, spec.Service.Pid = "none", types.ContainerPrefix+target.ID
	spec.Service.CapAdd = []string{"SYS_PTRACE", "DAC_READ_SEARCH", "KILL"}
	spec.Service.SecurityOpt = []string{"apparmor=unconfined"}
	return spec
}

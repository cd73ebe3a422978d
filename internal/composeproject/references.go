package composeproject

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// ResolveReferences replaces a service's references to other services by container IDs, the form for the hash. In
// network_mode, ipc and pid, `service:x` becomes `container:<id>`; the entries of volumes_from become bare IDs.
// containerID returns the ID of a service's first container. A reference to a service without a container stays, and
// the hash then matches no container, as in Compose.
func ResolveReferences(s types.ServiceConfig, containerID func(service string) (string, bool)) types.ServiceConfig {
	s.NetworkMode = resolveNamespace(s.NetworkMode, containerID)
	s.Ipc = resolveNamespace(s.Ipc, containerID)
	s.Pid = resolveNamespace(s.Pid, containerID)
	s.VolumesFrom = resolveVolumesFrom(s.VolumesFrom, containerID)
	return s
}

func resolveNamespace(mode string, containerID func(string) (string, bool)) string {
	service, ok := strings.CutPrefix(mode, types.ServicePrefix)
	if !ok {
		return mode
	}
	id, ok := containerID(service)
	if !ok {
		return mode
	}
	return types.ContainerPrefix + id
}

func resolveVolumesFrom(entries []string, containerID func(string) (string, bool)) []string {
	var resolved []string
	for _, entry := range entries {
		resolved = append(resolved, resolveVolumesFromEntry(entry, containerID))
	}
	return resolved
}

// resolveVolumesFromEntry resolves `service[:mode]` and `container:name[:mode]`.
func resolveVolumesFromEntry(entry string, containerID func(string) (string, bool)) string {
	if container, ok := strings.CutPrefix(entry, types.ContainerPrefix); ok {
		name, _, _ := strings.Cut(container, ":")
		return name
	}
	service, _, _ := strings.Cut(entry, ":")
	if id, ok := containerID(service); ok {
		return id
	}
	return entry
}

// VolumesFromWithModes appends the modes of the declared entries, such as `:ro`, to the resolved entries. Compose loses
// the modes, so a container can write to a read-only volume.
func VolumesFromWithModes(declared, resolved []string) []string {
	var all []string
	for i, entry := range resolved {
		name, isContainer := strings.CutPrefix(declared[i], types.ContainerPrefix)
		_, mode, given := strings.Cut(name, ":")
		if unresolved := !isContainer && entry == declared[i]; given && !unresolved {
			entry += ":" + mode
		}
		all = append(all, entry)
	}
	return all
}

// ServicesReferredTo returns the services with containers that the configuration of a service needs. The services are
// in the order of network_mode, ipc, pid and volumes_from, without repetition.
func ServicesReferredTo(s types.ServiceConfig) []string {
	var services []string
	add := func(name string) {
		for _, have := range services {
			if have == name {
				return
			}
		}
		services = append(services, name)
	}
	for _, mode := range []string{s.NetworkMode, s.Ipc, s.Pid} {
		if name, ok := strings.CutPrefix(mode, types.ServicePrefix); ok {
			add(name)
		}
	}
	for _, entry := range s.VolumesFrom {
		if name, _, _ := strings.Cut(entry, ":"); !strings.HasPrefix(entry, types.ContainerPrefix) {
			add(name)
		}
	}
	return services
}

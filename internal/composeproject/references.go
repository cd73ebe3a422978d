package composeproject

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// ResolveReferences returns the service with its references to other services replaced by their containers: network_mode,
// ipc and pid `service:x` become `container:<id>`, the entries of volumes_from bare ids, which is the form that is hashed.
// containerID tells the id of a service's first container by name. What it does not know stays as it is, and then the
// hash matches no container, as in Compose.
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

// resolveVolumesFromEntry reads `service[:mode]` and `container:name[:mode]`.
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

// VolumesFromWithModes puts the modes of the written entries, such as `:ro`, behind the resolved ones. Compose loses them
// there, and lets a container write what the file says it may only read.
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

// ServicesReferredTo are the services whose containers a service's own configuration needs: those of network_mode, ipc,
// pid and volumes_from, in that order, each once.
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

package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// String is the kind's name in messages.
func (k TaskKind) String() string {
	return [...]string{"group", "host", "service", "image"}[k]
}

// KindList renders "service and image tasks".
func KindList(kinds []TaskKind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.String()
	}
	last := len(names) - 1
	if last == 0 {
		return names[0] + " tasks"
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " tasks"
}

// TaskKind says where a task's command runs.
type TaskKind int

const (
	// GroupTask has neither service, image, command nor script: it only names its dependencies.
	GroupTask TaskKind = iota
	// HostTask runs its command on the machine of `tasks` itself.
	HostTask
	// ServiceTask is a one-off container of a compose service.
	ServiceTask
	// ImageTask is a one-off container of an image, on the project's default network.
	ImageTask
)

// Condition is what a dependent waits for at a service.
type Condition string

// The conditions of the Compose specification, and the one that asks for healthy only where there is a probe.
const (
	// Ready is `service.db`: healthy where the service has a healthcheck, else started.
	Ready     Condition = "ready"
	Started   Condition = "service_started"
	Healthy   Condition = "service_healthy"
	Completed Condition = "service_completed_successfully"
)

// Dependency is one entry of a task's dependencies: a task or a service, never both.
type Dependency struct {
	Task    string
	Service string
	// Condition is for services.
	Condition Condition
	// IsDeferred says that a run-time value makes the dependency, not depends_on.
	IsRunTime bool
	Range     hcl.Range
}

package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// String returns the name of the kind in messages.
func (k TaskKind) String() string {
	return [...]string{"group", "host", "service", "image"}[k]
}

// KindList renders kinds as "service and image tasks".
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

// TaskKind tells where the command of a task runs.
type TaskKind int

const (
	// GroupTask has neither service, image, command nor script. Such a task only names its dependencies.
	GroupTask TaskKind = iota
	// HostTask runs its command on the host of `tasks`.
	HostTask
	// ServiceTask is a one-off container of a compose service.
	ServiceTask
	// ImageTask is a one-off container of an image, on the project's default network.
	ImageTask
)

// Condition is the state of a service that a dependent waits for.
type Condition string

// The conditions of the Compose specification, and Ready.
const (
	// Ready is `service.db`: healthy for a service with a healthcheck, else started.
	Ready     Condition = "ready"
	Started   Condition = "service_started"
	Healthy   Condition = "service_healthy"
	Completed Condition = "service_completed_successfully"
)

// Dependency is a task or a service that a task needs, never both.
type Dependency struct {
	Task    string
	Service string
	// IsJob reports whether Service is a job of the compose file.
	IsJob bool
	// Condition is set for services.
	Condition Condition
	// Position is the place in the list of `steps`, counted from 1. 0: the dependency is not in `steps`.
	Position int
	// IsRunTime reports whether a run-time value makes the dependency, without an entry in depends_on.
	IsRunTime bool
	Range     hcl.Range
}

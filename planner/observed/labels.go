package observed

// The labels of `tasks`. No other program sets them, and only [LabelSources] enters a config hash. Labels cannot change
// after the creation of a resource: resources that outlive their run have none of them.
const (
	// LabelTask is the task name of a one-off. Services never have the label.
	LabelTask = "tasks.task"
	// LabelOwner names the process that created a resource, where the resource ends with the process. One-offs that are
	// kept (`rm = false`) or detached have no owner.
	LabelOwner = "tasks.owner"
	// LabelStarter names the process that was to start the container, on a helper container and on a one-off without an
	// owner. If the process died before the start, the container is abandoned.
	LabelStarter = "tasks.starter"
	// LabelProbe is the service name of a helper container that probes a port of the service. A helper container has
	// only the project label of Compose: no program takes the container for the service, and `tasks down` finds it.
	LabelProbe = "tasks.probe"
	// LabelPolicy is the dependency policy of a resource that does not outlive its users.
	LabelPolicy = "tasks.policy"
	// LabelLeases lists, on the same resources, the lease directories of the creator, separated by spaces.
	LabelLeases = "tasks.leases"
	// LabelSources is the hash of the files that a container got as sources, at the time of the plan. As a label of the
	// service it is part of the config hash.
	LabelSources = "tasks.sources"
	// LabelOriginal names, on all resources of a private project, the original project.
	LabelOriginal = "tasks.of"
)

// labelPrefix begins all labels of `tasks`.
const labelPrefix = "tasks."

// The values of [LabelPolicy].
const (
	PolicyTransient = "transient"
	PolicyEphemeral = "ephemeral"
)

// labelAnonymous is a label of anonymous volumes, set by Docker Engine 24 and later.
const labelAnonymous = "com.docker.volume.anonymous"

// IsTransient reports whether the labels are from a transient resource: the last user removes it.
func IsTransient(labels map[string]string) bool { return labels[LabelPolicy] == PolicyTransient }

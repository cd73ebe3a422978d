package planner

// Our own labels, beside [LabelTask], [LabelOwner] and [LabelProbe]. They go on what runs make for themselves, never on what
// they leave to others: labels cannot change later. None of them enters a config hash.
const (
	// LabelPolicy is the dependency_policy that a thing was made under, where it does not outlive the runs that use it.
	LabelPolicy = "tasks.policy"
	// LabelLeases is on the same things: where the process that made them keeps its leases, separated by spaces.
	LabelLeases = "tasks.leases"
	// LabelOriginal is on everything of a private project: the name of the project that it is a clone of.
	LabelOriginal = "tasks.of"
)

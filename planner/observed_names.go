package planner

import "tasks/planner/observed"

// The names of package observed, for other packages.
type (
	ObservedContainer = observed.Container
	ContainerState    = observed.ContainerState
	ObservedMount     = observed.Mount
	ObservedNetwork   = observed.Network
	ObservedVolume    = observed.Volume
	ObservedImage     = observed.Image
	Snapshot          = observed.Snapshot
	RunResources      = observed.RunResources
	Query             = observed.Query
	ImageQuery        = observed.ImageQuery
	Ownership         = observed.Ownership
)

const (
	LabelTask     = observed.LabelTask
	LabelOwner    = observed.LabelOwner
	LabelStarter  = observed.LabelStarter
	LabelProbe    = observed.LabelProbe
	LabelPolicy   = observed.LabelPolicy
	LabelLeases   = observed.LabelLeases
	LabelOriginal = observed.LabelOriginal
)

// IsTransient is [observed.IsTransient].
func IsTransient(labels map[string]string) bool { return observed.IsTransient(labels) }

// NetworkLease is [observed.NetworkLease].
func NetworkLease(name string) string { return observed.NetworkLease(name) }

// Waves is [observed.Waves].
func Waves(containers []*observed.Container) [][]*observed.Container {
	return observed.Waves(containers)
}

// Removable is [observed.Unneeded].
func Removable(all []*observed.Container, isCandidate func(*observed.Container) bool) []*observed.Container {
	return observed.Unneeded(all, isCandidate)
}

// TemporaryName is [observed.TemporaryName].
func TemporaryName(id, final string) string { return observed.TemporaryName(id, final) }

// IsGeneratedName is [observed.IsGeneratedName].
func IsGeneratedName(name string) bool { return observed.IsGeneratedName(name) }

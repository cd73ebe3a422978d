package planner

import (
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// Action is the work of a step for the executor. The types of this package are the only actions.
type Action interface {
	// subject returns the kind and the name of the resource or task.
	subject() (kind, name string)
}

// taskAction is an action for a task.
type taskAction interface {
	Action
	task() *hclspec.Task
}

// The kinds of subjects.
const (
	kindNetwork   = "network"
	kindVolume    = "volume"
	kindImage     = "image"
	kindService   = "service"
	kindContainer = "container"
	kindOneOff    = "one-off"
	kindTask      = "task"
)

// Network ensures that a network of the project exists.
type Network struct {
	// Key is the name in the compose file, Name the engine's name.
	Key, Name string
	External  bool
	Config    types.NetworkConfig
	Labels    map[string]string
	// ExistingID is the id of the existing network. Empty: create a network.
	ExistingID string
	// IsChanged reports whether the compose file has another configuration than the existing network. The executor
	// then recreates the network under its containers.
	IsChanged bool
	// Locate returns the place of an attribute of Config, for messages, as in [ContainerSpec].
	Locate func(path ...string) string
	// MACs are the hardware addresses of services in a changed network, by service. The engine does not report them.
	MACs map[string]string
	// MissingError is the error text for a missing network that the policy never creates. Empty: create the network.
	MissingError string
	// IsTransient reports whether the last user removes the existing network.
	IsTransient bool
}

// Volume ensures that a named volume of the project exists.
type Volume struct {
	Key, Name string
	External  bool
	Config    types.VolumeConfig
	Labels    map[string]string
	Exists    bool
	// MissingError is the same as for a network.
	MissingError string
	// CreatedAt is the creation time of the existing volume, in the engine's format.
	CreatedAt string
}

// Container ensures that a replica has a container in the current configuration.
type Container struct {
	Replica string
	// Decide chooses the verb with the facts of the run. Decide is pure. The executor looks at the container and
	// calls Decide again, because another run may have been faster.
	Decide func(existing *observed.Container, facts Facts) Decision
	// Name is the container name, for the executor's look.
	Name string
	// Existing is the container of the snapshot, or nil.
	Existing *observed.Container
	// PreStop are the hooks before the stop of a replaced container.
	PreStop []types.ServiceHook
}

// StartService starts or unpauses the container of a replica, if the container is not running.
type StartService struct {
	Replica string
	// IsRunning reports whether the container ran at the snapshot and is reused.
	IsRunning bool
	// HasCompleted reports whether the service only had to complete and has completed. The service does not run again.
	HasCompleted bool
	// StopAfterUse reports whether the container existed and was down. The last user stops the container.
	StopAfterUse bool
	// NoHealthcheckError is the error for a container without a healthcheck, where a dependent waits for one and the
	// image was unknown at the snapshot. Empty: no dependent does, or the healthcheck is known.
	NoHealthcheckError string
	Hooks              StartHooks
	// Ports are the ports of the service. Locate returns the place of an attribute, as in [ContainerSpec].
	Ports  []types.ServicePortConfig
	Locate func(path ...string) string
}

// WaitService waits for a condition of a replica. [hclspec.Started] has no wait.
type WaitService struct {
	Replica   string
	Condition hclspec.Condition
	// Readiness is the `ready` block of the service, or nil.
	Readiness *hclspec.Readiness
	// IsUp reports whether `tasks up` asks for the service. Without a healthcheck and a probe, the service then has to
	// run for a moment, or to end with success.
	IsUp bool
	// IsMet reports whether the condition was met at the snapshot.
	IsMet bool
	// NeverMetError is the error for a service that can never be healthy; empty: the service can be, or is unknown.
	NeverMetError string
}

// CreateOneOff creates the container of a task. The dependencies of the task may still be starting.
type CreateOneOff struct {
	Task *hclspec.Task
	Spec OneOffSpec
}

// OneOffSpec completes the container of a task with the results of earlier steps. terminal reports whether both ends
// of the run are terminals. The function is pure.
type OneOffSpec func(facts Facts, terminal bool, slug string) (ContainerSpec, hcl.Diagnostics)

// RunOneOff starts the container of a task, connects the streams, and takes the exit code.
type RunOneOff struct {
	Task   *hclspec.Task
	Create StepID
	// Image and Platform are the image of the container. ImageMayChange reports whether a task before the step may
	// replace the image after the creation of the container.
	Image, Platform string
	ImageMayChange  bool
}

// RunHost runs the command of a task on the host.
type RunHost struct {
	Task *hclspec.Task
	// ProjectDir is the working directory, unless the task sets another directory.
	ProjectDir string
	// Ports are variables with host ports. The task's own environment overrides them.
	Ports PortEnv
}

// RunExec runs the command of a task in the running container of a service.
type RunExec struct {
	Task *hclspec.Task
	// Existing is the container of the snapshot, for no_deps only. Nil: no container.
	Existing *observed.Container
	// Ports are variables with host ports. The task's own environment overrides them.
	Ports PortEnv
}

// JoinGroup ends after all dependencies of a task without a command.
type JoinGroup struct {
	Task *hclspec.Task
	// Entries are the entries of the task's steps, in order. before are the dependencies before the first entry.
	Entries []Entry
	before  []StepID
}

// Entry is an entry of the steps of a task.
type Entry struct {
	// Name is the text for messages, "task seed". Position is the place in the list, counted from 1.
	Name     string
	Position int
	// Steps are the last steps of the entry.
	Steps []StepID
}

// NoOp takes the place of the command of a task that is disabled or up to date.
type NoOp struct {
	Task *hclspec.Task
}

// RemoveContainer removes an orphan, an unfinished replacement, a container of a dead run, or a container of a
// teardown.
type RemoveContainer struct {
	Container *observed.Container
	// PreStop are the hooks before the stop.
	PreStop []types.ServiceHook
	// Kill skips the graceful stop.
	Kill bool
	// Lease names the lease on the container: an existing lease prevents the removal. Empty: no lease.
	Lease string
	// Replaced is the replaced container of an interrupted recreate, Replica the name of the replica. The removal
	// holds the lock of a recreate, and happens only if the replacement is still unfinished. Nil: no interrupted
	// recreate.
	Replaced *observed.Container
	Replica  string
}

// RemoveNetwork removes a network of a dead run or a duplicate network, unless the network is in use. Lease is the
// same as for [RemoveContainer].
type RemoveNetwork struct {
	Network observed.Network
	Lease   string
	// IsRequired makes a network in use a failure.
	IsRequired bool
}

// RemoveVolume removes a volume of a dead run or of a teardown, unless the volume is in use.
type RemoveVolume struct {
	Volume observed.Volume
	// IsRequired makes a volume in use a failure.
	IsRequired bool
	// IsAnonymous reports whether the volume belongs to a removed container: its removal is not reported.
	IsAnonymous bool
}

func (a *Network) subject() (kind, name string)         { return kindNetwork, a.Name }
func (a *Volume) subject() (kind, name string)          { return kindVolume, a.Name }
func (a *Image) subject() (kind, name string)           { return kindImage, a.Ref }
func (a *Container) subject() (kind, name string)       { return kindService, a.Replica }
func (a *StartService) subject() (kind, name string)    { return kindService, a.Replica }
func (a *WaitService) subject() (kind, name string)     { return kindService, a.Replica }
func (a *InspectService) subject() (kind, name string)  { return kindService, a.Replica }
func (a *InspectPorts) subject() (kind, name string)    { return kindService, a.Service }
func (a *StopService) subject() (kind, name string)     { return kindService, a.Replica }
func (a *CreateOneOff) subject() (kind, name string)    { return kindOneOff, a.Task.Name }
func (a *RunHost) subject() (kind, name string)         { return kindTask, a.Task.Name }
func (a *RunExec) subject() (kind, name string)         { return kindTask, a.Task.Name }
func (a *JoinGroup) subject() (kind, name string)       { return kindTask, a.Task.Name }
func (a *NoOp) subject() (kind, name string)            { return kindTask, a.Task.Name }
func (a *RemoveContainer) subject() (kind, name string) { return kindContainer, a.Container.Name }
func (a *RemoveNetwork) subject() (kind, name string)   { return kindNetwork, a.Network.Name }
func (a *RemoveVolume) subject() (kind, name string)    { return kindVolume, a.Volume.Name }

func (a *RunOneOff) subject() (kind, name string) {
	if a.Task.IsOnce {
		return kindOneOff, a.Task.Name
	}
	return kindTask, a.Task.Name
}

func (a *CreateOneOff) task() *hclspec.Task { return a.Task }
func (a *RunOneOff) task() *hclspec.Task    { return a.Task }
func (a *RunHost) task() *hclspec.Task      { return a.Task }
func (a *RunExec) task() *hclspec.Task      { return a.Task }
func (a *JoinGroup) task() *hclspec.Task    { return a.Task }
func (a *NoOp) task() *hclspec.Task         { return a.Task }

package planner

import (
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// Action is what the executor has to do: one of *Network, *Volume, *Image, *Container, *StartService, *WaitService,
// *CreateOneOff, *RunOneOff, *RunHost, *RunExec, *JoinGroup, *RemoveContainer, *RemoveNetwork, *RemoveVolume, *StopService, *InspectPorts, *InspectService.
type Action interface{ action() }

// Network makes sure that a network of the project exists.
type Network struct {
	// Key is the name in the compose file, Name the engine's.
	Key, Name string
	External  bool
	Config    types.NetworkConfig
	Labels    map[string]string
	// ExistingID is the observed network that is reused; empty: create one.
	ExistingID string
	// IsChanged says that the existing network has another configuration than the compose file now asks for: it is made
	// anew under its containers.
	IsChanged bool
	// Locate tells the place of an attribute of Config, for messages; as [ContainerSpec.Where].
	Locate func(path ...string) string
	// MACs are the hardware addresses that services want in a changed network, by service: the engine does not tell them.
	MACs map[string]string
	// MissingError is how the run fails that may not make it, where it does not exist; empty: it is made.
	MissingError string
	// Transient says that the existing network goes with the last run that uses it.
	IsTransient bool
}

// Volume makes sure that a named volume of the project exists.
type Volume struct {
	Key, Name string
	External  bool
	Config    types.VolumeConfig
	Labels    map[string]string
	Exists    bool
	// MissingError is as a network's.
	MissingError string
	// CreatedAt is when the one that exists was made, in the engine's words.
	CreatedAt string
}

// Container makes sure that a dependency service has its container, in its current configuration.
type Container struct {
	Replica string
	// Decide chooses with what is known when the step runs. It is a pure function; the executor calls it again after
	// it has looked anew, because another run may have been faster.
	Decide func(have *observed.Container, facts Facts) Decision
	// Name is the container's name, by which the executor looks anew.
	Name string
	// Have is the container that the snapshot showed, or nil.
	Existing *observed.Container
	// PreStop are run in it before it is stopped to be replaced.
	PreStop []types.ServiceHook
}

// StartService starts the container of a service, or unpauses it; one that runs is left alone.
type StartService struct {
	Replica string
	// IsRunning says that the snapshot saw it running, so that nothing is to be done unless it was recreated.
	IsRunning bool
	// HasCompleted says that the service only had to complete, and has: it is not run again.
	HasCompleted bool
	// StopAfterUse says that the container was there and down: it is stopped again after the last run that uses it.
	StopAfterUse bool
	// Hooks are what surrounds the start.
	Hooks StartHooks
}

// WaitService waits until a service meets a condition (Started never makes a step).
type WaitService struct {
	Replica   string
	Condition hclspec.Condition
	// Readiness is what the tasks file says of the service's readiness, or nil.
	Readiness *hclspec.Readiness
	// IsMet says that the snapshot saw the condition met.
	IsMet bool
}

// CreateOneOff creates the container of a task, while its dependencies may still be starting.
type CreateOneOff struct {
	Task *hclspec.Task
	// Spec completes the container.
	Spec OneOffSpec
}

// OneOffSpec completes the container of a task with the results of earlier steps and the terminal of the run. Pure.
type OneOffSpec func(facts Facts, terminal bool, slug string) (ContainerSpec, hcl.Diagnostics)

// RunOneOff starts the container of a task, passes its streams, and takes its exit code.
type RunOneOff struct {
	Task   *hclspec.Task
	Create StepID
}

// RunHost runs the command of a task on the host.
type RunHost struct {
	Task *hclspec.Task
	// ProjectDir is the directory that the command runs in unless the task says another.
	ProjectDir string
	// Ports are told to the command, beneath the task's own environment.
	Ports PortEnv
}

// RunExec runs the command of a task in the container of its service that runs, beside the service's own.
type RunExec struct {
	Task *hclspec.Task
	// Have is that container, where no step of the plan sees to it (no_deps); nil: there is none.
	Existing *observed.Container
	// Ports are the variables that tell of host ports, beneath the task's own.
	Ports PortEnv
}

// JoinGroup ends when the dependencies of a task without a command have ended. A disabled task is one too: it has none.
type JoinGroup struct {
	Task *hclspec.Task
}

// RemoveContainer takes away a container of the project that belongs to no service of its files any more, or to no run.
type RemoveContainer struct {
	Container *observed.Container
	// Kill does not wait until it has ended in order.
	Kill bool
	// Lease names the lease on it: while anybody has one, it stays. Empty: there is none.
	Lease string
	// Replaced is the container whose place it was to take, Instance how that is called. It goes under the lock of who does such a
	// thing, and only where nothing has become of it. Nil: it was to take none.
	Replaced *observed.Container
	Replica  string
}

// RemoveNetwork takes away a network that belongs to no run any more, unless somebody uses it after all. Lease is as that of
// [RemoveContainer].
type RemoveNetwork struct {
	Network observed.Network
	Lease   string
}

// RemoveVolume takes away a volume that belongs to no run any more.
type RemoveVolume struct {
	Volume observed.Volume
}

func (*RemoveNetwork) action() {}
func (*RemoveVolume) action()  {}

func (*RemoveContainer) action() {}
func (*Network) action()         {}
func (*Volume) action()          {}
func (*Image) action()           {}
func (*Container) action()       {}
func (*StartService) action()    {}
func (*WaitService) action()     {}
func (*CreateOneOff) action()    {}
func (*RunOneOff) action()       {}
func (*RunHost) action()         {}
func (*RunExec) action()         {}
func (*JoinGroup) action()       {}

// Package engine is the port to the container engine: the interface of the engine, its types and its errors.
package engine

import (
	"context"
	"io"
	"net"
	"net/netip"
	"time"

	"tasks/planner"
	"tasks/planner/observed"
)

// Engine is the container engine as a run needs it. executor/docker implements Engine on the Docker Engine API,
// executor/enginetest in memory.
//
// Every method is safe for concurrent use and returns when ctx ends. [IsNotFound] and [IsConflict] recognise the
// errors. A method that creates returns the id of a new resource together with an error, where the resource remains.
type Engine interface {
	// CreateNetwork makes a network and returns the id. Where a network of the name exists, or another process makes
	// one at the same time, the result is the id of that network and made=false. A name never has two networks.
	CreateNetwork(ctx context.Context, n *planner.Network) (id string, made bool, err error)
	// RemoveNetwork removes a network without containers. A missing network is no error, a network in use a conflict.
	RemoveNetwork(ctx context.Context, id string) error
	// InspectNetwork returns a network by id, with all its containers: running or not, of any project.
	InspectNetwork(ctx context.Context, id string) (NetworkState, error)
	// Disconnect removes a stopped container from a network, and returns the settings of the removed endpoint.
	Disconnect(ctx context.Context, n observed.Network, id string) (EndpointSettings, error)
	// Connect gives a stopped container an endpoint in a network.
	Connect(ctx context.Context, networkID, id string, endpoint EndpointSettings) error
	// CreateVolume makes a volume; made=false where a volume of the name exists. created is the engine's text for the
	// time of the creation.
	CreateVolume(ctx context.Context, v *planner.Volume) (created string, made bool, err error)
	// InspectVolume returns a volume by name.
	InspectVolume(ctx context.Context, name string) (observed.Volume, error)
	// RemoveVolume removes a volume without containers. A missing volume is no error, a volume in use a conflict.
	RemoveVolume(ctx context.Context, name string) error
	// VolumeUsers lists the containers with a volume, running or not, of any project, sorted by name.
	VolumeUsers(ctx context.Context, name string) ([]*observed.Container, error)

	// InspectImage returns the local image, or a not-found error.
	InspectImage(ctx context.Context, ref, platform string) (observed.Image, error)
	// PullImage pulls and returns the image. progress gets lines for the user, from one goroutine.
	PullImage(ctx context.Context, ref, platform string, progress func(string)) (observed.Image, error)
	// BuildImage builds through BuildKit, tags the result img.Ref and returns the image. progress gets lines for the
	// user, from one goroutine. The error carries the last lines of the failed build step.
	BuildImage(ctx context.Context, img *planner.Image, progress func(string)) (observed.Image, error)

	// CreateContainer creates, never starts. A taken name is a conflict. All networks are connected on return.
	CreateContainer(ctx context.Context, spec planner.ContainerSpec) (id string, err error)
	// StartContainer starts a container. A running container is no error.
	StartContainer(ctx context.Context, id string) error
	UnpauseContainer(ctx context.Context, id string) error
	// StopContainer sends the stop signal, waits for the grace period, then kills. Without grace the container's own
	// period counts, else the engine's 10 s. A stopped or missing container is no error.
	StopContainer(ctx context.Context, id string, grace *time.Duration) error
	// KillContainer sends a signal ("SIGINT"). A stopped container is a conflict.
	KillContainer(ctx context.Context, id, signal string) error
	RenameContainer(ctx context.Context, id, name string) error
	// RemoveContainer kills and removes a container, with its anonymous volumes where the policy says so. A missing
	// container, or a removal by others at the same time, is no error.
	RemoveContainer(ctx context.Context, id string, volumes VolumePolicy) error
	// InspectContainer returns a container by id or name.
	InspectContainer(ctx context.Context, idOrName string) (ContainerState, error)
	// ProjectContainers lists the containers of a project with the one-offs, but without health and exit codes.
	ProjectContainers(ctx context.Context, project string) ([]*observed.Container, error)

	// Attach connects to the streams of a created container. Before the start no byte is lost.
	Attach(ctx context.Context, id string, opts AttachOptions) (Attachment, error)
	// Wait registers for the next exit of a container before the start, and returns after the registration. The
	// channel yields one value.
	Wait(ctx context.Context, id string) (<-chan Exit, error)
	// Resize sets the size of a container's terminal.
	Resize(ctx context.Context, id string, size Size) error

	// Exec runs a command in a running container to the end, and returns the exit code and the tail of the output.
	Exec(ctx context.Context, id string, cmd ExecCommand) (ExecResult, error)
	// StartExec starts a command in a running container and connects to the streams without a lost byte. A missing
	// command, or a command without execute permission, is no error here: the engine prints the reason
	// ([IsExecStartError]), and Exit gives a code. The command survives the end of ctx.
	StartExec(ctx context.Context, id string, cmd ExecCommand, opts AttachOptions) (Execution, error)
	// FollowLog calls line with each line of a container's log, stdout and stderr, from the last start on. The call
	// ends with more=false, with the container, or with ctx. An unreadable log is a not-implemented error.
	FollowLog(ctx context.Context, id string, line func(string) (more bool)) error
	// StreamLog writes a container's log, byte by byte as the container wrote. Some engines end an open last line. The
	// log of a container with a terminal has only stdout. An unreadable log is a not-implemented error.
	StreamLog(ctx context.Context, id string, options LogOptions, stdout, stderr io.Writer) error
	// Logs returns the last lines of a container's log since the last start, stdout and stderr together.
	Logs(ctx context.Context, id string, lines int) (string, error)
	// Events subscribes to the events of a project's containers. No event after the return is missed. The end of ctx,
	// or a lost connection, closes the channel; then Err tells the reason.
	Events(ctx context.Context, project string) (Events, error)

	// Platform returns the system and the architecture of the engine, in Go's names: "linux", "amd64".
	Platform(ctx context.Context) (os, arch string, err error)
	// Dial connects straight from this process to the address of a container's endpoint. The error is [ErrNoRoute]
	// where the network may not be on this machine; then Dial has sent nothing.
	Dial(ctx context.Context, networkID string, address netip.AddrPort) (net.Conn, error)
}

// Preparer is an engine that completes containers before their creation. Unlike a creation, the work may be cancelled.
type Preparer interface {
	// PrepareContainer returns the completed container. progress gets texts for the user.
	PrepareContainer(
		ctx context.Context, spec planner.ContainerSpec, progress func(string),
	) (planner.ContainerSpec, error)
}

// Prepare completes a container before its creation, if the engine is a [Preparer].
func Prepare(
	ctx context.Context, e Engine, spec planner.ContainerSpec, progress func(string),
) (planner.ContainerSpec, error) {
	if preparer, ok := e.(Preparer); ok {
		return preparer.PrepareContainer(ctx, spec, progress)
	}
	return spec, nil
}

// PortForwarder is an engine with published ports on another machine.
type PortForwarder interface {
	// ForwardPorts makes the published ports of a running container reachable on this machine.
	ForwardPorts(ctx context.Context, container string) error
}

// ForwardPorts makes the published ports of a container reachable on this machine, if the engine is a [PortForwarder].
func ForwardPorts(ctx context.Context, e Engine, container string) error {
	if forwarder, ok := e.(PortForwarder); ok && container != "" {
		return forwarder.ForwardPorts(ctx, container)
	}
	return nil
}

// OutputFetcher is an engine with containers that write into files of their own, in the place of files of this
// machine.
type OutputFetcher interface {
	// FetchOutputs copies the outputs of a command from the container to this machine, and returns their number. The
	// globs are relative to dir.
	FetchOutputs(ctx context.Context, container, dir string, globs []string) (files int, err error)
}

// Relocator is an engine with several nodes. A private project is on one node.
type Relocator interface {
	// Relocate forgets a private project on a lost node. Its next objects get another node.
	Relocate(project string)
}

// SlotCounter is an engine with a limited number of private projects.
type SlotCounter interface {
	// Slots returns the number of private projects at a time.
	Slots() int
}

// Slots returns the number of private projects at a time, if the engine is a [SlotCounter].
func Slots(e Engine) (slots int, hasSlots bool) {
	if counter, ok := e.(SlotCounter); ok {
		return counter.Slots(), true
	}
	return 0, false
}

// VolumePolicy is the fate of the anonymous volumes of a removed container.
type VolumePolicy int

const (
	// RemoveVolumes removes the volumes.
	RemoveVolumes VolumePolicy = iota
	// KeepVolumes keeps the volumes, because another container has them now.
	KeepVolumes
)

// ContainerState is a container as InspectContainer returns it.
type ContainerState struct {
	observed.Container
	// Error is the engine's message about a failed start.
	Error string
	// IsOutOfMemory reports whether the kernel killed a process of the container for the lack of memory. MemoryLimit
	// is the limit in bytes; 0: none.
	IsOutOfMemory bool
	MemoryLimit   int64
	// Probe is the engine's healthcheck, from the service or the image; nil: none.
	Probe *Probe
	// LastProbeOutput is the output and the exit code of the last probe since the last start.
	LastProbeOutput string
	TTY             bool
	// StartedAt is the last start of the process. Restarts is the number of starts by the restart policy since the
	// last start on request.
	StartedAt time.Time
	Restarts  int
	// NetworkMode is the engine's word: a network, "host", "none", "container:<id>".
	NetworkMode string
	// Addresses are the container's own addresses while the container runs, IPv4 first.
	Addresses []NetworkAddress
	// HostPorts are the published ports of the host while the container runs, by "5432/tcp". Of several ports the
	// port of IPv4 counts.
	HostPorts map[string]string
}

// NetworkState is a network as InspectNetwork returns it.
type NetworkState struct {
	observed.Network
	// Members are the containers of the network, sorted by name.
	Members []*observed.Container
	// Definition makes the same network again.
	Definition *planner.Network
}

// EndpointSettings are the configured settings of a container in a network: aliases, links, fixed addresses, driver
// options. Values of the engine's own choice are not included. The engine does not tell a MAC address.
type EndpointSettings struct {
	planner.Endpoint
	Links []string
}

// NetworkAddress is an address of a container in a network.
type NetworkAddress struct {
	NetworkID string
	Address   netip.Addr
}

// Probe is a container's healthcheck in the form of an exec.
type Probe struct {
	// Command is the command; a shell form is in the image's shell already.
	Command []string
	User    string
	Workdir string
	// Timeout bounds a single probe. Interval, StartPeriod and Retries are the engine's own schedule.
	Timeout, Interval, StartPeriod time.Duration
	Retries                        int
}

// LogOptions select the part of a log.
type LogOptions struct {
	// Follow continues until the container has ended.
	Follow bool
	// Tail is the number of existing lines, counted from the end. A negative number means all lines.
	Tail int
	// Since is the time of the first line, in RFC 3339; empty: the start of the log.
	Since string
	// Timestamps adds the time before each line, in RFC 3339 with nine digits, and a space.
	Timestamps bool
}

// Events is a subscription.
type Events interface {
	C() <-chan Event
	// Err returns the reason for the end of C; nil where the context ended.
	Err() error
}

// Event is an event of a container.
type Event struct {
	// Action is start, die, pause, unpause, destroy, kill, "health_status: healthy", "health_status: unhealthy" ….
	Action      string
	ContainerID string
	Service     string
	// ExitCode is the exit code of a die event.
	ExitCode int
}

package executor

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner"
)

// Engine is the container engine, as far as a run needs it. executor/docker implements it on the Docker Engine API,
// executor/enginetest in memory.
//
// Every method may be called from several goroutines at once, returns when ctx ends, and wraps errors so that [IsNotFound]
// and [IsConflict] recognise them. A method that creates returns the id of what it made even with an error, where something
// was left behind.
type Engine interface {
	// CreateNetwork makes a network and returns its id. Where one of that name exists, or is made at the same time by
	// somebody else, it returns that one's id and made=false: never are there two networks of one name.
	CreateNetwork(ctx context.Context, n *planner.Network) (id string, made bool, err error)
	// RemoveNetwork removes a network that no container uses. One that is gone is no error; one in use is a conflict.
	RemoveNetwork(ctx context.Context, id string) error
	// InspectNetwork looks at one network, by id, and at all containers that are on it, running or not, of any project.
	InspectNetwork(ctx context.Context, id string) (NetworkState, error)
	// Disconnect takes a container that does not run off a network, and returns the place that it had there.
	Disconnect(ctx context.Context, n planner.ObservedNetwork, id string) (EndpointSettings, error)
	// Connect gives a container that does not run a place in a network.
	Connect(ctx context.Context, networkID, id string, seat EndpointSettings) error
	// CreateVolume makes a volume; made=false where one of that name exists. created is when the volume was made, in the
	// engine's words.
	CreateVolume(ctx context.Context, v *planner.Volume) (created string, made bool, err error)
	// RemoveVolume removes a volume that no container uses. One that is gone is no error; one in use is a conflict.
	RemoveVolume(ctx context.Context, name string) error

	// InspectImage returns the local image, or a not-found error.
	InspectImage(ctx context.Context, ref, platform string) (planner.ObservedImage, error)
	// PullImage pulls and returns the image. progress gets lines fit to be shown; it is called from one goroutine.
	PullImage(ctx context.Context, ref, platform string, progress func(string)) (planner.ObservedImage, error)
	// BuildImage builds through BuildKit, tags the result img.Ref and returns it. progress as above; the error carries
	// the last lines of the failing build step.
	BuildImage(ctx context.Context, img *planner.Image, progress func(string)) (planner.ObservedImage, error)

	// CreateContainer creates, never starts. A taken name is a conflict. All networks are connected when it returns.
	CreateContainer(ctx context.Context, spec planner.ContainerSpec) (id string, err error)
	// StartContainer starts; one that runs already is no error.
	StartContainer(ctx context.Context, id string) error
	UnpauseContainer(ctx context.Context, id string) error
	// StopContainer sends the container's stop signal, waits for its grace period (nil: its own, else the engine's 10 s),
	// then kills. One that does not run, or is gone, is no error.
	StopContainer(ctx context.Context, id string, grace *time.Duration) error
	// KillContainer sends a signal ("SIGINT"). One that does not run is a conflict.
	KillContainer(ctx context.Context, id, signal string) error
	RenameContainer(ctx context.Context, id, name string) error
	// RemoveContainer kills and removes a container with its anonymous volumes, unless keepVolumes. One that is gone,
	// or is just being removed by somebody else, is no error.
	RemoveContainer(ctx context.Context, id string, volumes VolumePolicy) error
	// InspectContainer looks at one container, by id or name.
	InspectContainer(ctx context.Context, idOrName string) (ContainerState, error)
	// ProjectContainers lists the containers of a project, one-offs too, without a closer look (no health, no exit code).
	ProjectContainers(ctx context.Context, project string) ([]*planner.ObservedContainer, error)

	// Attach connects to the streams of a created container, before it is started, so that no byte is lost.
	Attach(ctx context.Context, id string, opts AttachOptions) (Attachment, error)
	// Wait registers for the next exit of a container that is not started yet and returns once the engine has registered
	// it. The channel yields one value.
	Wait(ctx context.Context, id string) (<-chan Exit, error)
	// Resize sets the size of a container's terminal.
	Resize(ctx context.Context, id string, size Size) error

	// Exec runs a command in a running container to its end, and returns its exit code and the tail of its output.
	Exec(ctx context.Context, id string, cmd ExecCommand) (ExecResult, error)
	// StartExec starts a command in a running container, and connects to its streams so that no byte is lost. One that is not
	// there, or not executable, is no error here: the engine prints why ([isExecStartError]), and Exit gives a code. When ctx ends
	// afterwards, the command goes on.
	StartExec(ctx context.Context, id string, cmd ExecCommand, opts AttachOptions) (Execution, error)
	// FollowLog calls line with each line of a container's log, stdout and stderr, from its last start on, until line
	// wants no more, the container has ended, or ctx has. A log that cannot be read is a not-implemented error.
	FollowLog(ctx context.Context, id string, line func(string) (more bool)) error
	// Logs returns the last lines of a container's log, stdout and stderr together.
	Logs(ctx context.Context, id string, lines int) (string, error)
	// Events subscribes to what happens to the containers of a project. It returns once subscribed, so that no later
	// event is missed. The channel is closed when ctx ends or the connection is lost; then Err tells why.
	Events(ctx context.Context, project string) (Events, error)

	// Platform tells what the engine runs on, in Go's names: "linux", "amd64".
	Platform(ctx context.Context) (os, arch string, err error)
	// Dial connects to an address of a container's endpoint straight from this process. Where the network is not sure to
	// be one of this machine, it is [ErrNoRoute], and nothing was sent to anybody.
	Dial(ctx context.Context, networkID string, address netip.AddrPort) (net.Conn, error)
}

// ErrNoRoute says that a network of the engine is not one of this machine.
var ErrNoRoute = errors.New("the network cannot be reached from here")

// VolumePolicy says what happens to the anonymous volumes of a removed container.
type VolumePolicy int

const (
	// RemoveVolumes removes them.
	RemoveVolumes VolumePolicy = iota
	// KeepVolumes keeps them, because another container has them now.
	KeepVolumes
)

// AttachOptions says which streams are wanted. Stdout and stderr always are.
type AttachOptions struct {
	Stdin bool
	// TTY says that the container has a terminal: one merged stream.
	TTY bool
	// DetachKeys end the engine's side of a connection with a terminal: "ctrl-p,ctrl-q". Empty: the engine's own.
	DetachKeys string
	// Size is that of the terminal of a command that is started; zero: nobody knows. Engines before API 1.42 are told later.
	Size Size
}

// Attachment is the connection to a container's streams.
type Attachment interface {
	// Copy writes what the container prints until it has ended: demultiplexed, or all to stdout with a TTY.
	// It returns the first error of a writer or of the connection.
	Copy(stdout, stderr io.Writer) error
	// Write sends to the container's stdin; CloseWrite ends it, and types Ctrl-D where it is a terminal. One goroutine
	// calls them.
	io.Writer
	CloseWrite() error
	// Close ends the connection; a Copy under way returns.
	Close() error
}

// Execution is a command that was started in a running container. The engine can neither signal nor end it: it goes on when
// the connection is closed.
type Execution interface {
	// Attachment is the connection to its streams. Copy may end before the command, which may close its streams, and a little
	// after it, where something that it has left behind holds them open.
	Attachment
	// Resize sets the size of its terminal.
	Resize(ctx context.Context, size Size) error
	// Exit waits until the command has ended, and returns its exit code. It may be called more than once.
	Exit(ctx context.Context) (code int, err error)
}

// Exit is how a container ended. Err is set where the engine could not tell.
type Exit struct {
	Code int
	Err  error
}

// Size is that of a terminal, in character cells.
type Size struct{ Rows, Columns uint }

// ContainerState is a close look at one container.
type ContainerState struct {
	planner.ObservedContainer
	// Error is what the engine says of a start that failed.
	Error string
	// Probe is the healthcheck as the engine has it, from the service or the image; nil: none.
	Probe *Probe
	// LastProbeOutput is the output of the last probe, and the exit code it had.
	LastProbeOutput string
	TTY             bool
	// Started is when its process was started last.
	StartedAt time.Time
	// NetworkMode is the engine's word: a network, "host", "none", "container:<id>". Endpoints are its own addresses
	// while it runs, IPv4 first.
	NetworkMode string
	Addresses   []NetworkAddress
	// HostPorts are the ports of the host that its own ports are published at while it runs, by "5432/tcp": of several that
	// of IPv4.
	HostPorts map[string]string
}

// NetworkState is a close look at one network.
type NetworkState struct {
	planner.ObservedNetwork
	// Members are the containers on it, sorted by name.
	Members []*planner.ObservedContainer
	// Definition is what makes the same network once more.
	Definition *planner.Network
}

// EndpointSettings is what a container was promised in a network: aliases, links, fixed addresses, options of the driver. What the
// engine chose by itself is no part of it. A MAC address it does not tell.
type EndpointSettings struct {
	planner.Endpoint
	Links []string
}

// NetworkAddress is an address of a container in a network.
type NetworkAddress struct {
	NetworkID string
	Address   netip.Addr
}

// Probe is a container's healthcheck, ready to be run by exec.
type Probe struct {
	// Command is what to run; a shell form is already wrapped in the image's shell.
	Command []string
	User    string
	Workdir string
	// Timeout of one probe; Interval, StartPeriod and Retries are the engine's own schedule.
	Timeout, Interval, StartPeriod time.Duration
	Retries                        int
}

// ExecCommand is a command to run in a running container. Empty User and Workdir are the container's own.
type ExecCommand struct {
	Command       []string
	User, Workdir string
	// Env is laid over the container's environment. A name without a value is taken out of it.
	Env types.MappingWithEquals
	// Privileged gives the command all capabilities, whatever the container has.
	Privileged bool
}

// ExecResult is how it ended.
type ExecResult struct {
	ExitCode int
	// Output is the last 4 KiB of stdout and stderr together, Stderr those of stderr alone.
	Output, Stderr string
}

// Events is a subscription.
type Events interface {
	C() <-chan Event
	// Err says why C was closed; nil where the context ended it.
	Err() error
}

// Event is something that happened to a container.
type Event struct {
	// Action is start, die, pause, unpause, destroy, kill, "health_status: healthy", "health_status: unhealthy" ….
	Action      string
	ContainerID string
	Service     string
	// ExitCode is that of a die.
	ExitCode int
}

package planner

import "github.com/compose-spec/compose-go/v2/types"

// ContainerSpec is a container to create, in the terms of Compose, with all references resolved. executor/docker maps
// the spec to the Engine API.
type ContainerSpec struct {
	Name string
	// Service is the final configuration: `service:x` is replaced by `container:<id>`, and volumes_from has ids. Its
	// Labels are only the user's labels.
	Service types.ServiceConfig
	// Image is the image reference.
	Image string
	// Labels are all labels of the container, for the engine.
	Labels map[string]string
	// Networks are the endpoints, the main network first. Empty for another network_mode.
	Networks []Endpoint
	// Volumes maps a volume key of the project to the engine's volume name.
	Volumes map[string]string
	// Links are `container:alias`. Links to containers of other projects are in Service only.
	Links []string
	// Inherit maps a mount point to the anonymous volume of the replaced container.
	Inherit map[string]string
	// Secrets and Configs are the project's definitions for Service.
	Secrets types.Secrets
	Configs types.Configs
	// ProjectDir is the base directory of relative paths.
	ProjectDir string
	// OneOff keeps stdin open only once and attaches all streams.
	OneOff bool
	// StdinOpen and TTY are the final settings for this container.
	StdinOpen, TTY bool
	// Rows and Columns are the initial size of the terminal. Zero: the engine's default.
	Rows, Columns uint
	// Files are copied into the created container.
	Files []File
	// Locate returns the place of an attribute of Service, "compose.yaml:7:5", for messages. The path is the names of
	// the attribute, for example "volumes", "/data". An empty result or a nil function means: no known place.
	Locate func(path ...string) string `json:"-"`
	// AutoRemove makes the engine remove the container with its anonymous volumes after the end.
	AutoRemove bool
	// Hold makes the container wait after the start; nil: the command begins at the start.
	Hold *Hold
}

// Hold is the first process of a standby. The process waits for a signal, and becomes the command of the container.
type Hold struct {
	Program File
	// Arguments returns the command line of the process, with the directory and the command line of the container.
	Arguments func(directory string, command []string) []string `json:"-"`
}

// File is a file for a container, owned by root.
type File struct {
	// Path is absolute.
	Path    string
	Content []byte
	Mode    int64
}

// Endpoint is the place of a container in a network.
type Endpoint struct {
	// Key is the name in the compose file, Network the engine's name.
	Key, Network string
	Aliases      []string
	// Config has addresses, driver options and the hardware address. Nil: no configuration in the compose file.
	Config *types.ServiceNetworkConfig
}

package planner

import "github.com/compose-spec/compose-go/v2/types"

// ContainerSpec is a container to be created, in Compose's terms: everything is resolved, nothing is left to look up.
// executor/docker maps it to the Engine API.
type ContainerSpec struct {
	Name string
	// Service is the configuration, with `service:x` references already replaced by `container:<id>` and volumes_from
	// by ids. Ports, command, environment and so on are final. Its Labels are the user's own.
	Service types.ServiceConfig
	// Image is the reference to create from.
	Image string
	// Labels are all labels of the container, Compose's and ours included.
	Labels map[string]string
	// Networks are the endpoints, the main one first; none where network_mode says otherwise.
	Networks []Endpoint
	// Volumes maps a volume key of the project to the engine's volume name.
	Volumes map[string]string
	// Links are `container:alias`. Those to containers of other projects are not among them: they are as the service has them.
	Links []string
	// Inherit maps a mount point to the volume that the replaced container had there (anonymous volumes are kept).
	Inherit map[string]string
	// Secrets and Configs are the project's definitions that Service refers to.
	Secrets types.Secrets
	Configs types.Configs
	// ProjectDir is the directory that relative files of the configuration start at.
	ProjectDir string
	// OneOff keeps stdin open only once and attaches all streams.
	OneOff bool
	// StdinOpen and TTY are the final choice for this container.
	StdinOpen, TTY bool
	// Rows and Columns are the size that its terminal has at the start; zero: the engine's.
	Rows, Columns uint
	// Files are put into the container once it is created.
	Files []File
	// Locate tells the place of an attribute of Service, "compose.yaml:7:5", for messages: the names that lead to it, as
	// "volumes", "/data". Empty: nobody knows. Nil: nobody ever does.
	Locate func(path ...string) string `json:"-"`
	// AutoRemove has the engine remove the container, with its anonymous volumes, as soon as it has ended.
	AutoRemove bool
}

// File is a file to be put into a container, owned by root.
type File struct {
	// Path is absolute.
	Path    string
	Content []byte
	Mode    int64
}

// Endpoint is a container's place in one network.
type Endpoint struct {
	// Key is the name in the compose file, Network the engine's name.
	Key, Network string
	Aliases      []string
	// Config carries addresses, driver options, mac address; nil where the compose file gives none.
	Config *types.ServiceNetworkConfig
}

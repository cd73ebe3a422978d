package planner

import (
	"time"

	"tasks/internal/composeproject"
)

// Query says what a snapshot has to look at.
type Query struct {
	Project string
	// Original is the project that Project is a private copy of, or Project itself. What runs have made for themselves is looked
	// for by it ([Observed].Owned): networks always, as they are listed anyway; the rest where there is one, or Owned asks for it.
	Original         string
	WithRunResources bool
	// Services are the services whose containers are looked at closely (health, exit code).
	Services []string
	// Networks and Volumes are engine names that are looked for by name as well as by the project's label.
	Networks, Volumes []string
	// AnonymousVolumes says that volumes without a name of anybody's choice, that the project's containers mount, are looked at.
	AnonymousVolumes bool
	// Names are container names that the project may give: other containers that have them are looked for.
	Names []string
	// Images are the references whose local image is asked for.
	Images []ImageQuery
}

// IsRunResource says by its labels that a run has made a thing for itself that the query asks for.
func (q Query) IsRunResource(labels map[string]string) bool {
	if q.Original == "" || labels[composeproject.LabelProject] == q.Project {
		return false
	}
	return labels[LabelOriginal] == q.Original || labels[LabelOwner] != "" && labels[composeproject.LabelProject] == q.Original
}

// ImageQuery asks for one local image.
type ImageQuery struct{ Ref, Platform string }

// Snapshot is a snapshot of what the engine has for a project. It is immutable.
type Snapshot struct {
	// APIVersion is the negotiated version, "1.41".
	APIVersion string
	// TakenAt is what the engine's clock showed.
	TakenAt time.Time
	// Containers are all containers of the project, one-offs too, sorted by name.
	Containers []*ObservedContainer
	// Namesakes are the containers of others that have a name of [Query].Names.
	Namesakes []*ObservedContainer
	Networks  []ObservedNetwork
	Volumes   []ObservedVolume
	// RunResources are things that runs have made for themselves, of the project's private projects ([LabelOriginal]); where it is a private
	// one itself, also those of the project that it is a copy of.
	RunResources RunResources
	// Images maps a reference to the local image; a reference that is absent is not there.
	Images map[string]ObservedImage
}

// RunResources are things with an owner.
type RunResources struct {
	Containers []*ObservedContainer
	Networks   []ObservedNetwork
	Volumes    []ObservedVolume
}

// ObservedContainer is one container.
type ObservedContainer struct {
	ID, Name string
	Labels   map[string]string
	// ImageID is the id of the image that it was created from.
	ImageID string
	// State is the engine's word: created, running, paused, restarting, removing, exited, dead.
	State    string
	ExitCode int
	// Health is "starting", "healthy", "unhealthy", or empty where there is no healthcheck or it was not looked at.
	Health string
	// HasHealthcheck says that the container, by its service or its image, has a healthcheck. Only where looked at.
	HasHealthcheck bool
	// Networks maps the engine's network name to its id.
	Networks  map[string]string
	Mounts    []ObservedMount
	CreatedAt time.Time
}

// ObservedMount is one mount of a container.
type ObservedMount struct {
	// Type is bind, volume or tmpfs; Name the volume's name.
	Type, Name, Source, Destination string
}

// ObservedNetwork is one network.
type ObservedNetwork struct {
	ID, Name, Driver string
	Labels           map[string]string
	CreatedAt        time.Time
}

// ObservedVolume is one volume.
type ObservedVolume struct {
	Name   string
	Labels map[string]string
	// CreatedAt is when it was made, in the engine's words: it tells a volume from an earlier one of the same name.
	CreatedAt string
}

// made is Created as a time; zero: the engine's words are not understood.
func (v ObservedVolume) made() time.Time {
	made, err := time.Parse(time.RFC3339Nano, v.CreatedAt)
	if err != nil {
		return time.Time{}
	}
	return made
}

// ObservedImage is one local image.
type ObservedImage struct {
	// ID is by what a container tells whether its image has changed: the image's, for the platform that was asked for.
	ID string
	// ListID is what Compose before v5.5 took for that where the image is a list of manifests: the list's. Empty: it is none.
	ListID string
	// MountID is ID where no platform was asked for: of an image that is mounted; empty: the same as ID.
	MountID string
	// Volumes are the mount points that the image declares.
	Volumes []string
	// HasHealthcheck says that the image declares a healthcheck.
	HasHealthcheck bool
	// LastTagged is when the reference came to mean this image, by the engine's clock; zero: the engine does not know.
	LastTagged time.Time
}

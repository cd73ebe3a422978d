package observed

import (
	"time"

	"tasks/internal/composeproject"
)

// Query is a request for a snapshot.
type Query struct {
	Project string
	// Original is the original project of a private project, otherwise equal to Project. Resources of runs are found by
	// Original ([Snapshot].RunResources): networks always, because the engine lists all networks anyway; containers and
	// volumes only if such a network exists or WithRunResources is set.
	Original         string
	WithRunResources bool
	// Services are the services with a detailed look at their containers (health, exit code).
	Services []string
	// Networks and Volumes are engine names, found by name as well as by the label of the project.
	Networks, Volumes []string
	// AnonymousVolumes also asks for the anonymous volumes of the project's containers.
	AnonymousVolumes bool
	// Names are container names for the project's own use. The snapshot shows other containers with these names.
	Names []string
	// Images are the references to look up locally.
	Images []ImageQuery
}

// IsRunResource reports whether the labels are from a resource of a run, within the scope of the query. A label alone
// proves nothing: the labels of a private project must fit each other.
func (q Query) IsRunResource(labels map[string]string) bool {
	if q.Original == "" || labels[composeproject.LabelProject] == q.Project {
		return false
	}
	if labels[LabelOriginal] == q.Original {
		return isOfPrivateProject(labels)
	}
	return labels[LabelOwner] != "" && labels[composeproject.LabelProject] == q.Original
}

// IsRunNetwork is [Query.IsRunResource] for a network: the name must fit the labels too.
func (q Query) IsRunNetwork(n Network) bool {
	return q.IsRunResource(n.Labels) && hasFittingName(n.Name, n.Labels, composeproject.LabelNetwork)
}

// IsRunVolume is [Query.IsRunResource] for a volume: the name must fit the labels too.
func (q Query) IsRunVolume(v Volume) bool {
	return q.IsRunResource(v.Labels) && hasFittingName(v.Name, v.Labels, composeproject.LabelVolume)
}

// ImageQuery is a request for a local image.
type ImageQuery struct{ Ref, Platform string }

// Snapshot is the state of a project on the engine at one time. It is immutable.
type Snapshot struct {
	// APIVersion is the negotiated version, "1.41".
	APIVersion string
	// TakenAt is the time by the engine's clock.
	TakenAt time.Time
	// Containers are all containers of the project, one-offs included, sorted by name.
	Containers []*Container
	// Namesakes are containers of others with a name of [Query].Names.
	Namesakes []*Container
	Networks  []Network
	Volumes   []Volume
	// RunResources are the resources of runs in the private projects of the project ([LabelOriginal]). For a private
	// project they also include those resources of the original project.
	RunResources RunResources
	// Images maps a reference to the local image. A missing key means: no local image.
	Images map[string]Image
}

// RunResources are resources with an owner.
type RunResources struct {
	Containers []*Container
	Networks   []Network
	Volumes    []Volume
}

// ContainerNamed returns the container with a name, of this project or of others, or nil.
func (s *Snapshot) ContainerNamed(name string) *Container {
	for _, all := range [][]*Container{s.Containers, s.Namesakes} {
		for _, c := range all {
			if c.Name == name {
				return c
			}
		}
	}
	return nil
}

// Network is a network of the engine.
type Network struct {
	ID, Name, Driver string
	Labels           map[string]string
	CreatedAt        time.Time
}

// Volume is a volume of the engine.
type Volume struct {
	Name   string
	Labels map[string]string
	// CreatedAt is the creation time, in the engine's format. It tells a volume from an earlier volume of the same
	// name.
	CreatedAt string
}

// CreationTime parses CreatedAt. Zero means: not parseable.
func (v Volume) CreationTime() time.Time {
	created, err := time.Parse(time.RFC3339Nano, v.CreatedAt)
	if err != nil {
		return time.Time{}
	}
	return created
}

// Image is a local image.
type Image struct {
	// ID identifies the image for the requested platform. A container with another ID has an outdated image.
	ID string
	// ListID is the id of the manifest list, used by Compose before v5.5 in place of ID. Empty: the image is no list.
	ListID string
	// MountID is the id without a requested platform, used for mounted images. Empty: equal to ID.
	MountID string
	// Volumes are the mount points in the image's configuration.
	Volumes []string
	// Labels are the labels of the image.
	Labels map[string]string
	// HasHealthcheck reports whether the image declares a healthcheck.
	HasHealthcheck bool
	// LastTagged is the time since which the reference means this image, by the engine's clock. Zero: unknown.
	LastTagged time.Time
}

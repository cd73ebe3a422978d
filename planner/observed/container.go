package observed

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tasks/internal/composeproject"
)

// Container is a container of the engine.
type Container struct {
	ID, Name string
	// Node is the name of the container's node, if the engine has several nodes.
	Node   string
	Labels map[string]string
	// ImageID is the id of the container's image, Image the reference at the creation.
	ImageID  string
	Image    string
	State    ContainerState
	ExitCode int
	// Health is "starting", "healthy" or "unhealthy". Empty: no healthcheck, or no detailed look.
	Health string
	// HasHealthcheck reports whether the service or the image has a healthcheck. It needs a detailed look.
	HasHealthcheck bool
	// Networks maps the engine's network name to the network id.
	Networks map[string]string
	Mounts   []Mount
	// Ports are the published ports of a running container, sorted.
	Ports     []PublishedPort
	CreatedAt time.Time
}

// PublishedPort is a port of a container with a port of the host.
type PublishedPort struct {
	// HostIP is the address of the host; empty: unknown.
	HostIP                  string
	HostPort, ContainerPort int
	// Protocol is tcp, udp or sctp.
	Protocol string
}

// SortPorts sorts ports by container port, and drops repetitions.
func SortPorts(ports []PublishedPort) []PublishedPort {
	slices.SortFunc(ports, func(a, b PublishedPort) int {
		return cmp.Or(cmp.Compare(a.ContainerPort, b.ContainerPort), cmp.Compare(a.Protocol, b.Protocol),
			cmp.Compare(a.HostIP, b.HostIP), cmp.Compare(a.HostPort, b.HostPort))
	})
	return slices.Compact(ports)
}

// Mount is a mount of a container.
type Mount struct {
	// Type is bind, volume or tmpfs. Name is the volume name.
	Type, Name, Source, Destination string
}

// Project returns the compose project of the container, or "".
func (c *Container) Project() string { return c.Labels[composeproject.LabelProject] }

// Service returns the compose service of the container, or "".
func (c *Container) Service() string { return c.Labels[composeproject.LabelService] }

// IsStandby reports whether a one-off waits in a watch for the next run of its task. At its release a standby gets the
// name of a one-off, but not at once: the name alone does not prove that no command has begun.
func (c *Container) IsStandby() bool {
	slug := c.Labels[composeproject.LabelSlug]
	short := slug[:min(len(slug), composeproject.SlugDigitsInName)]
	before, isOfSlug := strings.CutSuffix(c.Name, short)
	return c.IsOneOff() && short != "" && isOfSlug && strings.HasSuffix(strings.TrimRight(before, "-_"), StandbyPart)
}

// StandbyPart stands in the name of a started standby in the place of "run".
const StandbyPart = "standby"

// IsOneOff reports whether the container is a one-off, of `tasks` or of `docker compose run`.
func (c *Container) IsOneOff() bool {
	return c.Labels[composeproject.LabelOneOff] == composeproject.OneOffTrue
}

// IsServiceContainer reports whether the container is a replica of a service: no one-off, hook or helper container.
func (c *Container) IsServiceContainer() bool {
	return c.Labels[composeproject.LabelOneOff] == composeproject.OneOffFalse
}

// IsComposeContainer reports whether the labels are from a container that Compose or `tasks` has created: a replica,
// a one-off, a hook or a helper container. The labels of a project alone prove nothing: each image that Compose has
// built has these labels, and gives them to every container of the image.
func IsComposeContainer(labels map[string]string) bool {
	for _, label := range []string{composeproject.LabelOneOff, composeproject.LabelHook, LabelProbe} {
		if labels[label] != "" {
			return true
		}
	}
	return false
}

// IsHelper reports whether the container only probes a port of a service.
func (c *Container) IsHelper() bool { return c.Labels[LabelProbe] != "" }

// IsTransient reports whether the last user removes the container.
func (c *Container) IsTransient() bool { return IsTransient(c.Labels) }

// Number returns the number of a service container, or 0.
func (c *Container) Number() int {
	n, err := strconv.Atoi(c.Labels[composeproject.LabelContainerNumber])
	if err != nil {
		return 0
	}
	return n
}

// IsHealthy reports whether the healthcheck has succeeded.
func (c *Container) IsHealthy() bool { return c.Health == "healthy" }

// IsInNetwork reports whether the container is in a network. A container before the first start knows no network ids.
func (c *Container) IsInNetwork(id, name string) bool {
	for n, actual := range c.Networks {
		if actual == id || actual == "" && n == name {
			return true
		}
	}
	return false
}

// MountsVolume reports whether the container mounts a volume.
func (c *Container) MountsVolume(name string) bool {
	return slices.ContainsFunc(c.Mounts, func(m Mount) bool { return m.Type == "volume" && m.Name == name })
}

// DependsOn reports whether the container's service depends on another service, by the label of Compose.
func (c *Container) DependsOn(service string) bool {
	return slices.ContainsFunc(strings.Split(c.Labels[composeproject.LabelDependsOn], ","), func(entry string) bool {
		name, _, _ := strings.Cut(entry, ":")
		return name == service
	})
}

// idleAge returns the age of a container without a running command, and 0 otherwise.
func (c *Container) idleAge(now time.Time) time.Duration {
	if c.State.IsUp() {
		return 0
	}
	return AgeOf(c.CreatedAt, now)
}

// AgeOf returns the time since a creation. Zero means: unknown.
func AgeOf(created, now time.Time) time.Duration {
	if created.Unix() <= 0 || now.Unix() <= 0 {
		return 0
	}
	return max(0, now.Sub(created))
}

// IsGeneratedName reports whether a volume name is generated by the engine: 64 hex digits.
func IsGeneratedName(name string) bool {
	return len(name) == 64 && strings.Trim(name, hexDigits) == ""
}

const hexDigits = "0123456789abcdef"

// IsAnonymousVolume reports whether a volume of the snapshot is anonymous.
func (s *Snapshot) IsAnonymousVolume(name string) bool {
	i := slices.IndexFunc(s.Volumes, func(v Volume) bool { return v.Name == name })
	return i >= 0 && s.Volumes[i].IsAnonymous()
}

// IsAnonymous reports whether the volume has a generated name and no label of a user.
func (v Volume) IsAnonymous() bool {
	for label := range v.Labels {
		if label != labelAnonymous {
			return false
		}
	}
	return IsGeneratedName(v.Name)
}

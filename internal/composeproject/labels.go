package composeproject

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Version is the version of Compose with the same behaviour as this package, and the value of [LabelVersion]. Version
// is the first release that we compared with our behaviour. Compose shows the label but never compares the value.
const Version = "5.6.0"

// The labels of Compose.
const (
	// LabelProject is on everything; listings filter by this label.
	LabelProject = "com.docker.compose.project"
	LabelService = "com.docker.compose.service"
	// LabelOneOff is [OneOffTrue] or [OneOffFalse]. A filter needs the label on both kinds of containers.
	LabelOneOff = "com.docker.compose.oneoff"
	// LabelConfigHash must be on every container: Compose lists no container without this label.
	LabelConfigHash = "com.docker.compose.config-hash"
	// LabelImage is the ID of the container's image, "sha256:…".
	LabelImage = "com.docker.compose.image"
	// LabelImageVolumeDigest lists the digests of images mounted as volumes.
	LabelImageVolumeDigest = "com.docker.compose.image-volume-digest"
	// LabelContainerNumber counts the replicas of a service from 1. One-offs have no number.
	LabelContainerNumber = "com.docker.compose.container-number"
	LabelDependsOn       = "com.docker.compose.depends_on"
	LabelWorkingDir      = "com.docker.compose.project.working_dir"
	LabelConfigFiles     = "com.docker.compose.project.config_files"
	// LabelEnvironmentFile is set only for explicitly named env files.
	LabelEnvironmentFile = "com.docker.compose.project.environment_file"
	LabelVersion         = "com.docker.compose.version"
	// LabelSlug is the identity of a one-off.
	LabelSlug = "com.docker.compose.slug"
	// LabelReplace is on a container that replaced another container and took over the anonymous volumes.
	LabelReplace = "com.docker.compose.replace"
	// LabelHook is on the containers of hooks, neither service containers nor one-offs.
	LabelHook = "com.docker.compose.hook"
	// LabelHookIndex counts the hooks of a service from 0.
	LabelHookIndex = "com.docker.compose.hook-index"
	LabelNetwork   = "com.docker.compose.network"
	LabelVolume    = "com.docker.compose.volume"
)

// The values of [LabelOneOff]. The capitals date from the time of Compose in Python.
const (
	OneOffTrue  = "True"
	OneOffFalse = "False"
)

// HookPreStart is the value of [LabelHook].
const HookPreStart = "pre_start"

// Labels makes the labels of the containers, networks, volumes and images of a project.
type Labels struct {
	model *types.Project
	// originalName is the name of the project, or of the original of a private project.
	originalName string
	envFiles     []string
	private      map[string]string
}

// Labels returns the labels of the project's resources.
func (p *Project) Labels() Labels {
	return Labels{model: p.model, originalName: p.OriginalName(), envFiles: p.envFiles, private: p.privateLabels}
}

// Hook returns all labels of the container for a service's index-th pre_start hook. Without a hash and a number,
// Compose does not count the container as a service container.
func (l Labels) Hook(s types.ServiceConfig, index int) map[string]string {
	labels := userLabels(s.Labels)
	labels[LabelProject] = l.model.Name
	labels[LabelService] = s.Name
	labels[LabelVersion] = Version
	labels[LabelHook] = HookPreStart
	labels[LabelHookIndex] = strconv.Itoa(index)
	labels[LabelDependsOn] = ""
	maps.Copy(labels, l.private)
	return labels
}

// Service returns all labels of the number-th container of a service. Compose's keys override the user's labels. An
// empty imageID omits the image label, as Compose does for a missing image.
func (l Labels) Service(s types.ServiceConfig, number int, hash Hash, imageID string) map[string]string {
	labels := l.container(s, hash, imageID)
	labels[LabelOneOff] = OneOffFalse
	labels[LabelContainerNumber] = strconv.Itoa(number)
	return labels
}

// OneOff returns all labels of a one-off of a service. A one-off has a slug instead of a number. Compose ignores a
// one-off without a hash.
func (l Labels) OneOff(s types.ServiceConfig, slug string, hash Hash, imageID string) map[string]string {
	labels := l.container(s, hash, imageID)
	labels[LabelOneOff] = OneOffTrue
	labels[LabelSlug] = slug
	return labels
}

func (l Labels) container(s types.ServiceConfig, hash Hash, imageID string) map[string]string {
	labels := userLabels(s.Labels)
	labels[LabelProject] = l.model.Name
	labels[LabelService] = s.Name
	labels[LabelVersion] = Version
	labels[LabelWorkingDir] = l.model.WorkingDir
	labels[LabelConfigFiles] = strings.Join(l.model.ComposeFiles, ",")
	labels[LabelConfigHash] = hash.Modern
	labels[LabelDependsOn] = dependsOnLabel(s.DependsOn)
	if imageID != "" {
		labels[LabelImage] = imageID
	}
	if len(l.envFiles) > 0 {
		labels[LabelEnvironmentFile] = strings.Join(l.envFiles, ",")
	}
	maps.Copy(labels, l.private)
	return labels
}

// dependsOnLabel sorts the dependencies, so a plan is always the same. Compose uses the random order of a map.
func dependsOnLabel(dependencies types.DependsOnConfig) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(dependencies)) {
		d := dependencies[name]
		parts = append(parts, fmt.Sprintf("%s:%s:%t", name, d.Condition, d.Restart))
	}
	return strings.Join(parts, ",")
}

// Network returns all labels of a network of the project, with the hash.
func (l Labels) Network(key string) (map[string]string, error) {
	network := networkConfig(l.model, key)
	hash, err := NetworkHash(network)
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", key, err)
	}
	labels := userLabels(network.Labels)
	labels[LabelNetwork] = key
	l.addResource(labels, hash)
	return labels, nil
}

// Volume returns all labels of a volume of the project, with the hash.
func (l Labels) Volume(key string) (map[string]string, error) {
	volume := volumeConfig(l.model, key)
	hash, err := VolumeHash(volume)
	if err != nil {
		return nil, fmt.Errorf("volume %s: %w", key, err)
	}
	labels := userLabels(volume.Labels)
	labels[LabelVolume] = key
	l.addResource(labels, hash)
	return labels, nil
}

func (l Labels) addResource(labels map[string]string, hash string) {
	labels[LabelProject] = l.model.Name
	labels[LabelVersion] = Version
	labels[LabelConfigHash] = hash
	maps.Copy(labels, l.private)
}

// Image returns all labels of the image built for a service.
func (l Labels) Image(s types.ServiceConfig) map[string]string {
	labels := map[string]string{}
	if s.Build != nil {
		labels = userLabels(s.Build.Labels)
	}
	labels[LabelProject] = l.originalName
	labels[LabelService] = s.Name
	labels[LabelVersion] = Version
	return labels
}

// userLabels returns a copy, so additions never reach the model.
func userLabels(labels types.Labels) map[string]string {
	all := make(map[string]string, len(labels)+10)
	maps.Copy(all, labels)
	return all
}

package composeproject

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Version is the version of Compose that this package behaves as, and the value of [LabelVersion]: the first whose
// behaviour was compared with ours. Compose shows the label but compares it with nothing.
const Version = "5.6.0"

// The labels that Compose puts on what it makes.
const (
	// LabelProject is on everything; it is what a listing filters by.
	LabelProject = "com.docker.compose.project"
	LabelService = "com.docker.compose.service"
	// LabelOneOff is [OneOffTrue] or [OneOffFalse]; a filter needs it on both kinds.
	LabelOneOff = "com.docker.compose.oneoff"
	// LabelConfigHash must be on every container: Compose lists only those that have it.
	LabelConfigHash = "com.docker.compose.config-hash"
	// LabelImage is the id of the image that a container was created from, "sha256:…".
	LabelImage = "com.docker.compose.image"
	// LabelImageVolumeDigest tells the digests of the images mounted by volumes of type image.
	LabelImageVolumeDigest = "com.docker.compose.image-volume-digest"
	// LabelContainerNumber counts the replicas of a service from 1; one-offs have none.
	LabelContainerNumber = "com.docker.compose.container-number"
	LabelDependsOn       = "com.docker.compose.depends_on"
	LabelWorkingDir      = "com.docker.compose.project.working_dir"
	LabelConfigFiles     = "com.docker.compose.project.config_files"
	// LabelEnvironmentFile is there only where env files were named explicitly.
	LabelEnvironmentFile = "com.docker.compose.project.environment_file"
	LabelVersion         = "com.docker.compose.version"
	// LabelSlug is the identity of a one-off.
	LabelSlug = "com.docker.compose.slug"
	// LabelReplace is on a container that took another's place and its anonymous volumes.
	LabelReplace = "com.docker.compose.replace"
	// LabelHook is on the containers of hooks, which are neither services nor one-offs.
	LabelHook = "com.docker.compose.hook"
	// LabelHookIndex counts the hooks of a service from 0.
	LabelHookIndex = "com.docker.compose.hook-index"
	LabelNetwork   = "com.docker.compose.network"
	LabelVolume    = "com.docker.compose.volume"
)

// The values of [LabelOneOff], capitalised since Compose was written in Python.
const (
	OneOffTrue  = "True"
	OneOffFalse = "False"
)

// HookPreStart is the value of [LabelHook].
const HookPreStart = "pre_start"

// HookLabels returns all labels of the container of a service's index-th pre_start hook. Without a hash and a number nobody
// takes it for the service's own.
func (p *Project) HookLabels(s types.ServiceConfig, index int) map[string]string {
	labels := userLabels(s.Labels)
	labels[LabelProject] = p.Name()
	labels[LabelService] = s.Name
	labels[LabelVersion] = Version
	labels[LabelHook] = HookPreStart
	labels[LabelHookIndex] = strconv.Itoa(index)
	labels[LabelDependsOn] = ""
	maps.Copy(labels, p.privateLabels)
	return labels
}

// ServiceLabels returns all labels of the number-th container of a service. The user's labels lie below: Compose's own
// keys cannot be taken. An empty imageID leaves the label out, as Compose does where the image is not there.
func (p *Project) ServiceLabels(s types.ServiceConfig, number int, hash Hash, imageID string) map[string]string {
	labels := p.containerLabels(s, hash, imageID)
	labels[LabelOneOff] = OneOffFalse
	labels[LabelContainerNumber] = strconv.Itoa(number)
	return labels
}

// OneOffLabels returns all labels of a one-off of a service. A one-off has no number but a slug, and it needs a hash, or
// Compose would not see it.
func (p *Project) OneOffLabels(s types.ServiceConfig, slug string, hash Hash, imageID string) map[string]string {
	labels := p.containerLabels(s, hash, imageID)
	labels[LabelOneOff] = OneOffTrue
	labels[LabelSlug] = slug
	return labels
}

func (p *Project) containerLabels(s types.ServiceConfig, hash Hash, imageID string) map[string]string {
	labels := userLabels(s.Labels)
	labels[LabelProject] = p.Name()
	labels[LabelService] = s.Name
	labels[LabelVersion] = Version
	labels[LabelWorkingDir] = p.model.WorkingDir
	labels[LabelConfigFiles] = strings.Join(p.model.ComposeFiles, ",")
	labels[LabelConfigHash] = hash.Modern
	labels[LabelDependsOn] = dependsOnLabel(s.DependsOn)
	if imageID != "" {
		labels[LabelImage] = imageID
	}
	if len(p.envFiles) > 0 {
		labels[LabelEnvironmentFile] = strings.Join(p.envFiles, ",")
	}
	maps.Copy(labels, p.privateLabels)
	return labels
}

// dependsOnLabel is sorted, so that a plan always says the same; Compose leaves it in the order of a map.
func dependsOnLabel(dependencies types.DependsOnConfig) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(dependencies)) {
		d := dependencies[name]
		parts = append(parts, fmt.Sprintf("%s:%s:%t", name, d.Condition, d.Restart))
	}
	return strings.Join(parts, ",")
}

// NetworkLabels returns all labels of a network of the project, its hash included.
func (p *Project) NetworkLabels(key string) (map[string]string, error) {
	network := p.network(key)
	hash, err := p.NetworkHash(network)
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", key, err)
	}
	labels := userLabels(network.Labels)
	labels[LabelNetwork] = key
	p.resourceLabels(labels, hash)
	return labels, nil
}

// VolumeLabels returns all labels of a volume of the project, its hash included.
func (p *Project) VolumeLabels(key string) (map[string]string, error) {
	volume := p.volume(key)
	hash, err := p.VolumeHash(volume)
	if err != nil {
		return nil, fmt.Errorf("volume %s: %w", key, err)
	}
	labels := userLabels(volume.Labels)
	labels[LabelVolume] = key
	p.resourceLabels(labels, hash)
	return labels, nil
}

func (p *Project) resourceLabels(labels map[string]string, hash string) {
	labels[LabelProject] = p.Name()
	labels[LabelVersion] = Version
	labels[LabelConfigHash] = hash
	maps.Copy(labels, p.privateLabels)
}

// BuildLabels returns all labels of the image built for a service.
func (p *Project) BuildLabels(s types.ServiceConfig) map[string]string {
	labels := map[string]string{}
	if s.Build != nil {
		labels = userLabels(s.Build.Labels)
	}
	labels[LabelProject] = p.OriginalName()
	labels[LabelService] = s.Name
	labels[LabelVersion] = Version
	return labels
}

// userLabels copies, so that what is added never reaches the model.
func userLabels(labels types.Labels) map[string]string {
	all := make(map[string]string, len(labels)+10)
	maps.Copy(all, labels)
	return all
}

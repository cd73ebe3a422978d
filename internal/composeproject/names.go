package composeproject

import (
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"
)

// SlugDigitsInName is the number of the slug's digits in the name of a one-off.
const SlugDigitsInName = 12

// defaultNetwork is the key of the default network of services.
const defaultNetwork = "default"

// separator is the text between the parts of a container's name.
type separator string

func (s separator) join(parts ...string) string { return strings.Join(parts, string(s)) }

// ContainerName returns the name of the number-th container of a service, counted from 1.
func (p *Project) ContainerName(s types.ServiceConfig, number int) string {
	if s.ContainerName != "" {
		return s.ContainerName
	}
	return p.separator.join(p.Name(), s.Name, strconv.Itoa(number))
}

// OneOffName returns the name of a one-off. container_name of the service applies to the service container only.
func (p *Project) OneOffName(service, slug string) string {
	return p.separator.join(p.Name(), service, "run", slug[:min(len(slug), SlugDigitsInName)])
}

// HookName returns the name of the container for a service's index-th pre_start hook, counted from 0.
func (p *Project) HookName(service string, index int) string {
	return p.separator.join(p.Name(), service, HookPreStart, strconv.Itoa(index))
}

// ImageName returns the image reference for containers of a service: the image attribute, or the default name for a
// build. A private project uses the images of the original.
func (p *Project) ImageName(s types.ServiceConfig) string {
	if s.Image != "" {
		return s.Image
	}
	return p.separator.join(p.OriginalName(), s.Name)
}

// IsImageReference reports whether the engine accepts a reference of an image.
func IsImageReference(ref string) bool {
	_, err := reference.ParseAnyReference(ref)
	return err == nil
}

// NetworkName returns the engine's name of a network of the compose file. "default" always has a name.
func (p *Project) NetworkName(key string) string { return networkConfig(p.model, key).Name }

// VolumeName returns the engine's name of a volume of the compose file. An undeclared volume gets the name of a
// declared volume.
func (p *Project) VolumeName(key string) string { return volumeConfig(p.model, key).Name }

// WithDefaultNetwork returns a project with the default network of whole, the project before [Project.Select]. Tasks
// with an image use this network, also if no service does.
func (p *Project) WithDefaultNetwork(whole *Project) *Project {
	next, model := *p, *p.model
	model.Networks = maps.Clone(p.model.Networks)
	if model.Networks == nil {
		model.Networks = types.Networks{}
	}
	model.Networks[defaultNetwork] = networkConfig(whole.model, defaultNetwork)
	next.model = &model
	return &next
}

// networkConfig and volumeConfig name an undeclared network or volume by compose-go's rule, always with "_".
func networkConfig(model *types.Project, key string) types.NetworkConfig {
	if config, ok := model.Networks[key]; ok {
		return config
	}
	return types.NetworkConfig{Name: model.Name + "_" + key}
}

func volumeConfig(model *types.Project, key string) types.VolumeConfig {
	if config, ok := model.Volumes[key]; ok {
		return config
	}
	return types.VolumeConfig{Name: model.Name + "_" + key}
}

// NewSlug returns the identity of a new one-off, 64 hex digits. NewSlug panics if random fails, because unique names
// are then impossible.
func NewSlug(random io.Reader) string {
	var slug [32]byte
	if _, err := io.ReadFull(random, slug[:]); err != nil {
		panic(fmt.Sprintf("composeproject: no random numbers: %v", err))
	}
	return hex.EncodeToString(slug[:])
}

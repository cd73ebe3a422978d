package composeproject

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// slugDigitsInName is how many digits of a slug a one-off's name has.
const slugDigitsInName = 12

// defaultNetwork is the key of the network that services are on unless they say otherwise.
const defaultNetwork = "default"

// joinName makes a name as Compose does; the separator is "_" where COMPOSE_COMPATIBILITY is set.
func (p *Project) joinName(parts ...string) string { return strings.Join(parts, p.separator) }

// ContainerName is the name of the number-th container of a service, counted from 1.
func (p *Project) ContainerName(s types.ServiceConfig, number int) string {
	if s.ContainerName != "" {
		return s.ContainerName
	}
	return p.joinName(p.Name(), s.Name, strconv.Itoa(number))
}

// OneOffName is the name of a one-off; container_name of the service is for its long-lived container alone.
func (p *Project) OneOffName(service, slug string) string {
	return p.joinName(p.Name(), service, "run", slug[:min(len(slug), slugDigitsInName)])
}

// HookName is the name of the container that runs a service's index-th pre_start hook, counted from 0.
func (p *Project) HookName(service string, index int) string {
	return p.joinName(p.Name(), service, HookPreStart, strconv.Itoa(index))
}

// ImageName is the reference that containers of a service are created from: its image, or else the name that its build
// is given. A private copy has those of the original.
func (p *Project) ImageName(s types.ServiceConfig) string {
	if s.Image != "" {
		return s.Image
	}
	return p.joinName(p.OriginalName(), s.Name)
}

// NetworkName is the engine's name of a network of the compose file; "default" always has one.
func (p *Project) NetworkName(key string) string { return p.network(key).Name }

// VolumeName is the engine's name of a volume of the compose file. One that the file lacks is named as if it were there.
func (p *Project) VolumeName(key string) string { return p.volume(key).Name }

// DefaultNetwork is the network that is used where nothing else is said, as the compose file has it or implied.
func (p *Project) DefaultNetwork() (key string, config types.NetworkConfig) {
	return defaultNetwork, p.network(defaultNetwork)
}

// network and volume name what the model lacks by the rule of compose-go's normalisation, always with "_".
func (p *Project) network(key string) types.NetworkConfig {
	if config, ok := p.model.Networks[key]; ok {
		return config
	}
	return types.NetworkConfig{Name: p.Name() + "_" + key}
}

func (p *Project) volume(key string) types.VolumeConfig {
	if config, ok := p.model.Volumes[key]; ok {
		return config
	}
	return types.VolumeConfig{Name: p.Name() + "_" + key}
}

// NewSlug returns the identity of a new one-off, 64 hex digits. It panics where random cannot be read, as nothing that
// has to be unique can be made then.
func NewSlug(random io.Reader) string {
	var slug [32]byte
	if _, err := io.ReadFull(random, slug[:]); err != nil {
		panic(fmt.Sprintf("composeproject: no random numbers: %v", err))
	}
	return hex.EncodeToString(slug[:])
}

package composeproject

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/compose-spec/compose-go/v2/types"
)

// Hash is the hash of a service's configuration, by which Compose tells whether a container is still current.
type Hash struct {
	// Modern is what Compose writes since v5.0, and what we write.
	Modern string
	// Legacy is what Compose wrote up to v2.40; it differs only for services with bind mounts.
	Legacy string
}

// Matches says that a container's label was written for this configuration.
func (h Hash) Matches(label string) bool {
	return label != "" && (label == h.Modern || label == h.Legacy)
}

// ServiceHash hashes a service whose `service:x` references are resolved (see [ResolveReferences]). What does not change
// the container is left out: build, pull_policy, scale, replicas, depends_on and profiles.
func (p *Project) ServiceHash(s types.ServiceConfig) (Hash, error) {
	modern, err := json.Marshal(hashedConfig(s))
	if err != nil {
		return Hash{}, fmt.Errorf("service %s: hash of the configuration: %w", s.Name, err)
	}
	legacy, err := legacyJSON(modern, s.Volumes)
	if err != nil {
		return Hash{}, fmt.Errorf("service %s: hash of the configuration: %w", s.Name, err)
	}
	return Hash{Modern: hexDigest(modern), Legacy: hexDigest(legacy)}, nil
}

func hashedConfig(s types.ServiceConfig) types.ServiceConfig {
	s.Build = nil
	s.PullPolicy = ""
	s.Scale = nil
	s.DependsOn = nil
	s.Profiles = nil
	if s.Deploy != nil {
		deploy := *s.Deploy
		deploy.Replicas = nil
		s.Deploy = &deploy
	}
	return s
}

// NetworkHash hashes the whole configuration of a network.
func (p *Project) NetworkHash(n types.NetworkConfig) (string, error) {
	form, err := json.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("hash of the configuration: %w", err)
	}
	return hexDigest(form), nil
}

// VolumeHash hashes the whole configuration of a volume; no driver is the same as "local".
func (p *Project) VolumeHash(v types.VolumeConfig) (string, error) {
	if v.Driver == "" {
		v.Driver = "local"
	}
	form, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("hash of the configuration: %w", err)
	}
	return hexDigest(form), nil
}

func hexDigest(form []byte) string {
	sum := sha256.Sum256(form)
	return hex.EncodeToString(sum[:])
}

// legacyJSON rewrites the volumes of a marshalled service as compose-go marshalled them up to v2.9. The key with a list of
// objects behind it cannot occur elsewhere: inside a string its quotes would be escaped.
func legacyJSON(modern []byte, volumes []types.ServiceVolumeConfig) ([]byte, error) {
	if len(volumes) == 0 {
		return modern, nil
	}
	now, err := json.Marshal(volumes)
	if err != nil {
		return nil, err
	}
	then, err := json.Marshal(legacyVolumes(volumes))
	if err != nil {
		return nil, err
	}
	const key = `"volumes":`
	return bytes.Replace(modern, append([]byte(key), now...), append([]byte(key), then...), 1), nil
}

// legacyVolume is types.ServiceVolumeConfig with another form of its bind options.
type legacyVolume struct {
	Type        string                     `json:"type,omitempty"`
	Source      string                     `json:"source,omitempty"`
	Target      string                     `json:"target,omitempty"`
	ReadOnly    bool                       `json:"read_only,omitempty"`
	Consistency string                     `json:"consistency,omitempty"`
	Bind        *legacyBind                `json:"bind,omitempty"`
	Volume      *types.ServiceVolumeVolume `json:"volume,omitempty"`
	Tmpfs       *types.ServiceVolumeTmpfs  `json:"tmpfs,omitempty"`
	Image       *types.ServiceVolumeImage  `json:"image,omitempty"`
}

// legacyBind leaves create_host_path out where it is false; the modern form leaves it out where it is true.
type legacyBind struct {
	SELinux        string `json:"selinux,omitempty"`
	Propagation    string `json:"propagation,omitempty"`
	CreateHostPath bool   `json:"create_host_path,omitempty"`
	Recursive      string `json:"recursive,omitempty"`
}

func legacyVolumes(volumes []types.ServiceVolumeConfig) []legacyVolume {
	legacy := make([]legacyVolume, len(volumes))
	for i, v := range volumes {
		legacy[i] = legacyVolume{
			Type: v.Type, Source: v.Source, Target: v.Target, ReadOnly: v.ReadOnly, Consistency: v.Consistency,
			Volume: v.Volume, Tmpfs: v.Tmpfs, Image: v.Image,
		}
		if v.Bind != nil {
			legacy[i].Bind = &legacyBind{
				SELinux: v.Bind.SELinux, Propagation: v.Bind.Propagation,
				CreateHostPath: bool(v.Bind.CreateHostPath), Recursive: v.Bind.Recursive,
			}
		}
	}
	return legacy
}

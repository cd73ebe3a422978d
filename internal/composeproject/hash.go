package composeproject

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/compose-spec/compose-go/v2/types"
)

// Hash is the hash of a service's configuration. Compose compares hashes to find outdated containers.
type Hash struct {
	// Modern is the hash of Compose v5.0 and later, and our own.
	Modern string
	// Legacy is the hash of Compose up to v2.40. Only services with bind mounts have different hashes.
	Legacy string
}

// Matches reports whether a container's label equals a hash of this configuration.
func (h Hash) Matches(label string) bool {
	return label != "" && (label == h.Modern || label == h.Legacy)
}

// ServiceHash hashes a service with resolved `service:x` references (see [ResolveReferences]). The hash ignores
// attributes without effect on the container: build, pull_policy, scale, replicas, depends_on and profiles.
func ServiceHash(s types.ServiceConfig) (Hash, error) {
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
func NetworkHash(n types.NetworkConfig) (string, error) {
	form, err := json.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("hash of the configuration: %w", err)
	}
	return hexDigest(form), nil
}

// VolumeHash hashes the whole configuration of a volume. A missing driver counts as "local".
func VolumeHash(v types.VolumeConfig) (string, error) {
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

// legacyJSON rewrites the volumes of a marshalled service in the form of compose-go up to v2.9. The key before a list
// of objects is unique in the text: quotes inside a string are escaped.
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

// legacyVolume is types.ServiceVolumeConfig with legacy bind options.
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

// legacyBind omits a false create_host_path. The modern form omits a true value.
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

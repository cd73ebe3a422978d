package composeproject

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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

// hashOrder are the attributes of a service in the order of the hash. The order is that of the fields in compose-go
// v2.15, the last with one flat struct, which all containers of today have in their hash. Compose v5.6 keeps the same
// order. pre_start and later attributes stand at the end.
const hashOrder = `
	profiles annotations attach build develop blkio_config cap_add cap_drop cgroup_parent cgroup
	cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares
	command configs container_name credential_spec depends_on deploy device_cgroup_rules devices
	dns dns_opt dns_search dockerfile domainname entrypoint provider environment env_file expose extends
	external_links extra_hosts group_add gpus hostname healthcheck image init ipc isolation
	labels label_file links logging log_driver log_opt mem_limit mem_reservation memswap_limit mem_swappiness
	mac_address models net network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports
	privileged pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open
	stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts
	volume_driver volumes volumes_from working_dir pre_start post_start pre_stop
	pull_refresh_after umask`

// ServiceHash hashes a service with resolved `service:x` references (see [ResolveReferences]). The hash ignores
// attributes without effect on the container: build, pull_policy, scale, replicas, depends_on and profiles.
func ServiceHash(s types.ServiceConfig) (Hash, error) {
	modern, err := hashedJSON(s)
	if err != nil {
		return Hash{}, fmt.Errorf("service %s: hash of the configuration: %w", s.Name, err)
	}
	legacy, err := legacyJSON(modern, s.Volumes)
	if err != nil {
		return Hash{}, fmt.Errorf("service %s: hash of the configuration: %w", s.Name, err)
	}
	return Hash{Modern: hexDigest(modern), Legacy: hexDigest(legacy)}, nil
}

// hashedJSON is the text under the hash. The order of the keys never changes, so a new order of the fields in
// compose-go changes no hash. Keys unknown to the order follow, sorted.
func hashedJSON(s types.ServiceConfig) ([]byte, error) {
	form, err := json.Marshal(hashedConfig(s))
	if err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	if err := json.Unmarshal(form, &values); err != nil {
		return nil, err
	}
	ordered := []byte("{")
	for _, key := range hashedKeys(values) {
		if len(ordered) > 1 {
			ordered = append(ordered, ',')
		}
		ordered = fmt.Appendf(ordered, "%q:%s", key, values[key])
	}
	return append(ordered, '}'), nil
}

// hashedKeys returns the keys of a service in the order of the hash.
func hashedKeys(values map[string]json.RawMessage) []string {
	var known, added []string
	for _, key := range strings.Fields(hashOrder) {
		if _, set := values[key]; set {
			known = append(known, key)
		}
	}
	for key := range values {
		if !slices.Contains(known, key) {
			added = append(added, key)
		}
	}
	slices.Sort(added)
	return append(known, added...)
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

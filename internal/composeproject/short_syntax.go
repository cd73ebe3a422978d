package composeproject

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/types"
)

// ParsePorts parses the short syntax of ports: "80", "8080:80", "127.0.0.1:8080:80/udp", "9000-9001:9000-9001". A range
// gives several ports. Repeated ports count once.
func ParsePorts(specs []string) ([]types.ServicePortConfig, error) {
	var ports []types.ServicePortConfig
	var errs []error
	for _, spec := range specs {
		parsed, err := types.ParsePortConfig(spec)
		if err != nil {
			errs = append(errs, portError(spec))
			continue
		}
		for _, port := range parsed {
			if !slices.ContainsFunc(ports, func(have types.ServicePortConfig) bool { return isSamePort(have, port) }) {
				ports = append(ports, port)
			}
		}
	}
	return ports, errors.Join(errs...)
}

// maxPort is the highest port of TCP, UDP and SCTP.
const maxPort = 65535

// portError names the first port out of range, else the syntax. The error of the parser would repeat a part of the
// text, and a part of a sensitive text is not masked.
func portError(spec string) error {
	address, _, _ := strings.Cut(spec, "/")
	for part := range strings.FieldsFuncSeq(address, func(r rune) bool { return r == ':' || r == '-' }) {
		if n, isNumber := new(big.Int).SetString(part, 10); isNumber && (n.Sign() == 0 || n.Cmp(big.NewInt(maxPort)) > 0) {
			return fmt.Errorf("port %q: %s is out of range (1–%d)", spec, part, maxPort)
		}
	}
	return fmt.Errorf("port %q: the syntax is wrong: write [[IP:]HOST:]CONTAINER[/tcp|udp|sctp]", spec)
}

func isSamePort(a, b types.ServicePortConfig) bool {
	return a.HostIP == b.HostIP && a.Published == b.Published && a.Target == b.Target && a.Protocol == b.Protocol
}

// ParseVolumes parses the short syntax of volumes: "/in/container", "name:/in/container", "./here:/in/container:ro".
// Host paths become absolute, relative to dir; "~" is the user's home. Of volumes with the same target, the last wins.
// declared reports whether a volume name is allowed; nil allows every name.
func ParseVolumes(specs []string, dir string, declared func(name string) bool) ([]types.ServiceVolumeConfig, error) {
	var volumes []types.ServiceVolumeConfig
	var errs []error
	for _, spec := range specs {
		volume, err := parseVolume(spec, dir, declared)
		if err != nil {
			errs = append(errs, fmt.Errorf("volume %q: %w", spec, err))
			continue
		}
		volumes = MergeVolumes(volumes, []types.ServiceVolumeConfig{volume})
	}
	return volumes, errors.Join(errs...)
}

// MergeVolumes adds the upper volumes. An upper volume replaces a volume with the same target, at the same position.
func MergeVolumes(volumes, upper []types.ServiceVolumeConfig) []types.ServiceVolumeConfig {
	merged := slices.Clone(volumes)
	for _, volume := range upper {
		i := slices.IndexFunc(merged, func(have types.ServiceVolumeConfig) bool {
			return path.Clean(have.Target) == path.Clean(volume.Target)
		})
		if i < 0 {
			merged = append(merged, volume)
		} else {
			merged[i] = volume
		}
	}
	return merged
}

func parseVolume(spec, dir string, declared func(string) bool) (types.ServiceVolumeConfig, error) {
	if spec == "" {
		return types.ServiceVolumeConfig{}, errors.New("nothing is written")
	}
	volume, err := format.ParseVolume(spec)
	if err != nil {
		return volume, cmp.Or(errors.Unwrap(err), err)
	}
	if err := checkVolume(spec, volume); err != nil {
		return volume, err
	}
	switch {
	case volume.Type == types.VolumeTypeBind:
		volume.Source = hostPath(volume.Source, dir)
	case volume.Source != "" && declared != nil && !declared(volume.Source):
		return volume, fmt.Errorf("the compose file declares no volume %q: "+
			"add it under volumes, or write ./%s for a folder", volume.Source, volume.Source)
	}
	return volume, nil
}

// checkVolume rejects errors that compose-go accepts, and that the engine would reject later or misread.
func checkVolume(spec string, volume types.ServiceVolumeConfig) error {
	// compose-go reads a letter before a colon as a drive, even if the rest is no Windows path.
	onDrive := len(volume.Target) > 2 && volume.Target[1:3] == `:\`
	if !path.IsAbs(volume.Target) && !onDrive {
		return fmt.Errorf("the path in the container, %q, is not absolute", volume.Target)
	}
	if volume.Type == types.VolumeTypeVolume && strings.ContainsAny(volume.Source, `/\`) {
		return fmt.Errorf("%q is no name of a volume: write ./%s for a path of the host", volume.Source, volume.Source)
	}
	_, options, _ := strings.Cut(spec, ":"+volume.Target+":")
	for option := range strings.SplitSeq(options, ",") {
		if !slices.Contains(volumeOptions(), option) {
			return fmt.Errorf("unknown option %q: write one of %s", option, strings.Join(volumeOptions()[1:], ", "))
		}
	}
	return nil
}

// volumeOptions are the options of the short syntax. The first stands for a volume without options.
func volumeOptions() []string {
	return append([]string{"", "ro", "rw", "z", "Z", "nocopy"}, format.Propagations...)
}

func hostPath(source, dir string) string {
	source = paths.ExpandUser(source)
	if filepath.IsAbs(source) || paths.IsWindowsAbs(source) {
		return source
	}
	return filepath.Join(dir, source)
}

package docker

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/mount"
)

// mountAttributes are about what is seen in the container's file system. The mounts themselves are made by mounts, which
// also knows what is inherited.
func mountAttributes() []attribute {
	return []attribute{
		{name: "volumes", target: "HostConfig.Binds and Mounts"},
		{name: "secrets", target: "HostConfig.Mounts, or files copied in"},
		{name: "configs", target: "HostConfig.Mounts, or files copied in"},
		{name: "volumes_from", target: "HostConfig.VolumesFrom", apply: infallible(func(m *mapper) { m.host.VolumesFrom = m.service.VolumesFrom })},
		{name: "volume_driver", target: "HostConfig.VolumeDriver", apply: infallible(func(m *mapper) { m.host.VolumeDriver = m.service.VolumeDriver })},
		{name: "tmpfs", target: "HostConfig.Tmpfs", apply: infallible(func(m *mapper) {
			m.host.Tmpfs = map[string]string{}
			for _, spec := range m.service.Tmpfs {
				target, options, _ := strings.Cut(spec, ":")
				m.host.Tmpfs[target] = options
			}
		})},
	}
}

// mapMounts maps the volumes of the service, and the anonymous volumes of the container that this one replaces.
func (m *mapper) mapMounts() error {
	volumes := lastPerTarget(m.service.Volumes)
	var errs []error
	for _, v := range volumes {
		errs = append(errs, m.errorAbout(volumeSubject(v.Target), m.mapVolume(v)))
	}
	for _, target := range slices.Sorted(maps.Keys(m.spec.Inherit)) {
		if !isMounted(volumes, target) {
			m.addMount(mount.Mount{Type: mount.TypeVolume, Source: m.spec.Inherit[target], Target: target})
		}
	}
	return errors.Join(errs...)
}

// lastPerTarget leaves one volume for each target, the last, in the place of the first.
func lastPerTarget(volumes []types.ServiceVolumeConfig) []types.ServiceVolumeConfig {
	var kept []types.ServiceVolumeConfig
	for _, v := range volumes {
		if i := slices.IndexFunc(kept, hasTarget(v.Target)); i >= 0 {
			kept[i] = v
		} else {
			kept = append(kept, v)
		}
	}
	return kept
}

func isMounted(volumes []types.ServiceVolumeConfig, target string) bool {
	return slices.ContainsFunc(volumes, hasTarget(target))
}

func hasTarget(target string) func(types.ServiceVolumeConfig) bool {
	return func(v types.ServiceVolumeConfig) bool { return path.Clean(v.Target) == path.Clean(target) }
}

func (m *mapper) addMount(mounted mount.Mount) { m.host.Mounts = append(m.host.Mounts, mounted) }

func (m *mapper) mapVolume(v types.ServiceVolumeConfig) error {
	m.warnForeignOptions(v)
	switch v.Type {
	case types.VolumeTypeBind:
		return m.bind(v)
	case types.VolumeTypeVolume:
		return m.namedVolume(v)
	case types.VolumeTypeTmpfs:
		return m.tmpfsMount(v)
	case types.VolumeTypeImage:
		return m.imageMount(v)
	case types.VolumeTypeNamedPipe:
		m.addMount(plainMount(v, v.Source))
		return nil
	default:
		return fmt.Errorf("type %q is not supported: use bind, volume, tmpfs, image or npipe", v.Type)
	}
}

// warnForeignOptions tells of options of another type, which do nothing. Those of a bind on a volume are what the short
// syntax makes of `name:/target:z`.
func (m *mapper) warnForeignOptions(v types.ServiceVolumeConfig) {
	for _, options := range []struct {
		of  string
		set bool
	}{
		{types.VolumeTypeBind, v.Bind != nil && v.Type != types.VolumeTypeVolume}, {types.VolumeTypeVolume, v.Volume != nil},
		{types.VolumeTypeTmpfs, v.Tmpfs != nil}, {types.VolumeTypeImage, v.Image != nil},
	} {
		if options.set && options.of != v.Type {
			m.warn(volumeSubject(v.Target), "the options under %s do nothing for type %s", options.of, v.Type)
		}
	}
}

// requireSource notes who mounts a path of the engine's machine that is not created where it is missing.
func (m *mapper) requireSource(source string, owner subject) {
	if m.request.mountSources == nil {
		m.request.mountSources = map[string]string{}
	}
	m.request.mountSources[source] = m.prefix(owner.name, owner.path)
}

// explained says of a refused creation which part of the configuration mounts the path that the engine misses.
func (c createRequest) withMountSource(err error) error {
	if err == nil {
		return nil
	}
	_, missing, _ := strings.Cut(err.Error(), "bind source path does not exist: ")
	if owner, ok := c.mountSources[strings.TrimSpace(missing)]; ok {
		return fmt.Errorf("%s: %w", owner, err)
	}
	return err
}

func plainMount(v types.ServiceVolumeConfig, source string) mount.Mount {
	return mount.Mount{
		Type: mount.Type(v.Type), Source: source, Target: v.Target, ReadOnly: v.ReadOnly, Consistency: mount.Consistency(v.Consistency),
	}
}

// bind is sent in the short form wherever that can say it: only there do all engines create a missing folder of the host,
// and only there is SELinux's label.
func (m *mapper) bind(v types.ServiceVolumeConfig) error {
	options := v.Bind
	if options == nil {
		options = &types.ServiceVolumeBind{CreateHostPath: true}
	}
	isShortForm := bool(options.CreateHostPath) && options.Recursive == "" && fitsShortSyntax(v)
	if isShortForm {
		m.host.Binds = append(m.host.Binds, shortBind(v, v.Source, options.SELinux, options.Propagation, v.Consistency))
		return nil
	}
	if options.SELinux != "" {
		return atPart(errors.New("selinux cannot go with create_host_path: false, with recursive, or with a colon in a path"), "bind", "selinux")
	}
	mounted := plainMount(v, v.Source)
	mounted.BindOptions = &mount.BindOptions{
		Propagation: mount.Propagation(options.Propagation),
		// Engines before 23 do not know it, and say that the path is missing.
		CreateMountpoint: bool(options.CreateHostPath),
	}
	m.requireSource(v.Source, volumeSubject(v.Target))
	m.addMount(mounted)
	return m.mapRecursion(options.Recursive, mounted.BindOptions)
}

func (m *mapper) mapRecursion(recursive string, options *mount.BindOptions) error {
	switch recursive {
	case "", "enabled":
		return nil
	case "disabled":
		options.NonRecursive = true
		return nil
	case "writable":
		options.ReadOnlyNonRecursive = true
	case "readonly":
		options.ReadOnlyForceRecursive = true
	default:
		return atPart(fmt.Errorf("bind.recursive: %q is none of enabled, disabled, writable and readonly", recursive), "bind", "recursive")
	}
	return atPart(m.requireAPIFor("bind.recursive: "+recursive, "1.44"), "bind", "recursive")
}

// requireAPIFor is need for what fails under a name of its own.
func (m *mapper) requireAPIFor(feature, since string) error {
	if err := m.api.requires(since); err != nil {
		return fmt.Errorf("%s %w", feature, err)
	}
	return nil
}

// fitsShortSyntax says that the colons of `source:target:options` cannot be mistaken; that of a Windows drive is none of them.
func fitsShortSyntax(v types.ServiceVolumeConfig) bool {
	return !strings.Contains(withoutDrive(v.Source), ":") && !strings.Contains(withoutDrive(v.Target), ":")
}

func withoutDrive(path string) string {
	if len(path) > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/') {
		return path[2:]
	}
	return path
}

func shortBind(v types.ServiceVolumeConfig, source string, more ...string) string {
	options := []string{"rw"}
	if v.ReadOnly {
		options[0] = "ro"
	}
	for _, option := range more {
		if option != "" {
			options = append(options, option)
		}
	}
	return source + ":" + v.Target + ":" + strings.Join(options, ",")
}

// readVolume also maps anonymous volumes, which have no source, unless they are inherited.
func (m *mapper) namedVolume(v types.ServiceVolumeConfig) error {
	source, declared := m.volumeSource(v)
	options, bind := cmp.Or(v.Volume, &types.ServiceVolumeVolume{}), cmp.Or(v.Bind, &types.ServiceVolumeBind{})
	needsOptions := options.NoCopy || options.Subpath != "" || len(options.Labels) > 0
	if declared && !needsOptions && fitsShortSyntax(v) {
		m.host.Binds = append(m.host.Binds, shortBind(v, source, bind.SELinux, bind.Propagation, v.Consistency))
		return nil
	}
	if bind.SELinux != "" || bind.Propagation != "" {
		return errors.New("selinux and propagation go with a declared volume only, without nocopy, subpath and labels")
	}
	mounted := plainMount(v, source)
	if needsOptions {
		mounted.VolumeOptions = &mount.VolumeOptions{NoCopy: options.NoCopy, Subpath: options.Subpath, Labels: options.Labels}
	}
	m.addMount(mounted)
	if options.Subpath != "" {
		return atPart(m.requireAPIFor("volume.subpath", "1.45"), "volume", "subpath")
	}
	return nil
}

// volumeSource is the engine's name of a volume. One that the project does not declare goes by its literal name.
func (m *mapper) volumeSource(v types.ServiceVolumeConfig) (name string, declared bool) {
	if v.Source == "" {
		return m.inheritedVolume(v.Target), false
	}
	if name, ok := m.spec.Volumes[v.Source]; ok {
		return name, true
	}
	return v.Source, false
}

// inheritedVolume is the volume that the replaced container had at a mount point.
func (m *mapper) inheritedVolume(target string) string {
	for mountPoint, volume := range m.spec.Inherit {
		if path.Clean(mountPoint) == path.Clean(target) {
			return volume
		}
	}
	return ""
}

func (m *mapper) tmpfsMount(v types.ServiceVolumeConfig) error {
	mounted := plainMount(v, "")
	if v.Source != "" {
		return fmt.Errorf("a tmpfs has no source, and this one has %q", v.Source)
	}
	if v.Tmpfs != nil {
		mounted.TmpfsOptions = &mount.TmpfsOptions{SizeBytes: int64(v.Tmpfs.Size), Mode: os.FileMode(v.Tmpfs.Mode)}
	}
	m.addMount(mounted)
	return nil
}

func (m *mapper) imageMount(v types.ServiceVolumeConfig) error {
	mounted := plainMount(v, v.Source)
	if v.Image != nil {
		mounted.ImageOptions = &mount.ImageOptions{Subpath: v.Image.SubPath}
	}
	m.addMount(mounted)
	return atPart(m.requireAPIFor("type image", "1.48"), "type")
}

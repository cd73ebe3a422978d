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

	"tasks/executor/engine"
)

// mountAttributes configure the container's file system. mountMapper maps the mounts themselves, with the inherited
// volumes.
func mountAttributes() []attribute {
	return []attribute{
		{name: "volumes", target: "HostConfig.Binds and Mounts"},
		{name: "secrets", target: "HostConfig.Mounts, or files copied in"},
		{name: "configs", target: "HostConfig.Mounts, or files copied in"},
		{name: "volumes_from", target: "HostConfig.VolumesFrom",
			apply: infallible(func(m *mapper) { m.host.VolumesFrom = m.service.VolumesFrom })},
		{name: "volume_driver", target: "HostConfig.VolumeDriver",
			apply: infallible(func(m *mapper) { m.host.VolumeDriver = m.service.VolumeDriver })},
		{name: "tmpfs", target: "HostConfig.Tmpfs", apply: infallible(func(m *mapper) {
			m.host.Tmpfs = map[string]string{}
			for _, spec := range m.service.Tmpfs {
				target, options, _ := strings.Cut(spec, ":")
				m.host.Tmpfs[target] = options
			}
		})},
	}
}

// mountMapper maps the mounts of a container.
type mountMapper struct {
	*reporter
	// volumes maps the names of the compose file to the engine's names.
	volumes map[string]string
	// inherited maps the mount points of the replaced container to its anonymous volumes.
	inherited map[string]string
	// binds are mounts in the short form.
	binds  []string
	mounts []mount.Mount
	// sources is createRequest.mountSources.
	sources map[string][]string
}

// mapFileSystem maps the volumes, the secrets and the configs.
func (m *mapper) mapFileSystem() error {
	mounts := &mountMapper{reporter: m.reporter, volumes: m.spec.Volumes, inherited: m.spec.Inherit}
	files := &fileMapper{mountMapper: mounts, service: m.service}
	err := errors.Join(mounts.mapAll(m.service.Volumes), files.mapAll(m.spec.Secrets, m.spec.Configs))
	m.host.Binds, m.host.Mounts = mounts.binds, mounts.mounts
	m.request.mountSources, m.request.files = mounts.sources, files.copied
	return err
}

// mapAll maps the volumes of the service, and the anonymous volumes of the replaced container.
func (m *mountMapper) mapAll(given []types.ServiceVolumeConfig) error {
	volumes := lastPerTarget(given)
	var errs []error
	for _, v := range volumes {
		errs = append(errs, m.errorAbout(volumeSubject(v.Target), m.mapVolume(v)))
	}
	for _, target := range slices.Sorted(maps.Keys(m.inherited)) {
		if !isMounted(volumes, target) {
			m.addMount(mount.Mount{Type: mount.TypeVolume, Source: m.inherited[target], Target: target})
		}
	}
	return errors.Join(errs...)
}

// lastPerTarget keeps the last volume of each target, at the position of the first.
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

func (m *mountMapper) addMount(mounted mount.Mount) { m.mounts = append(m.mounts, mounted) }

func (m *mountMapper) mapVolume(v types.ServiceVolumeConfig) error {
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

// warnForeignOptions warns about options of another volume type, because these options have no effect. Options of a
// bind on a volume come from the short syntax `name:/target:z`, and cause no warning.
func (m *mountMapper) warnForeignOptions(v types.ServiceVolumeConfig) {
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

// requireSource records the owner of a mount. The source must exist on the engine's machine.
func (m *mountMapper) requireSource(source string, owner subject) {
	if m.sources == nil {
		m.sources = map[string][]string{}
	}
	m.sources[source] = owner.path
}

// withMountSource adds to a refused creation the part of the configuration with the missing path.
func (c createRequest) withMountSource(err error) error {
	if err == nil {
		return nil
	}
	_, missing, _ := strings.Cut(err.Error(), "bind source path does not exist: ")
	path, ok := c.mountSources[strings.TrimSpace(missing)]
	if rejection, isKnown := errors.AsType[*engine.Rejection](explainRejection(err)); ok && isKnown {
		rejection.Attribute = path
		return rejection
	}
	return err
}

func plainMount(v types.ServiceVolumeConfig, source string) mount.Mount {
	return mount.Mount{
		Type: mount.Type(v.Type), Source: source, Target: v.Target,
		ReadOnly: v.ReadOnly, Consistency: mount.Consistency(v.Consistency),
	}
}

// bind prefers the short form. Only in this form do all engines create a missing folder of the host, and only this form
// has SELinux's label.
func (m *mountMapper) bind(v types.ServiceVolumeConfig) error {
	options := v.Bind
	if options == nil {
		options = &types.ServiceVolumeBind{CreateHostPath: true}
	}
	isShortForm := bool(options.CreateHostPath) && options.Recursive == "" && fitsShortSyntax(v)
	if isShortForm {
		m.binds = append(m.binds, shortBind(v, v.Source, options.SELinux, options.Propagation, v.Consistency))
		return nil
	}
	if options.SELinux != "" {
		err := errors.New("selinux cannot go with create_host_path: false, with recursive, or with a colon in a path")
		return atPart(err, "bind", "selinux")
	}
	mounted := plainMount(v, v.Source)
	mounted.BindOptions = &mount.BindOptions{
		Propagation: mount.Propagation(options.Propagation),
		// Engines before 23 ignore the field, and report a missing path.
		CreateMountpoint: bool(options.CreateHostPath),
	}
	m.requireSource(v.Source, volumeSubject(v.Target))
	m.addMount(mounted)
	return m.mapRecursion(options.Recursive, mounted.BindOptions)
}

func (m *mountMapper) mapRecursion(recursive string, options *mount.BindOptions) error {
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
		err := fmt.Errorf("bind.recursive: %q is none of enabled, disabled, writable and readonly", recursive)
		return atPart(err, "bind", "recursive")
	}
	return atPart(m.api.requiresFor("bind.recursive: "+recursive, "1.44"), "bind", "recursive")
}

// requiresFor is like requires, with the feature's name in the error.
func (v apiVersion) requiresFor(feature, since string) error {
	if err := v.requires(since); err != nil {
		return fmt.Errorf("%s %w", feature, err)
	}
	return nil
}

// fitsShortSyntax reports whether the colons of `source:target:options` are unambiguous. The colon of a Windows drive
// does not count.
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

// namedVolume also maps anonymous volumes. An anonymous volume has no source, unless inherited.
func (m *mountMapper) namedVolume(v types.ServiceVolumeConfig) error {
	source, declared := m.volumeSource(v)
	options, bind := cmp.Or(v.Volume, &types.ServiceVolumeVolume{}), cmp.Or(v.Bind, &types.ServiceVolumeBind{})
	needsOptions := options.NoCopy || options.Subpath != "" || len(options.Labels) > 0
	if declared && !needsOptions && fitsShortSyntax(v) {
		m.binds = append(m.binds, shortBind(v, source, bind.SELinux, bind.Propagation, v.Consistency))
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
		return atPart(m.api.requiresFor("volume.subpath", "1.45"), "volume", "subpath")
	}
	return nil
}

// volumeSource returns the engine's name of a volume. A volume outside the project keeps its literal name.
func (m *mountMapper) volumeSource(v types.ServiceVolumeConfig) (name string, declared bool) {
	if v.Source == "" {
		return m.inheritedVolume(v.Target), false
	}
	if name, ok := m.volumes[v.Source]; ok {
		return name, true
	}
	return v.Source, false
}

// inheritedVolume returns the replaced container's volume at a mount point.
func (m *mountMapper) inheritedVolume(target string) string {
	for mountPoint, volume := range m.inherited {
		if path.Clean(mountPoint) == path.Clean(target) {
			return volume
		}
	}
	return ""
}

func (m *mountMapper) tmpfsMount(v types.ServiceVolumeConfig) error {
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

func (m *mountMapper) imageMount(v types.ServiceVolumeConfig) error {
	mounted := plainMount(v, v.Source)
	if v.Image != nil {
		mounted.ImageOptions = &mount.ImageOptions{Subpath: v.Image.SubPath}
	}
	m.addMount(mounted)
	return atPart(m.api.requiresFor("type image", "1.48"), "type")
}

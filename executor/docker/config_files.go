package docker

import (
	"archive/tar"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/mount"
)

// copyFile is a file to copy into a created container.
type copyFile struct {
	// Path is absolute, in the container.
	Path    string
	Content []byte
	// Mode has the permission bits.
	Mode     int64
	UID, GID int
}

// tar packs the files for the archive API, to be unpacked at "/". Without files, tar returns nil. The engine makes
// missing folders, and takes owner and mode from the archive. The option CopyUIDGID must stay off. With the option,
// engine 20.10 looks for the container's user among the engine's own users. A number fails there. A name makes the
// files belong to the user of this name.
func (c createRequest) tar() io.Reader {
	if len(c.files) == 0 {
		return nil
	}
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	for _, f := range c.files {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: strings.TrimPrefix(f.Path, "/"),
			Size: int64(len(f.Content)), Mode: f.Mode, Uid: f.UID, Gid: f.GID, ModTime: time.Now(),
		}
		if err := errors.Join(w.WriteHeader(header), writeAll(w, f.Content)); err != nil {
			panic(fmt.Sprintf("docker: packing %s into memory: %v", f.Path, err))
		}
	}
	if err := w.Close(); err != nil {
		panic(fmt.Sprintf("docker: packing files into memory: %v", err))
	}
	return &buffer
}

func writeAll(w io.Writer, content []byte) error {
	_, err := w.Write(content)
	return err
}

// fileReference is a service's use of a secret or config, with the definition.
type fileReference struct {
	// kind is "secret" or "config".
	kind    string
	use     types.FileReferenceConfig
	defined types.FileObjectConfig
	// dir is the base folder of a relative target.
	dir string
}

// fileMapper maps the secrets and configs of a service, by mounts or by copies.
type fileMapper struct {
	*mountMapper
	service types.ServiceConfig
	copied  []copyFile
}

// mapAll mounts the secrets and configs with a file. The content of the others is copied in.
func (m *fileMapper) mapAll(secrets types.Secrets, configs types.Configs) error {
	var errs []error
	for _, use := range m.service.Secrets {
		defined, ok := secrets[use.Source]
		errs = append(errs, m.mapFileReference(ok, fileReference{
			kind: "secret", use: types.FileReferenceConfig(use), defined: types.FileObjectConfig(defined), dir: "/run/secrets",
		}))
	}
	for _, use := range m.service.Configs {
		defined, ok := configs[use.Source]
		errs = append(errs, m.mapFileReference(ok, fileReference{
			kind: "config", use: types.FileReferenceConfig(use), defined: types.FileObjectConfig(defined), dir: "/",
		}))
	}
	return errors.Join(errs...)
}

func (m *fileMapper) mapFileReference(known bool, r fileReference) error {
	about := r.subject()
	switch {
	case !known:
		return m.errorAbout(about, errors.New("is not declared"))
	case bool(r.defined.External):
		return m.errorAbout(about, errors.New("external ones exist in Swarm only: use file, environment or content"))
	case r.defined.Driver != "" || r.defined.TemplateDriver != "":
		err := errors.New("driver and template_driver exist in Swarm only: use file, environment or content")
		return m.errorAbout(about, err)
	case isMounted(m.service.Volumes, r.target()):
		// As in Compose, a volume at the same place wins.
		m.warn(r.subject(), "is left out: there is a volume at %s", r.target())
		return nil
	case r.defined.File != "":
		m.mountFile(r)
		return nil
	default:
		return m.errorAbout(about, m.addCopiedFile(r))
	}
}

func (r fileReference) subject() subject {
	return subject{name: r.kind + " " + r.use.Source, path: []string{r.kind + "s", r.use.Source}}
}

// target returns the path of the file in the container.
func (r fileReference) target() string {
	target := cmp.Or(r.use.Target, r.use.Source)
	if path.IsAbs(target) || paths.IsWindowsAbs(target) {
		return target
	}
	return path.Join(r.dir, target)
}

// mountFile mounts a file of the host. A missing file is an error, because a folder in place of the file would not
// help.
func (m *fileMapper) mountFile(r fileReference) {
	if r.use.UID != "" || r.use.GID != "" || r.use.Mode != nil {
		m.warn(r.subject(), "uid, gid and mode are ignored: the file is mounted as it is on the host")
	}
	m.requireSource(r.defined.File, r.subject())
	m.addMount(mount.Mount{
		Type: mount.TypeBind, Source: r.defined.File, Target: r.target(), ReadOnly: true, BindOptions: &mount.BindOptions{},
	})
}

// addCopiedFile adds the content of a file. compose-go has read the content from the environment or from the compose
// file. The planner leaves out the files of empty variables.
func (m *fileMapper) addCopiedFile(r fileReference) error {
	if r.defined.Content == "" && r.defined.Environment != "" {
		return fmt.Errorf("the environment variable %s is not set", r.defined.Environment)
	}
	if m.service.ReadOnly {
		return errors.New("cannot be copied into a read_only container: only file can be used there")
	}
	uid, errUID := number("uid", r.use.UID)
	gid, errGID := number("gid", r.use.GID)
	if err := errors.Join(errUID, errGID); err != nil {
		return err
	}
	mode := int64(0o444)
	if r.use.Mode != nil {
		mode = int64(*r.use.Mode)
	}
	target := r.target()
	if tmpfs := coveringTmpfs(m.service, target); tmpfs != "" {
		m.warn(r.subject(), "cannot be seen at %s: the tmpfs on %s lies over it", target, tmpfs)
	}
	file := copyFile{Path: target, Content: []byte(r.defined.Content), Mode: mode, UID: uid, GID: gid}
	m.copied = append(m.copied, file)
	return nil
}

// coveringTmpfs returns the tmpfs that hides a file after the start of the container.
func coveringTmpfs(service types.ServiceConfig, file string) string {
	var mounted []string
	for _, spec := range service.Tmpfs {
		target, _, _ := strings.Cut(spec, ":")
		mounted = append(mounted, target)
	}
	for _, v := range service.Volumes {
		if v.Type == types.VolumeTypeTmpfs {
			mounted = append(mounted, v.Target)
		}
	}
	i := slices.IndexFunc(mounted, func(dir string) bool { return strings.HasPrefix(file, path.Clean(dir)+"/") })
	if i < 0 {
		return ""
	}
	return mounted[i]
}

func number(field, text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no number; names are not known to the engine", field, text)
	}
	return n, nil
}

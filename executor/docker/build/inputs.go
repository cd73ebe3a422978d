package build

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	contentlocal "github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/moby/buildkit/client/ociindex"
	"github.com/tonistiigi/fsutil"

	"tasks/internal/dockerfile"
)

// BuildKit's names for the two folders of a build. BuildKit first reads .dockerignore, or <Dockerfile>.dockerignore,
// and then requests the other files. Ignored files are not sent.
const (
	contextMount    = "context"
	dockerfileMount = "dockerfile"
)

// inputs finds the context and the Dockerfile.
func (p *buildPlan) inputs() error {
	c := p.request.Config
	remote := isRemote(c.Context)
	if remote {
		p.options.setAttr("context", c.Context)
	} else {
		files, err := contextFolder(c.Context)
		if err != nil {
			return p.request.errorAt(err, "context")
		}
		p.options.addFiles(contextMount, files)
		p.options.SharedKey = filepath.Base(c.Context)
	}
	switch {
	case c.DockerfileInline != "" && c.Dockerfile != "":
		return p.request.errorAt(errors.New("it and build.dockerfile exclude each other"), "dockerfile_inline")
	case c.DockerfileInline != "":
		p.dockerfile, p.dockerfileText = "dockerfile_inline", []byte(c.DockerfileInline)
		p.sendDockerfile("Dockerfile", folderOf(map[string][]byte{"Dockerfile": p.dockerfileText}))
		return nil
	case remote && !filepath.IsAbs(c.Dockerfile):
		p.dockerfile = cmp.Or(c.Dockerfile, "Dockerfile")
		p.options.setAttr("filename", p.dockerfile)
		return nil
	}
	return p.localDockerfile(c.Context, c.Dockerfile)
}

// localDockerfile sends the Dockerfile. The file may be outside the context.
func (p *buildPlan) localDockerfile(context, name string) error {
	path := dockerfile.Path(context, name)
	content, err := readThroughLinks(path)
	if err != nil {
		return p.request.errorAt(err, "dockerfile")
	}
	folder, err := dockerfileFolder(path, content)
	if err != nil {
		return p.request.errorAt(err, "dockerfile")
	}
	p.dockerfile, p.dockerfileText = path, content
	p.sendDockerfile(filepath.Base(path), folder)
	return nil
}

// sendDockerfile offers the folder of the Dockerfile to BuildKit.
func (p *buildPlan) sendDockerfile(name string, folder fsutil.FS) {
	p.options.setAttr("filename", name)
	p.options.setAttr("dockerfilekey", dockerfileMount)
	p.options.addFiles(dockerfileMount, folder)
}

// isRemote reports whether BuildKit fetches a context: a repository of git, or a URL.
func isRemote(context string) bool {
	for _, prefix := range []string{"http://", "https://", "git://", "ssh://", "git@", "github.com/"} {
		if strings.HasPrefix(context, prefix) {
			return true
		}
	}
	return false
}

func (p *buildPlan) additionalContexts() error {
	contexts := p.request.Config.AdditionalContexts
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(contexts)) {
		errs = append(errs, p.request.errorAt(p.additionalContext(name, contexts[name]), "additional_contexts", name))
	}
	p.options.setAttr("frontend.caps", "moby.buildkit.frontend.contexts+forward")
	return errors.Join(errs...)
}

// additionalContext never sees service:x, because the planner has replaced x by the name of x's image.
func (p *buildPlan) additionalContext(name, source string) error {
	layout, isLayout := strings.CutPrefix(source, "oci-layout://")
	switch {
	case isLayout:
		return p.imageLayout(name, layout)
	case strings.HasPrefix(source, "docker-image://"), isRemote(source):
		p.options.setAttr("context:"+name, source)
		return nil
	}
	files, err := contextFolder(source)
	if err != nil {
		return err
	}
	mount := "_" + name // unlike the two names above
	p.options.addFiles(mount, files)
	p.options.setAttr("context:"+name, "local:"+mount)
	return nil
}

// imageLayout offers an image from a folder in the layout of the Open Container Initiative: path[:tag][@digest].
func (p *buildPlan) imageLayout(name, source string) error {
	source, digest, _ := strings.Cut(source, "@")
	path, tag, _ := strings.Cut(source, ":")
	path, tag = p.request.absolute(path), cmp.Or(tag, "latest")
	if digest == "" {
		found, err := layoutDigest(path, tag)
		if err != nil {
			return err
		}
		digest = found
	}
	store, err := contentlocal.NewStore(path)
	if err != nil {
		return err
	}
	if p.options.OCIStores == nil {
		p.options.OCIStores = map[string]content.Store{}
	}
	p.options.OCIStores["_"+name] = store
	p.options.setAttr("context:"+name, "oci-layout://_"+name+":"+tag+"@"+digest)
	p.requireImageStore("oci-layout://", "additional_contexts", name)
	return nil
}

// layoutDigest finds the image of a tag, or the only image.
func layoutDigest(path, tag string) (string, error) {
	index := ociindex.NewStoreIndex(path)
	image, err := index.Get(tag)
	if err == nil && image == nil {
		image, err = index.GetSingle()
	}
	if err != nil {
		return "", err
	}
	if image == nil {
		return "", fmt.Errorf("%s has several images, and none is tagged %s", path, tag)
	}
	return image.Digest.String(), nil
}

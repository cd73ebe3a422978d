package build

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	contentlocal "github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/moby/buildkit/client/ociindex"
	"github.com/tonistiigi/fsutil"
)

// The names under which BuildKit asks for the two folders of a build. What .dockerignore, or <Dockerfile>.dockerignore,
// leaves out is not sent: BuildKit reads those files first, and then asks for the rest.
const (
	contextMount    = "context"
	dockerfileMount = "dockerfile"
)

// inputs finds the context and the Dockerfile.
func (p *buildPlan) inputs() error {
	c := p.request.Config
	remote := isRemote(c.Context)
	if remote {
		p.setAttr("context", c.Context)
	} else {
		if err := p.mount(contextMount, c.Context, "context"); err != nil {
			return err
		}
		p.options.SharedKey = filepath.Base(c.Context)
	}
	switch {
	case c.DockerfileInline != "" && c.Dockerfile != "":
		return p.errorAt(errors.New("it and build.dockerfile exclude each other"), "dockerfile_inline")
	case c.DockerfileInline != "":
		return p.inlineDockerfile(c.DockerfileInline)
	case remote && !filepath.IsAbs(c.Dockerfile):
		p.dockerfile = cmp.Or(c.Dockerfile, "Dockerfile")
		p.setAttr("filename", p.dockerfile)
		return nil
	}
	return p.localDockerfile(c.Context, c.Dockerfile)
}

// localDockerfile mounts the folder of the Dockerfile, which need not be within the context.
func (p *buildPlan) localDockerfile(context, dockerfile string) error {
	path := cmp.Or(dockerfile, "Dockerfile")
	if !filepath.IsAbs(path) {
		path = filepath.Join(context, path)
	}
	if dockerfile == "" {
		path = lowercaseFallback(path)
	}
	if _, err := os.Stat(path); err != nil {
		return p.errorAt(err, "dockerfile")
	}
	p.dockerfile = path
	p.setAttr("filename", filepath.Base(path))
	p.setAttr("dockerfilekey", dockerfileMount)
	return p.mount(dockerfileMount, filepath.Dir(path), "dockerfile")
}

// lowercaseFallback takes a file called "dockerfile" where there is no "Dockerfile", as the docker command does.
func lowercaseFallback(path string) string {
	small := filepath.Join(filepath.Dir(path), "dockerfile")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if _, err := os.Stat(small); err == nil {
		return small
	}
	return path
}

// inlineDockerfile writes the text to a folder of its own for BuildKit to ask for.
func (p *buildPlan) inlineDockerfile(text string) error {
	dir, err := os.MkdirTemp("", "tasks-dockerfile-")
	if err != nil {
		return p.errorAt(err, "dockerfile_inline")
	}
	p.cleanups = append(p.cleanups, func() { os.RemoveAll(dir) })
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o600); err != nil {
		return p.errorAt(err, "dockerfile_inline")
	}
	p.dockerfile = "dockerfile_inline"
	p.setAttr("filename", "Dockerfile")
	p.setAttr("dockerfilekey", dockerfileMount)
	return p.mount(dockerfileMount, dir, "dockerfile_inline")
}

// mount offers a folder under a name; attribute leads to where the compose file has it.
func (p *buildPlan) mount(name, dir string, attribute ...string) error {
	files, err := fsutil.NewFS(dir)
	if err != nil {
		return p.errorAt(err, attribute...)
	}
	p.addFiles(name, files)
	return nil
}

func (p *buildPlan) addFiles(name string, files fsutil.FS) {
	if p.options.LocalMounts == nil {
		p.options.LocalMounts = map[string]fsutil.FS{}
	}
	p.options.LocalMounts[name] = files
}

// isRemote says that a context is fetched by BuildKit: a repository of git, or a URL.
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
		errs = append(errs, p.errorAt(p.additionalContext(name, contexts[name]), "additional_contexts", name))
	}
	p.setAttr("frontend.caps", "moby.buildkit.frontend.contexts+forward")
	return errors.Join(errs...)
}

// additionalContext has no service:x to deal with: the planner has put the image of x in its place.
func (p *buildPlan) additionalContext(name, source string) error {
	layout, isLayout := strings.CutPrefix(source, "oci-layout://")
	switch {
	case isLayout:
		return p.imageLayout(name, layout)
	case strings.HasPrefix(source, "docker-image://"), isRemote(source):
		p.setAttr("context:"+name, source)
		return nil
	}
	files, err := fsutil.NewFS(source)
	if err != nil {
		return err
	}
	mount := "_" + name // so that it is neither of the two above
	p.addFiles(mount, files)
	p.setAttr("context:"+name, "local:"+mount)
	return nil
}

// imageLayout offers an image of a folder in the layout of the Open Container Initiative: path[:tag][@digest].
func (p *buildPlan) imageLayout(name, source string) error {
	source, digest, _ := strings.Cut(source, "@")
	path, tag, _ := strings.Cut(source, ":")
	path, tag = p.absolute(path), cmp.Or(tag, "latest")
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
	p.setAttr("context:"+name, "oci-layout://_"+name+":"+tag+"@"+digest)
	p.requireImageStore("oci-layout://", "additional_contexts", name)
	return nil
}

// layoutDigest finds the image of a tag, or the only one.
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

package build

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tonistiigi/fsutil"
)

// The names under which BuildKit asks for the two folders of a build. What .dockerignore, or <Dockerfile>.dockerignore,
// leaves out is not sent: BuildKit reads those files first, and then asks for the rest.
const (
	contextMount    = "context"
	dockerfileMount = "dockerfile"
)

// inputs finds the context and the Dockerfile.
func (p *plan) inputs() error {
	c := p.request.Config
	remote := isRemote(c.Context)
	if remote {
		p.attr("context", c.Context)
	} else {
		if err := p.mount(contextMount, "context", c.Context); err != nil {
			return err
		}
		p.options.SharedKey = filepath.Base(c.Context)
	}
	switch {
	case c.DockerfileInline != "" && c.Dockerfile != "":
		return fmt.Errorf("build.dockerfile and build.dockerfile_inline exclude each other")
	case c.DockerfileInline != "":
		return p.inlineDockerfile(c.DockerfileInline)
	case remote && !filepath.IsAbs(c.Dockerfile):
		p.dockerfile = cmp.Or(c.Dockerfile, "Dockerfile")
		p.attr("filename", p.dockerfile)
		return nil
	}
	return p.localDockerfile(c.Context, c.Dockerfile)
}

// localDockerfile mounts the folder of the Dockerfile, which need not be within the context.
func (p *plan) localDockerfile(context, dockerfile string) error {
	path := cmp.Or(dockerfile, "Dockerfile")
	if !filepath.IsAbs(path) {
		path = filepath.Join(context, path)
	}
	if dockerfile == "" {
		path = withoutCapital(path)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("build.dockerfile: %w", err)
	}
	p.dockerfile = path
	p.attr("filename", filepath.Base(path))
	p.attr("dockerfilekey", dockerfileMount)
	return p.mount(dockerfileMount, "dockerfile", filepath.Dir(path))
}

// withoutCapital takes a file called "dockerfile" where there is no "Dockerfile", as the docker command does.
func withoutCapital(path string) string {
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
func (p *plan) inlineDockerfile(text string) error {
	dir, err := os.MkdirTemp("", "tasks-dockerfile-")
	if err != nil {
		return fmt.Errorf("build.dockerfile_inline: %w", err)
	}
	p.temporary = append(p.temporary, func() { os.RemoveAll(dir) })
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o600); err != nil {
		return fmt.Errorf("build.dockerfile_inline: %w", err)
	}
	p.dockerfile = "dockerfile_inline"
	p.attr("filename", "Dockerfile")
	p.attr("dockerfilekey", dockerfileMount)
	return p.mount(dockerfileMount, "dockerfile_inline", dir)
}

func (p *plan) mount(name, attribute, dir string) error {
	files, err := fsutil.NewFS(dir)
	if err != nil {
		return fmt.Errorf("build.%s: %w", attribute, err)
	}
	if p.options.LocalMounts == nil {
		p.options.LocalMounts = map[string]fsutil.FS{}
	}
	p.options.LocalMounts[name] = files
	return nil
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

func (p *plan) additionalContexts() error {
	contexts := p.request.Config.AdditionalContexts
	if len(contexts) == 0 {
		return nil
	}
	if err := p.need("additional_contexts"); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(contexts)) {
		if err := p.additionalContext(name, contexts[name]); err != nil {
			return err
		}
	}
	p.attr("frontend.caps", "moby.buildkit.frontend.contexts+forward")
	return nil
}

func (p *plan) additionalContext(name, source string) error {
	switch {
	case strings.HasPrefix(source, "service:"):
		return fmt.Errorf("build.additional_contexts: %s: %q is not supported yet; build and name that image first, and write docker-image://<name>", name, source)
	case strings.HasPrefix(source, "oci-layout://"):
		return fmt.Errorf("build.additional_contexts: %s: %q: image layouts are not supported; load the image, and write docker-image://<name>", name, source)
	case strings.HasPrefix(source, "docker-image://"), strings.HasPrefix(source, "target:"), isRemote(source):
		p.attr("context:"+name, source)
		return nil
	}
	mount := "_" + name // so that it is neither of the two above
	p.attr("context:"+name, "local:"+mount)
	return p.mount(mount, "additional_contexts: "+name, source)
}
